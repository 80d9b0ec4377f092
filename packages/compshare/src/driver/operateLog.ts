/**
 * The team's operate log as a second witness of grants and withdrawals. Its entries are only counted: their
 * texts are free text, and not interpreted. If anything about the log is not as expected, it is not accepted
 * as a witness.
 *
 * Its periods are in the provider's time, taken from the `Date` header of the answers: a machine whose clock
 * is wrong by days counts the same entries.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { DeltaLog, LogCount } from "@cloud-quota/core/adapter/Driver"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { LogEntry } from "../api/log.ts"
import type { Service } from "../api/CompShareClient.ts"
import { kindOf, outcomeOf } from "./operateWords.ts"

const pageSize = 100

/**
 * More entries than this are not counted: it would take too long, and they would change too often meanwhile.
 */
const mostEntries = 20_000

/** How often it is counted anew when entries arrive between its pages. */
const attempts = 3

/** How far before the provider's present time a base begins. The provider's clocks may differ by this. */
const leadSeconds = 5 * 60

/**
 * The first period ends this far after its beginning; later ones end this far after the provider's present
 * time.
 */
const aheadSeconds = 24 * 3600

/** The log of a team's grants and withdrawals. */
export const moneyLog = (client: Service, teamId: number): DeltaLog => {
  /**
   * Returns how many grants and withdrawals of the team succeeded since `beginTime`, in seconds. Returns
   * `undefined` if the log is not a witness.
   */
  const countFrom = Effect.fnUntraced(function* (
    beginTime: number
  ): Effect.fn.Return<LogCount | undefined, CloudQuotaError> {
    let endTime = beginTime + aheadSeconds
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const read = yield* readAll(client, { TeamId: teamId, BeginTime: beginTime, EndTime: endTime })
      if (read === "no witness") return undefined
      if (read === "shifted") continue
      if ("rows" in read) {
        const count = countIn(read.rows)
        if (count === undefined) return undefined
        return { since: beginTime * 1000, count, ...defined({ newest: newestIn(read.rows) }) }
      }
      endTime = read.later + aheadSeconds
    }
    return undefined
  })

  const base = Effect.gen(function* () {
    // Any period will do: only the time of the answer is needed.
    const someTime = Math.max(0, Math.floor((yield* Clock.currentTimeMillis) / 1000))
    const period = { TeamId: teamId, BeginTime: someTime, EndTime: someTime + 1 }
    const { answeredAt } = yield* client.listCompShareTeamOperateLog({ ...period, Limit: 1 })
    if (answeredAt === undefined) return undefined
    return yield* countFrom(Math.max(0, Math.floor(answeredAt / 1000) - leadSeconds))
  })

  return { base, count: (since) => countFrom(Math.max(0, Math.floor(since / 1000))) }
}

/**
 * All entries of a period, or why there are none. `later` is the provider's time, which is after the period's
 * end.
 */
type Read = "no witness" | "shifted" | { readonly later: number } | { readonly rows: ReadonlyArray<LogEntry> }

const readAll = Effect.fnUntraced(function* (
  client: Service,
  query: { readonly TeamId: number; readonly BeginTime: number; readonly EndTime: number }
): Effect.fn.Return<Read, CloudQuotaError> {
  const rows: Array<LogEntry> = []
  for (let earlier: number | undefined; ; ) {
    const page = { Limit: pageSize, Offset: rows.length, OrderByASC: true }
    const answer = yield* client.listCompShareTeamOperateLog({ ...query, ...page })
    const { answeredAt, Total: total } = answer
    const entries = answer.Logs ?? []
    // A period that lies in the future by the provider's clock was chosen by another clock.
    if (answeredAt === undefined || answeredAt < query.BeginTime * 1000) return "no witness"
    if (answeredAt >= query.EndTime * 1000) return { later: Math.floor(answeredAt / 1000) }
    if (total > mostEntries) return "no witness"
    // An entry that arrives between two pages shifts them.
    if (earlier !== undefined && total !== earlier) return "shifted"
    earlier = total
    rows.push(...entries)
    if (rows.length === total) return { rows }
    if (rows.length > total || entries.length === 0) return "shifted"
  }
})

/** Returns how many entries moved money, or `undefined` if that is uncertain for any entry. */
const countIn = (rows: ReadonlyArray<LogEntry>): number | undefined => {
  let moved = 0
  for (const { OperateType, Status } of rows) {
    const kind = kindOf(OperateType)
    if (kind === undefined) return undefined
    if (kind !== "grant" && kind !== "withdraw") continue
    const outcome = outcomeOf(Status)
    if (outcome === "unknown") return undefined
    if (outcome === "succeeded") moved += 1
  }
  return moved
}

const readSeconds = Schema.decodeUnknownOption(Lenient.UnixSeconds)

/** Returns the time of the newest entry, if it is told, in milliseconds since 1970. */
const newestIn = (rows: ReadonlyArray<LogEntry>): number | undefined => {
  const seconds = rows.flatMap(({ CreateTime }) => Option.toArray(readSeconds(CreateTime)))
  return seconds.length === 0 ? undefined : seconds.reduce((left, right) => Math.max(left, right)) * 1000
}
