/** Writes the answers of the emulated services, and reads bodies. */
import type * as Emulator from "@cloud-quota/core/testing/Emulator"
import * as Json from "@cloud-quota/core/Json"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as BigDecimal from "effect/BigDecimal"
import * as Result from "effect/Result"
import { isRecord } from "./quota.ts"
import type { Refusal } from "./refusal.ts"

/** A value in an answer. A `BigDecimal` becomes a JSON number, digit for digit. */
export type Answer =
  | string
  | number
  | boolean
  | null
  | BigDecimal.BigDecimal
  | ReadonlyArray<Answer>
  | { readonly [name: string]: Answer | undefined }

/** An answer with a body. */
export const json = (status: number, body: Answer): Emulator.WireResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: toJson(body)
})

/** An answer without a body. */
export const done: Emulator.WireResponse = { status: 200, headers: {}, body: "" }

/**
 * A refusal. A gateway and version 5 of IAM include the request's id in the body; the other services do not.
 * Version 3 of IAM has its own format, with a number as code.
 */
export const writeRefusal = (refusal: Refusal, requestId: string): Emulator.WireResponse => {
  const { status, code, message } = refusal
  if (refusal.title !== undefined) {
    return json(status, { error: { code: Number(code), message, title: refusal.title } })
  }
  const tellsId = code.startsWith("APIGW.") || code.startsWith("PAP5.")
  return json(status, {
    error_code: code,
    error_msg: message,
    ...(tellsId ? { request_id: requestId } : {})
  })
}

/** Returns all digits of a decimal. */
export const digits = (amount: BigDecimal.BigDecimal): string => Quantity.make("", amount).toJSON().amount

/** Reads a body that is a JSON object with no other fields than these. */
export const decodeBody = <Field extends string>(
  text: string,
  fields: ReadonlyArray<Field>,
  invalidBody: Refusal,
  invalid: (detail: string) => Refusal
): Result.Result<Readonly<Record<Field, unknown>>, Refusal> => {
  const body = Json.parse(text)
  if (Result.isFailure(body) || !isRecord(body.success)) return Result.fail(invalidBody)
  const unknown = Object.keys(body.success).find((name) => !fields.some((field) => field === name))
  if (unknown !== undefined) return Result.fail(invalid(`${unknown} is unknown`))
  return Result.succeed(body.success as Record<Field, unknown>)
}

// JSON.stringify would convert a decimal to a double.
const toJson = (value: Answer): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  if (BigDecimal.isBigDecimal(value)) return digits(value)
  if (isList(value)) return `[${value.map(toJson).join(",")}]`
  const fields = Object.entries(value).flatMap(([name, field]) =>
    field === undefined ? [] : [`${JSON.stringify(name)}:${toJson(field)}`]
  )
  return `{${fields.join(",")}}`
}

const isList = (value: Answer): value is ReadonlyArray<Answer> => Array.isArray(value)
