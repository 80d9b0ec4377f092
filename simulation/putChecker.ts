/**
 * What has to be true of every history of puts, after the last late request has arrived.
 */
import type { Event, Intent } from "../packages/core/src/journal/contract.ts"
import * as Quantity from "../packages/core/src/model/Quantity.ts"
import type { Limit } from "../packages/core/src/model/Limit.ts"
import type { SentPut } from "./putProcess.ts"
import { fields, type LimitsFrom, longestLateness } from "./putProvider.ts"
import { epoch } from "./virtualTime.ts"

export const putInvariants = {
  P1: "at rest no limit contradicts the last change that was called applied, or the last that was none",
  P2: "rejected, not-sent and not-applied mean never committed",
  P3: "no different limits are sent to a member while earlier ones may still arrive",
  P4: "limits are sent again only where all was as before",
  P5: "a run that had nothing to change changes nothing later",
  P6: "at rest nothing is open"
} as const

export type PutInvariant = keyof typeof putInvariants

/** What a call reported of one change. */
export interface Reported {
  readonly run: string
  readonly member: string
  readonly metric: string
  readonly outcome: string
}

export interface PutEnding {
  readonly intents: ReadonlyArray<Intent>
  readonly events: ReadonlyArray<Event>
  readonly changes: ReadonlyArray<LimitsFrom>
  readonly sent: ReadonlyArray<SentPut>
  readonly reported: ReadonlyArray<Reported>
  readonly reads: ReadonlyArray<{ readonly process: string; readonly at: number }>
  readonly readLag: number
}

const numberOf = (limit: Limit): number =>
  limit._tag === "Unlimited" ? -1 : Number(Quantity.format(limit.quantity).split(" ")[0])

const fieldOf = (metric: string): string => new Map<string, string>(Object.entries(fields)).get(metric) ?? ""

export const checkPuts = (ending: PutEnding) => {
  const { changes, events, intents, readLag, reads, reported, sent } = ending
  const violations: Array<{ readonly invariant: PutInvariant; readonly detail: string }> = []
  const found = (invariant: PutInvariant, detail: string) => violations.push({ invariant, detail })
  const name = ({ after, id, member, metric, run, state }: Intent) =>
    `intent ${id} (${run}: ${metric} of ${member} to ${after}) is ${state}`
  /** Whether a console was used after the reading that a change was planned from, whose age is known at most. */
  const isDisturbed = ({ createdAt, member, owner }: Intent) => {
    const written = createdAt - epoch
    const read = reads.findLast(({ at, process }) => process === owner && at <= written)?.at ?? written
    return changes.some(
      ({ at, by, member: other }) => by === "console" && other === member && at > read - 2 * readLag
    )
  }

  for (const intent of intents) {
    if (intent.state === "prepared" || intent.state === "sending") found("P6", name(intent))
  }

  // P1: in the order in which the claims were made.
  const claims = new Map<string, Intent>()
  for (const { intent: id, to } of events) {
    const intent = intents.find((one) => one.id === id)
    if (intent === undefined || (to !== "applied" && to !== "no-change" && to !== "conflict")) continue
    claims.set(`${intent.member} ${intent.metric}`, intent)
  }
  for (const intent of claims.values()) {
    if (intent.state !== "applied" && intent.state !== "no-change") continue
    if (intent.closing === "drift" || isDisturbed(intent)) continue
    const last = changes.findLast(({ member }) => member === intent.member)
    const limit = last?.limits[fieldOf(intent.metric)]
    if (limit !== undefined && limit !== numberOf(intent.after)) {
      found("P1", `${name(intent)}, and the limit is ${limit}`)
    }
  }

  // P2: a body that only this put has sent is a trace of it.
  for (const intent of intents) {
    if (!["rejected", "not-sent", "not-applied"].includes(intent.state)) continue
    if (isDisturbed(intent)) continue
    const own = sent.filter(({ intents: ids }) => ids.includes(intent.id))
    for (const { body, member } of own) {
      if (
        sent.some((one) => one.body === body && one.member === member && !one.intents.includes(intent.id))
      ) {
        continue
      }
      const quota: unknown = JSON.parse(body).quota
      const committed = changes.some(
        (change) => change.by === "put" && change.member === member && sameLimits(change.limits, quota)
      )
      if (committed) found("P2", `${name(intent)}, and was committed`)
    }
  }

  for (const [index, later] of sent.entries()) {
    for (const earlier of sent.slice(0, index)) {
      if (earlier.member !== later.member) continue
      if (earlier.body !== later.body && !earlier.definite && later.at < earlier.at + longestLateness) {
        found(
          "P3",
          `${later.process} sent ${later.body} at ${later.at} ms, and ${earlier.body} of ${earlier.at} ms could still arrive`
        )
      }
    }
    const first = sent.find(
      (one) => one !== later && one.intents.some((id) => later.intents.includes(id)) && one.at <= later.at
    )
    const put = intents.find(({ id }) => id === later.intents[0])?.put
    if (first === undefined || sent.indexOf(first) >= index || put === undefined) continue
    for (const [metric, limit] of put.before) {
      const field = fieldOf(metric)
      const then = changes.findLast(
        ({ at, member }) => member === later.member && at < later.at - readLag - 5_000
      )
      const byConsole = then?.by === "console" && then.at > first.at
      if (byConsole && then.limits[field] !== numberOf(limit)) {
        found(
          "P4",
          `${later.process} sent ${later.body} again at ${later.at} ms, over ${field} ${then.limits[field]} of a console`
        )
        break
      }
    }
  }

  const seen = new Map<string, string>()
  for (const { member, metric, outcome, run } of reported) {
    const key = `${run} / ${metric} of ${member}`
    if (seen.get(key) === "NoChange" && outcome === "Applied") found("P5", key)
    seen.set(key, outcome)
  }
  return violations
}

const sameLimits = (limits: Readonly<Record<string, number>>, quota: unknown): boolean =>
  typeof quota === "object" &&
  quota !== null &&
  Object.entries(quota).every(([field, value]) => limits[field] === value) &&
  Object.keys(limits).length === Object.keys(quota).length
