/** The parameters of a request as flat texts, and the form that is made and signed of them. */
import { createHash } from "node:crypto"
import * as BigDecimal from "effect/BigDecimal"
import * as Quantity from "@cloud-quota/core/Quantity"

/** A parameter's value. Absent values (`null`, `undefined`) are skipped, at the top level only. */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | ReadonlyArray<Value>
  | { readonly [key: string]: Value }

/** The parameters of a request, as a caller writes them. */
export type Params = Readonly<Record<string, Value>>

/**
 * Thrown for a parameter that has no exact text, which is a mistake in the program. `key` names the
 * parameter.
 */
export class ParamError extends TypeError {
  override readonly name = "ParamError"
  readonly key: string
  constructor(key: string, message: string) {
    super(`${key}: ${message}`)
    this.key = key
  }
}

/** Returns the signed form of a request, as it is sent. Throws {@link ParamError}. */
export const signedForm = (params: Params, privateKey: string): string => {
  const flat = texts(params)
  let form = ""
  for (const [key, text] of flat) form += `${formText(key)}=${formText(text)}&`
  return `${form}Signature=${signatureOf(flat, privateKey)}`
}

/** Encodes a text as a form has it. Most texts stay as they are. */
const formText = (text: string): string =>
  /^[\w.*-]*$/.test(text) ? text : new URLSearchParams([["", text]]).toString().slice(1)

/** Returns the signature of flat parameters. */
export const signatureOf = (flat: ReadonlyMap<string, string>, privateKey: string): string =>
  createHash("sha1")
    .update(joined(flat) + privateKey)
    .digest("hex")

/**
 * Returns the text that is hashed, without the private key. Bytes of UTF-8 have the order of UTF-16, unless there
 * are surrogates.
 */
export const joined = (flat: ReadonlyMap<string, string>): string => {
  const keys = Array.from(flat.keys())
  if (keys.some((key) => /[\ud800-\udfff]/.test(key))) {
    keys.sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
  } else keys.sort()
  let text = ""
  for (const key of keys) text += key + flat.get(key)
  return text
}

/** Returns the parameters as they are sent: by their paths, as texts. Throws {@link ParamError}. */
export const texts = (params: Params): ReadonlyMap<string, string> => {
  const flat = new Map<string, string>()
  for (const key of Object.keys(params)) {
    const value = params[key]
    if (value !== null && value !== undefined) add(flat, key, value)
  }
  return flat
}

const add = (flat: Map<string, string>, path: string, value: Value): void => {
  if (isList(value)) {
    // By index, so that the holes of a list are visited too.
    for (let index = 0; index < value.length; index += 1) {
      const item = value[index]
      if (isList(item))
        throw new ParamError(`${path}.${index}`, "a list in a list cannot be sent: flatten it")
      add(flat, `${path}.${index}`, item)
    }
  } else if (isPlainObject(value)) {
    for (const key of Object.keys(value)) add(flat, `${path}.${key}`, value[key])
  } else {
    if (flat.has(path)) throw new ParamError(path, "is given twice, in two spellings: give it once")
    flat.set(path, textOf(path, value))
  }
}

const textOf = (key: string, value: Value): string => {
  if (typeof value === "string") return value
  if (typeof value === "boolean" || typeof value === "bigint") return `${value}`
  if (typeof value === "number") return numberText(key, value)
  const what = value === null || value === undefined ? String(value) : "a value of this kind"
  throw new ParamError(key, `${what} cannot be sent: give a text, a number, a bigint or a boolean`)
}

const isList = (value: Value): value is ReadonlyArray<Value> => Array.isArray(value)

const isPlainObject = (value: Value): value is { readonly [key: string]: Value } => {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A double keeps every decimal with this many digits. */
const exactDigits = 15

const numberText = (key: string, value: number): string => {
  if (Number.isSafeInteger(value)) return `${value}`
  if (!Number.isFinite(value)) throw new ParamError(key, `${value} is not a number that can be sent`)
  const exact = BigDecimal.normalize(BigDecimal.fromStringUnsafe(String(value)))
  if (Number.isInteger(value) && digitsOf(exact) > exactDigits) {
    throw new ParamError(key, "the number is too large to be exact: write it as a bigint")
  }
  return String(Quantity.make("count", exact))
}

const digitsOf = (exact: BigDecimal.BigDecimal): number => `${exact.value}`.replace("-", "").length
