/**
 * What the types of a client say that is made from operations: checked, and never run. They hold the casts of
 * `Operation.client` and `Pages.streams`.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import type * as Operation from "@cloud-quota/core/adapter/Operation"
import type * as Pages from "@cloud-quota/core/adapter/Pages"
import { type Effect, Schema, type Stream } from "effect"

const page = {
  rows: "Rows",
  offset: "Offset",
  limit: "Limit",
  largest: 100,
  total: ["Total"],
  key: ({ Id }: { readonly Id: number }) => `${Id}`
} as const

const operations = {
  list: {
    name: "List",
    safety: "read",
    request: Schema.Struct({ Word: Schema.optionalKey(Schema.String) }),
    answer: Schema.Struct({ Total: Lenient.Whole }),
    rows: { field: "Rows", row: Schema.Struct({ Id: Lenient.Whole, Amount: Lenient.Fen }) },
    page,
    doc: "Rows.",
    source: "List"
  },
  put: {
    name: "Put",
    safety: "delta",
    request: Schema.Struct({ Id: Lenient.Whole, Amount: Lenient.Fen }),
    answer: Schema.Struct({}),
    doc: "Puts.",
    source: "Put"
  }
} as const

declare const client: Operation.Client<typeof operations>
declare const stream: Pages.Streams<typeof operations>

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
type Success<T> = T extends Effect.Effect<infer A, CloudQuotaError> ? A : never

const list = () => client.list()
export const whole: Same<Success<ReturnType<typeof list>>["Total"], number> = true
export const rows: Same<
  Success<ReturnType<typeof list>>["Rows"],
  ReadonlyArray<{ readonly Id: number; readonly Amount: Quantity.Quantity }>
> = true
export const odd: Same<
  Success<ReturnType<typeof list>>["unreadable"],
  ReadonlyArray<Operation.Unreadable>
> = true
export const words: Effect.Effect<object, CloudQuotaError> = client.list({ Word: "a" })
export const put = client.put({ Id: 1, Amount: Quantity.cny(1) })
// @ts-expect-error -- a request with a required field
client.put()
// @ts-expect-error -- an amount is a quantity
client.put({ Id: 1, Amount: 100 })
// @ts-expect-error -- fields are as on the wire
client.put({ id: 1, Amount: Quantity.cny(1) })
// @ts-expect-error -- an answer that has no rows has none that are unreadable
export const none = (answer: Success<typeof put>) => answer.unreadable
// @ts-expect-error -- what does not come in pages is no stream
stream.put({})
export const pages: Stream.Stream<
  { readonly Id: number; readonly Amount: Quantity.Quantity; readonly raw: Operation.Fields },
  CloudQuotaError
> = stream.list({ Word: "a" })
