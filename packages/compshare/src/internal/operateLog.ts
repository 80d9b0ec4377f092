/**
 * The team's operate log as a second witness of grants and withdrawals: counted, never read closely,
 * since its texts are free.
 */
import { CloudQuotaError, MalformedResponse } from "@cloud-quota/core/CloudQuotaError"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Service } from "../CompShareClient.ts"
import { provider } from "./settings.ts"

/** Which words the vendor uses for these entries is not documented well: its page's and its API's are known. */
const moves = /分配|提取|allocate|withdraw/i
const succeeded = /成功|success/i

const pageSize = 100

/** The provider's clock may be ahead of ours. */
const aheadSeconds = 3600

const Page = Schema.Struct({
  Total: Schema.optional(Schema.Number),
  Logs: Schema.optional(
    Schema.NullOr(Schema.Array(Schema.Struct({ OperateType: Schema.String, Status: Schema.String })))
  ),
  OperateTypeList: Schema.optional(Schema.Unknown)
})
const decodePage = Schema.decodeUnknownOption(Page)

/**
 * How many grants and withdrawals of the team succeeded since then. `undefined` if the log does not
 * speak of them in words that are known: then it is no witness.
 */
export const countMoves = Effect.fnUntraced(function* (
  client: Service,
  teamId: number,
  since: DateTime.Utc
): Effect.fn.Return<number | undefined, CloudQuotaError> {
  const action = "ListCompShareTeamOperateLog"
  const BeginTime = Math.floor(DateTime.toEpochMillis(since) / 1000)
  const EndTime = Math.floor((yield* Clock.currentTimeMillis) / 1000) + aheadSeconds
  let count = 0
  for (let Offset = 0; ; Offset += pageSize) {
    const params = { TeamId: teamId, BeginTime, EndTime, Limit: pageSize, Offset }
    const { fields, requestId } = yield* client.call(action, params, { safety: "read" })
    const page = decodePage(fields)
    if (page._tag === "None") {
      return yield* new CloudQuotaError({
        provider,
        operation: action,
        money: "not-moved",
        reason: new MalformedResponse({ message: "the operate log is not of the documented shape" }),
        ...(requestId === undefined ? {} : { requestId })
      })
    }
    const { Logs, OperateTypeList } = page.value
    // What kinds of entries there are: a list on one page of the vendor's, a map on another.
    if (!moves.test(JSON.stringify(OperateTypeList ?? ""))) return undefined
    const rows = Logs ?? []
    count += rows.filter(
      ({ OperateType, Status }) => moves.test(OperateType) && succeeded.test(Status)
    ).length
    if (rows.length < pageSize) return count
  }
})
