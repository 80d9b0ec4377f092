/**
 * The emulator's wire format: requests to flat parameters, signatures, and answers in JSON or as a file.
 *
 * Written from the vendor's documents alone and sharing nothing with the client, so that a mistake
 * in one of the two shows up as a disagreement.
 */
import { createHash } from "node:crypto"
import type { WireRequest, WireResponse } from "@cloud-quota/core/testing/Emulator"
import * as Json from "@cloud-quota/core/Json"
import * as Result from "effect/Result"
import { type RetCode, retCodes } from "./codes.ts"

/** A request that is refused as a whole, and changed nothing. */
export interface Refusal {
  readonly retCode: RetCode
  readonly message: string
}

/** The flat parameters of a request, each value as the signed text. */
export type Params = ReadonlyMap<string, string>

export const refuse = (retCode: RetCode, message: string): Result.Result<never, Refusal> =>
  Result.fail({ retCode, message })

/** The vendor has both 210 and 220 with this text, and does not document the difference. */
export const missing = (name: string) => refuse(retCodes.missing, `Missing params [${name}]`)

export const notAvailable = (name: string) => refuse(retCodes.notAvailable, `Params [${name}] not available`)

/**
 * Reads the body: a form, as the Python and Go clients send it, or a flat JSON object, as the JavaScript
 * client does. The query is ignored: Go repeats the action there, and it is not signed.
 */
export const readParams = (request: WireRequest): Result.Result<Params, Refusal> =>
  (request.headers["content-type"] ?? "").toLowerCase().startsWith("application/json")
    ? readJson(request.body)
    : readForm(request.body)

const readForm = (body: string): Result.Result<Params, Refusal> => {
  const params = new Map<string, string>()
  for (const [key, value] of new URLSearchParams(body)) {
    // Undocumented choice: no client repeats a key, and it is unknown which of the two was signed.
    if (params.has(key)) return notAvailable(key)
    params.set(key, value)
  }
  return Result.succeed(params)
}

const readJson = (body: string): Result.Result<Params, Refusal> => {
  const parsed = Json.parse(body)
  if (Result.isFailure(parsed)) return notAvailable("body")
  const object = parsed.success
  if (typeof object !== "object" || object === null || Array.isArray(object)) return notAvailable("body")
  const fields = Object.entries(object)
  const action = fields.find(([key]) => key === "Action")?.[1]
  const params = new Map<string, string>()
  for (const [key, value] of fields) {
    if (value === null) continue
    // The gateway accepts only flat names, as `VirtualCompanyId.0`. No action here has a fraction as a
    // parameter.
    const flat = typeof value === "string" || typeof value === "number" || typeof value === "bigint"
    if (!flat && typeof value !== "boolean") {
      return notAvailable(`api.${typeof action === "string" ? action : ""}.Request.${key}`)
    }
    params.set(key, String(value))
  }
  return Result.succeed(params)
}

/** The credentials that the emulator accepts. */
export interface Credentials {
  readonly publicKey: string
  readonly privateKey: string
  /** Set for temporary credentials: every request must then include it. */
  readonly securityToken?: string | undefined
}

/** The vendor's signature: SHA-1 over every parameter but the signature, sorted by the bytes of the name. */
export const signatureOf = (params: Params, privateKey: string): string => {
  const names = [...params.keys()].filter((name) => name !== "Signature").map((name) => Buffer.from(name))
  const hash = createHash("sha1")
  for (const name of names.sort(Buffer.compare)) {
    hash.update(name).update(params.get(name.toString()) ?? "")
  }
  return hash.update(privateKey).digest("hex")
}

/**
 * Refuses a request that was not signed with the private key. The order of the checks is an undocumented
 * choice.
 */
export const authenticate = (params: Params, credentials: Credentials): Result.Result<void, Refusal> => {
  const signature = params.get("Signature")
  if (signature === undefined || signature === "")
    return refuse(retCodes.missingSignature, "Missing Signature")
  if (params.get("PublicKey") !== credentials.publicKey) return refuse(retCodes.unknownKey, "User Not Exists")
  if (signature !== signatureOf(params, credentials.privateKey))
    return refuse(retCodes.wrongSignature, "Signature VerifyAC Error")
  if (params.get("SecurityToken") !== credentials.securityToken)
    return refuse(retCodes.unknownToken, "Token Not Exists")
  return Result.void
}

/** A number that is written into JSON digit for digit. */
export interface ExactNumber {
  readonly _tag: "ExactNumber"
  readonly text: string
}

/** A value in an answer. */
export type Answer =
  | string
  | number
  | bigint
  | boolean
  | ExactNumber
  | ReadonlyArray<Answer>
  | { readonly [name: string]: Answer | undefined }

/** JSON with whole numbers of any size: `JSON.stringify` is exact only up to 2^53. */
const toJson = (value: Answer): string => {
  if (typeof value === "bigint") return value.toString()
  if (typeof value !== "object") return JSON.stringify(value)
  if (isList(value)) return `[${value.map(toJson).join(",")}]`
  if (isExactNumber(value)) return value.text
  const fields = Object.entries(value).flatMap(([name, field]) =>
    field === undefined ? [] : [`${JSON.stringify(name)}:${toJson(field)}`]
  )
  return `{${fields.join(",")}}`
}

const isList = (value: Answer): value is ReadonlyArray<Answer> => Array.isArray(value)

const isExactNumber = (value: object): value is ExactNumber => "_tag" in value && value._tag === "ExactNumber"

/** Formats fen as the vendor writes yuan: with two decimals. */
export const yuan = (fen: bigint): string => {
  const digits = (fen < 0n ? -fen : fen).toString().padStart(3, "0")
  return `${fen < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** A file, which is sent unchanged instead of JSON. */
export interface Download {
  readonly _tag: "Download"
  readonly fileName: string
  readonly contentType: string
  readonly text: string
}

export const isDownload = (answer: Readonly<Record<string, Answer>> | Download): answer is Download =>
  answer["_tag"] === "Download"

/** An answer of the gateway, always with HTTP 200. */
export const respond = (requestId: string, answer: Answer): WireResponse => ({
  status: 200,
  headers: { "content-type": "application/json; charset=utf-8", "X-UCLOUD-REQUEST-UUID": requestId },
  body: toJson(answer)
})

/** A file of the gateway, with the headers that the vendor's page shows. */
export const respondWith = (requestId: string, { contentType, fileName, text }: Download): WireResponse => ({
  status: 200,
  headers: {
    "content-type": contentType,
    "content-disposition": `attachment; filename=${fileName}`,
    "X-UCLOUD-REQUEST-UUID": requestId
  },
  body: text
})
