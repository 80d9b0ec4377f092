/** The fields that have a value: `exactOptionalPropertyTypes` tells an absent field from `undefined`. */
export const optional = <A extends Readonly<Record<string, unknown>>>(
  fields: A
): { readonly [K in keyof A]?: Exclude<A[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof A]?: Exclude<A[K], undefined>
  }
