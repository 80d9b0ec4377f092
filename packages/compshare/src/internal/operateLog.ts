/**
 * The team's operate log as a second witness of grants and withdrawals: counted, never read closely,
 * since its texts are free. Where anything about it is not as expected, it is no witness at all.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { Service } from "../CompShareClient.ts"
import type { TeamOperateLogEntry } from "../TeamOperateLog.ts"

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

/**
 * How many grants and withdrawals of the team succeeded since then. `undefined` where that cannot be
 * told: words that are not known, too many entries, or pages that do not add up to the total.
 */
export const countMoves = Effect.fnUntraced(function* (
  client: Service,
  teamId: number,
  since: DateTime.Utc
): Effect.fn.Return<number | undefined, CloudQuotaError> {
  // A clock that stands before 1970, or was set back since then, is no reason not to look.
  const beginTime = Math.max(0, Math.floor(DateTime.toEpochMillis(since) / 1000))
  const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
  const endTime = Math.max(now, beginTime) + aheadSeconds
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const rows = yield* readAll(client, { teamId, beginTime, endTime })
    if (rows !== undefined) return countIn(rows)
  }
  return undefined
})

/** All entries, or `undefined` if they do not add up. */
const readAll = Effect.fnUntraced(function* (
  client: Service,
  query: { readonly teamId: number; readonly beginTime: number; readonly endTime: number }
): Effect.fn.Return<ReadonlyArray<TeamOperateLogEntry> | undefined, CloudQuotaError> {
  const rows: Array<TeamOperateLogEntry> = []
  for (let earlier: number | undefined; ; ) {
    const page = { limit: pageSize, offset: rows.length, ascending: true }
    const { entries, total } = yield* client.listCompShareTeamOperateLog({ ...query, ...page })
    // An entry that arrives between two pages shifts them.
    if ((earlier !== undefined && total !== earlier) || total > mostEntries) return undefined
    earlier = total
    rows.push(...entries)
    if (rows.length === total) return rows
    if (rows.length > total || entries.length === 0) return undefined
  }
})

/** How many of them moved money, or `undefined` if there is one of which that cannot be told. */
const countIn = (rows: ReadonlyArray<TeamOperateLogEntry>): number | undefined => {
  const known = rows.every(({ operateType, status }) => {
    const type = operateType.toLowerCase()
    const word = status.toLowerCase()
    return others.has(type) || (moves.has(type) && (succeeded.has(word) || failed.has(word)))
  })
  const moved = ({ operateType, status }: TeamOperateLogEntry) =>
    moves.has(operateType.toLowerCase()) && succeeded.has(status.toLowerCase())
  return known ? rows.filter(moved).length : undefined
}
