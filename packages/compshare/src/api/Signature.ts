/**
 * Signs CompShare requests: the parameters are flattened, sorted by key, and joined without any separator,
 * followed by the private key; the result is hashed with SHA-1.
 *
 * The signed texts must be the texts that are sent. Call {@link flatten} first, and send its result.
 */
import * as Redacted from "effect/Redacted"
import { ParamError, type Params, type Value, joined, signatureOf, texts } from "./params.ts"

export { ParamError, type Params, type Value }

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
export const flatten = (params: Params): Readonly<Record<string, string>> => Object.fromEntries(texts(params))

/** Returns the hashed text without the private key: every key and value, sorted by the bytes of the key. */
export const stringToSign = (params: Params): string => joined(texts(params))

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
export const sign = (params: Params, privateKey: Redacted.Redacted<string> | string): string =>
  signatureOf(texts(params), typeof privateKey === "string" ? privateKey : Redacted.value(privateKey))
