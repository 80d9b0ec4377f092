/**
 * Signs CompShare requests: the parameters are flattened, sorted by key, and joined without any separator,
 * followed by the private key; the result is hashed with SHA-1.
 *
 * The signed texts must be the texts that are sent. Call {@link flatten} first, and send its result.
 */
import { createHash } from "node:crypto"
import * as BigDecimal from "effect/BigDecimal"
import * as Redacted from "effect/Redacted"
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

/**
 * Returns the parameters as they are sent: lists as `Key.0`, `Key.1`, objects as `Key.Sub`, and every value
 * as text. Empty lists and objects vanish. Throws {@link ParamError}.
 *
 * Numbers are written in plain decimals. A whole number above 2^53 is accepted only if it has at most 15
 * digits before its trailing zeros, because others may already have lost digits: write those as a `bigint`.
 *
 * @example
 * import { Signature } from "@cloud-quota/compshare"
 *
 * Signature.flatten({ TeamId: 1001, VirtualCompanyId: [60001, 60002] })
 * // => { TeamId: "1001", "VirtualCompanyId.0": "60001", "VirtualCompanyId.1": "60002" }
 */
export const flatten = (params: Params): Readonly<Record<string, string>> => {
  const flat = new Map<string, string>()
  for (const [key, value] of Object.entries(params)) {
    if (value === null || value === undefined) continue
    for (const [path, text] of leaves(key, value)) {
      if (flat.has(path)) throw new ParamError(path, "is given twice, in two spellings: give it once")
      flat.set(path, text)
    }
  }
  return Object.fromEntries(flat)
}

/** Returns the hashed text without the private key: every key and value, sorted by the bytes of the key. */
export const stringToSign = (params: Params): string =>
  Object.entries(flatten(params))
    .sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    .flat()
    .join("")

/**
 * Returns the signature: SHA-1 in lower-case hexadecimal digits. Throws {@link ParamError}.
 *
 * **Gotchas**
 *
 * The signature covers no time and no nonce, so it never expires: a signed body can be replayed by any
 * reader. Treat it like a key.
 *
 * @example
 * import { Signature } from "@cloud-quota/compshare"
 *
 * const signed = {
 *   Action: "DescribeUHostInstance",
 *   Region: "cn-bj2",
 *   Limit: 10,
 *   PublicKey: "ucloudsomeone@example.com1296235120854146120"
 * }
 * Signature.sign(signed, "46f09bb9fab4f12dfc160dae12273d5332b5debe")
 * // => "cba5cf5ec4d4233d206b1b54951e3787350a642f"
 */
export const sign = (params: Params, privateKey: Redacted.Redacted<string> | string): string => {
  const key = typeof privateKey === "string" ? privateKey : Redacted.value(privateKey)
  return createHash("sha1").update(stringToSign(params), "utf8").update(key, "utf8").digest("hex")
}

const leaves = (key: string, value: Value): ReadonlyArray<readonly [string, string]> => {
  if (typeof value === "string") return [[key, value]]
  if (typeof value === "boolean" || typeof value === "bigint") return [[key, `${value}`]]
  if (typeof value === "number") return [[key, numberText(key, value)]]
  if (isList(value)) {
    // By index, so that the holes of a list are visited too.
    return Array.from(value, (item, index) => {
      if (isList(item)) throw new ParamError(`${key}.${index}`, "a list in a list cannot be sent: flatten it")
      return leaves(`${key}.${index}`, item)
    }).flat()
  }
  if (isPlainObject(value)) {
    return Object.entries(value).flatMap(([name, item]) => leaves(`${key}.${name}`, item))
  }
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
  if (!Number.isFinite(value)) throw new ParamError(key, `${value} is not a number that can be sent`)
  const exact = BigDecimal.normalize(BigDecimal.fromStringUnsafe(String(value)))
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && digitsOf(exact) > exactDigits) {
    throw new ParamError(key, "the number is too large to be exact: write it as a bigint")
  }
  return String(Quantity.make("count", exact))
}

const digitsOf = (exact: BigDecimal.BigDecimal): number => `${exact.value}`.replace("-", "").length
