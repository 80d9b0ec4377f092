/** A value of the wire, unless it is `null` or empty text: the vendor writes an absent one in either way. */
export const known = <A>(value: A): Exclude<A, null | undefined | ""> | undefined =>
  value === null || value === undefined || value === ""
    ? undefined
    : (value as Exclude<A, null | undefined | "">)
