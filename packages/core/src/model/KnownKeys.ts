/**
 * Checks the keys of objects that callers pass. An unknown key is refused: a misspelled `expected` would
 * guard nothing, and a misspelled endpoint would send to the real cloud.
 */
import { nearest } from "./nearest.ts"
import { setField } from "./setField.ts"

/** All keys that an object of this type can have. */
export type Names<T> = { readonly [Key in T extends unknown ? keyof T : never]-?: true }

/** Why an object is refused: the invalid field, and the remedy. */
export interface KeyProblem {
  readonly field: string
  readonly message: string
}

/**
 * Returns the first unknown key, and suggests the most similar known one. Returns `undefined` if all keys are
 * known. `subject` names the object as a whole, for values that are not objects.
 *
 * @example
 * import * as KnownKeys from "@cloud-quota/core/adapter/KnownKeys"
 *
 * const keys: KnownKeys.Names<{ readonly run?: string; readonly cap?: string }> = { run: true, cap: true }
 * KnownKeys.problem({ rnu: "topup/2026-12" }, keys)?.message // => "is not known here: did you mean run?"
 */
export const problem = (
  value: unknown,
  keys: Readonly<Record<string, true>>,
  subject = "options"
): KeyProblem | undefined => {
  const known = Object.keys(keys)
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { field: subject, message: `give an object with any of ${known.join(", ")}, or leave it out` }
  }
  const field = Object.keys(value).find((key) => !Object.hasOwn(keys, key))
  if (field === undefined) return undefined
  const meant = nearest(field, known)
  const hint = meant === undefined ? `the keys are ${known.join(", ")}` : `did you mean ${meant}?`
  return { field, message: `is not known here: ${hint}` }
}

/** Throws a `RangeError` that names the first unknown key. For functions without an error channel. */
export const check = (value: unknown, keys: Readonly<Record<string, true>>, subject = "options"): void => {
  const found = problem(value, keys, subject)
  if (found !== undefined) throw new RangeError(`${found.field}: ${found.message}`)
}

/** The same without the fields that are `undefined`. */
export const defined = <T extends object>(row: T): { [K in keyof T]?: Exclude<T[K], undefined> } => {
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(row)) if (value !== undefined) setField(kept, key, value)
  return kept as { [K in keyof T]?: Exclude<T[K], undefined> }
}
