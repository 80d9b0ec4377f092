/**
 * The `History` service of one account.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { HistoryEntry } from "../model/HistoryEntry.ts"
import type { History, HistoryFilter } from "./History.ts"
import type { Intent, State } from "../journal/contract.ts"
import type { Names } from "../model/KnownKeys.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import * as Period from "../model/Period.ts"
import * as Quantity from "../model/Quantity.ts"
import { journalReason } from "../engine/call.ts"
import type { Engine } from "../engine/changeEngine.ts"
import { type ChangeKind, type Item, join } from "./historyJoin.ts"
import type { ResolveMember } from "./memberRef.ts"
import { makeWithNames } from "./withNames.ts"
import { type ServiceContext, withAccount } from "./serviceContext.ts"
import { checkKeys, invalidArgument } from "../engine/invalidArgument.ts"

const operation = "history.list"

const filterKeys: Names<HistoryFilter> = { member: true, period: true }

export const makeHistory = (
  context: ServiceContext,
  resolveMember: ResolveMember,
  { failed, journal, key }: Pick<Engine, "failed" | "journal" | "key">
): History["Service"] => {
  const { account, driver } = context
  const kindOf = ({ delta }: Intent): ChangeKind => {
    if (driver.write._tag === "Absolute" || delta === undefined) return "set"
    return Quantity.isNegative(delta) ? "withdraw" : "grant"
  }
  const list = Effect.fnUntraced(function* (filter: Parameters<History["Service"]["list"]>[0]) {
    if (typeof filter !== "object" || filter === null) {
      return yield* invalidArgument(context, operation, "filter", "give the period that is wanted")
    }
    yield* checkKeys(context, operation, filter, filterKeys, "filter")
    const period = yield* Effect.mapError(Period.resolve(filter.period), (message) =>
      invalidArgument(context, operation, "period", message)
    )
    const member = filter.member === undefined ? undefined : yield* resolveMember(operation, filter.member)
    const [start, end] = [DateTime.toEpochMillis(period.start), DateTime.toEpochMillis(period.end)]
    const intents = journal.intents({ account: key }).pipe(
      // An entry in the period may be about a change that began before it.
      Stream.filter(({ createdAt, state, updatedAt }) =>
        state === "no-change" ? false : createdAt < end && (updatedAt >= start || state === "sending")
      ),
      Stream.mapError((error) => failed(operation, journalReason(error)))
    )
    const withNames = makeWithNames(context)
    return join(intents, driver.listLog?.(period) ?? Stream.empty, { kindOf, read: { start, end } }).pipe(
      Stream.filter(
        ({ at, intent }) =>
          at >= start &&
          at < end &&
          (member === undefined || intent === undefined || intent.member === member)
      ),
      Stream.map((item) => toEntry(item, kindOf)),
      Stream.map((entry) =>
        member === undefined || entry.member !== undefined || isNamedIn(entry.text, member)
          ? entry
          : { ...entry, note: `the text does not name ${member}: the entry may be about another member` }
      ),
      Stream.mapEffect((entry) => withNames(entry.member, entry))
    )
  })
  return {
    list: (filter) =>
      Stream.unwrap(list(filter)).pipe(
        Stream.mapError(withAccount(account)),
        Stream.withSpan("History.list", { attributes: { account } })
      )
  }
}

const toEntry = ({ at, entry, intent }: Item, kindOf: (intent: Intent) => ChangeKind): HistoryEntry => {
  const when = DateTime.makeUnsafe(at)
  if (intent !== undefined) return { at: when, kind: kindOf(intent), ...ofIntent(intent, entry?.text) }
  if (entry === undefined) throw new Error("a history has an entry of nothing")
  const { kind, outcome, text } = entry
  return { at: when, source: "provider", kind, outcome, text }
}

/** Whether the text has the id as a separate word, not as part of another id or of an amount. */
const isNamedIn = (text: string, member: MemberId): boolean =>
  new RegExp(`(?<![\\w-]|\\d[.,])${member.replace(/[^A-Za-z0-9]/g, "\\$&")}(?![\\w-]|[.,]\\d)`).test(text)

const ofIntent = (intent: Intent, logText: string | undefined): Omit<HistoryEntry, "at" | "kind"> => {
  const { delta, id, member, metric, run, state } = intent
  return {
    source: logText === undefined ? "journal" : "both",
    outcome: outcomeOf[state],
    member,
    metric,
    ...(delta === undefined ? {} : { delta }),
    run,
    change: id,
    text: logText ?? textOf(intent)
  }
}

const outcomeOf: Readonly<Record<State, HistoryEntry["outcome"]>> = {
  prepared: "open",
  sending: "open",
  applied: "succeeded",
  "resolved-applied": "succeeded",
  "no-change": "succeeded",
  rejected: "failed",
  "not-sent": "failed",
  "not-applied": "failed",
  "resolved-not-applied": "failed",
  conflict: "unknown"
}

/**
 * Describes a change as `topUpTo 500.00 CNY (+120.00 CNY)`, followed by its detail if more is known than that
 * it took place.
 */
const textOf = ({ after, before, delta, detail, request, state }: Intent): string => {
  const change =
    delta === undefined ? `${before.limit} -> ${after}` : `${Quantity.isPositive(delta) ? "+" : ""}${delta}`
  return `${request} (${change})${detail === undefined || state === "applied" ? "" : `: ${detail}`}`
}
