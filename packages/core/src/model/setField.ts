/** Sets a field of an object, whatever its name is. */
export const setField = (fields: Record<string, unknown>, key: string, value: unknown): void => {
  if (key !== "__proto__") fields[key] = value
  // An assignment would not create a field.
  else Object.defineProperty(fields, key, { value, writable: true, enumerable: true, configurable: true })
}
