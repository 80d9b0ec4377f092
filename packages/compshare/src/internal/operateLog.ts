/**
 * The team's operate log as a second witness of grants and withdrawals: counted, never read closely,
 * since its texts are free. Where anything about it is not as expected, it is no witness at all.
 */
import { CloudQuotaError, MalformedResponse } from "@cloud-quota/core/CloudQuotaError"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Service } from "../CompShareClient.ts"
import { provider } from "./settings.ts"

/** The words for grants and withdrawals, as the vendor's pages and its API have them. */
const moves = new Set(["分配金额", "提取金额", "allocateamount", "withdrawamount"])

/** The words for everything else. An entry in other words might be about money, for all that is known. */
const others = new Set([
  "创建团队",
  "更新团队",
  "发送邀请",
  "取消邀请",
  "接受邀请",
  "拒绝邀请",
  "invitemember"
])

const succeeded = new Set(["成功", "success", "succeeded"])
const failed = new Set(["失败", "fail", "failed", "failure"])

const pageSize = 100

/** More than this is not counted: it would take too long, and change too often meanwhile. */
const mostEntries = 2_000

/** How often it is counted anew when entries arrive between its pages. */
const attempts = 3

/** The provider's clock may be ahead of ours. */
const aheadSeconds = 7 * 24 * 3600

const Page = Schema.Struct({
  Total: Schema.Number,
  Logs: Schema.optional(
    Schema.NullOr(Schema.Array(Schema.Struct({ OperateType: Schema.String, Status: Schema.String })))
  )
})
type Page = typeof Page.Type
type Row = NonNullable<Page["Logs"]>[number]

const decodePage = Schema.decodeUnknownOption(Page)

/**
 * How many grants and withdrawals of the team succeeded since then. `undefined` where that cannot be
 * told: words that are not known, too many entries, or pages that do not add up to the total.
 */
export const countMoves = Effect.fnUntraced(function* (
  client: Service,
  teamId: number,
  since: DateTime.Utc
): Effect.fn.Return<number | undefined, CloudQuotaError> {
  const BeginTime = Math.floor(DateTime.toEpochMillis(since) / 1000)
  const EndTime = Math.floor((yield* Clock.currentTimeMillis) / 1000) + aheadSeconds
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const rows = yield* readAll(client, { TeamId: teamId, BeginTime, EndTime })
    if (rows !== undefined) return countIn(rows)
  }
  return undefined
})

/** All entries, or `undefined` if they do not add up. */
const readAll = Effect.fnUntraced(function* (
  client: Service,
  query: { readonly TeamId: number; readonly BeginTime: number; readonly EndTime: number }
): Effect.fn.Return<ReadonlyArray<Row> | undefined, CloudQuotaError> {
  const action = "ListCompShareTeamOperateLog"
  const rows: Array<Row> = []
  for (let total: number | undefined; ; ) {
    const page = { Limit: pageSize, Offset: rows.length, OrderByASC: true }
    const { fields, requestId } = yield* client.call(action, { ...query, ...page }, { safety: "read" })
    const decoded = decodePage(fields)
    if (decoded._tag === "None") {
      return yield* new CloudQuotaError({
        provider,
        operation: action,
        money: "not-moved",
        reason: new MalformedResponse({ message: "the operate log is not of the documented shape" }),
        ...(requestId === undefined ? {} : { requestId })
      })
    }
    const { Logs, Total } = decoded.value
    // An entry that arrives between two pages shifts them.
    if ((total !== undefined && Total !== total) || Total > mostEntries) return undefined
    total = Total
    rows.push(...(Logs ?? []))
    if (rows.length === total) return rows
    if (rows.length > total || (Logs ?? []).length === 0) return undefined
  }
})

/** How many of them moved money, or `undefined` if there is one of which that cannot be told. */
const countIn = (rows: ReadonlyArray<Row>): number | undefined => {
  const known = rows.every(({ OperateType, Status }) => {
    const type = OperateType.toLowerCase()
    const status = Status.toLowerCase()
    return others.has(type) || (moves.has(type) && (succeeded.has(status) || failed.has(status)))
  })
  const moved = ({ OperateType, Status }: Row) =>
    moves.has(OperateType.toLowerCase()) && succeeded.has(Status.toLowerCase())
  return known ? rows.filter(moved).length : undefined
}
