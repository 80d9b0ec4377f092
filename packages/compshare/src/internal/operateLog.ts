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
import { kindOf, outcomeOf } from "./operateWords.ts"

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
  let moved = 0
  for (const { operateType, status } of rows) {
    const kind = kindOf(operateType)
    if (kind === undefined) return undefined
    if (kind !== "grant" && kind !== "withdraw") continue
    const outcome = outcomeOf(status)
    if (outcome === "unknown") return undefined
    if (outcome === "succeeded") moved += 1
  }
  return moved
}
