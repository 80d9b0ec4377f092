/**
 * Returns a value of the wire, or `undefined` for `null` and empty text: the vendor writes an absent value in
 * either way.
 */
export const known = <A>(value: A): Exclude<A, null | undefined | ""> | undefined =>
  value === null || value === undefined || value === ""
    ? undefined
    : (value as Exclude<A, null | undefined | "">)
