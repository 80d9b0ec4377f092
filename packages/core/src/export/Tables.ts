/**
 * The listings of this library as tables, for `Export`. A column is named as the field that it shows.
 */
import * as DateTime from "effect/DateTime"
import type { Balance, Cost, Entitlement, Order, RefundQuote, Usage } from "../model/Bills.ts"
import type { Table } from "./Export.ts"
import type { HistoryEntry } from "../model/HistoryEntry.ts"
import type { Intent } from "../journal/contract.ts"
import type { MemberInfo } from "../model/MemberInfo.ts"
import type { Metric } from "../model/Metric.ts"
import { type QuotaState, share } from "../model/QuotaState.ts"
import { doneOf } from "../model/done.ts"
import type { Observed, Outcome, Result } from "../model/Report.ts"

/** Metrics: unit, steps and bounds. */
export const metrics: Table<Metric> = {
  columns: [
    { name: "metric", kind: "text", value: ({ id }) => id },
    { name: "kind", kind: "text", value: ({ kind }) => kind },
    { name: "unit", kind: "text", value: ({ unit }) => unit },
    { name: "step", kind: "quantity", value: ({ step }) => step },
    { name: "minimum", kind: "quantity", value: ({ minimum }) => minimum },
    { name: "maximum", kind: "quantity", value: ({ maximum }) => maximum },
    { name: "unlimited", kind: "boolean", value: ({ unlimited }) => unlimited },
    { name: "title", kind: "text", value: ({ title }) => title.en },
    { name: "titleZh", kind: "text", value: ({ title }) => title.zh }
  ]
}

/** The members of an account. The provider's own word for a status that is unknown is in `rawStatus`. */
export const members: Table<MemberInfo> = {
  columns: [
    { name: "id", kind: "text", value: ({ id }) => id },
    { name: "user", kind: "text", value: ({ user }) => user },
    { name: "name", kind: "text", value: ({ name }) => name },
    { name: "email", kind: "text", value: ({ email }) => email },
    { name: "person", kind: "text", value: ({ person }) => person },
    { name: "status", kind: "text", value: ({ status }) => status._tag },
    {
      name: "rawStatus",
      kind: "text",
      value: ({ status }) => (status._tag === "unknown" ? status.raw : undefined)
    }
  ]
}

/** Quotas, one row for each member and metric. */
export const quotas: Table<QuotaState> = {
  columns: [
    { name: "member", kind: "text", value: ({ member }) => member },
    { name: "name", kind: "text", value: ({ name }) => name },
    { name: "person", kind: "text", value: ({ person }) => person },
    { name: "metric", kind: "text", value: ({ metric }) => metric.id },
    { name: "kind", kind: "text", value: ({ metric }) => metric.kind },
    { name: "limit", kind: "limit", value: ({ limit }) => limit },
    { name: "used", kind: "quantity", value: ({ used }) => used },
    { name: "available", kind: "quantity", value: ({ available }) => available },
    { name: "share", kind: "number", value: share },
    { name: "observedAt", kind: "time", value: ({ observedAt }) => observedAt }
  ]
}

/** Orders. */
export const orders: Table<Order> = {
  columns: [
    { name: "id", kind: "text", value: ({ id }) => id },
    { name: "member", kind: "text", value: ({ member }) => member },
    { name: "name", kind: "text", value: ({ name }) => name },
    { name: "person", kind: "text", value: ({ person }) => person },
    { name: "kind", kind: "text", value: ({ kind }) => kind },
    { name: "status", kind: "text", value: ({ status }) => status },
    { name: "type", kind: "text", value: ({ type }) => type },
    { name: "state", kind: "text", value: ({ state }) => state },
    { name: "chargeType", kind: "text", value: ({ chargeType }) => chargeType },
    { name: "amount", kind: "quantity", value: ({ amount }) => amount },
    { name: "paid", kind: "quantity", value: ({ paid }) => paid },
    { name: "resourceId", kind: "text", value: ({ resourceId }) => resourceId },
    { name: "product", kind: "text", value: ({ product }) => product },
    { name: "createdAt", kind: "time", value: ({ createdAt }) => createdAt }
  ],
  details: ({ details }) => details
}

/** Refund quotes. */
export const refundQuotes: Table<RefundQuote> = {
  columns: [
    { name: "resourceId", kind: "text", value: ({ resourceId }) => resourceId },
    { name: "refundable", kind: "boolean", value: ({ refundable }) => refundable },
    { name: "amount", kind: "quantity", value: ({ amount }) => amount },
    { name: "message", kind: "text", value: ({ message }) => message }
  ]
}

/** Prepaid packages. */
export const entitlements: Table<Entitlement> = {
  columns: [
    { name: "id", kind: "text", value: ({ id }) => id },
    { name: "product", kind: "text", value: ({ product }) => product },
    { name: "metric", kind: "text", value: ({ metric }) => metric },
    { name: "total", kind: "quantity", value: ({ total }) => total },
    { name: "used", kind: "quantity", value: ({ used }) => used },
    { name: "available", kind: "quantity", value: ({ available }) => available },
    { name: "status", kind: "text", value: ({ status }) => status },
    { name: "startsAt", kind: "time", value: ({ startsAt }) => startsAt },
    { name: "expiresAt", kind: "time", value: ({ expiresAt }) => expiresAt },
    { name: "orderId", kind: "text", value: ({ orderId }) => orderId }
  ],
  details: ({ details }) => details
}

/** The parts of one balance. */
export const balanceParts: Table<Balance["parts"][number]> = {
  columns: [
    { name: "kind", kind: "text", value: ({ kind }) => kind },
    { name: "name", kind: "text", value: ({ name }) => name },
    { name: "amount", kind: "quantity", value: ({ amount }) => amount }
  ]
}

/** Use. */
export const usage: Table<Usage> = {
  columns: [
    { name: "member", kind: "text", value: ({ member }) => member },
    { name: "name", kind: "text", value: ({ name }) => name },
    { name: "person", kind: "text", value: ({ person }) => person },
    { name: "metric", kind: "text", value: ({ metric }) => metric },
    { name: "product", kind: "text", value: ({ product }) => product },
    { name: "used", kind: "quantity", value: ({ used }) => used },
    { name: "at", kind: "time", value: ({ at }) => at }
  ],
  details: ({ details }) => details
}

/** Costs of a month. */
export const costs: Table<Cost> = {
  columns: [
    { name: "month", kind: "text", value: ({ month }) => month },
    { name: "member", kind: "text", value: ({ member }) => member },
    { name: "name", kind: "text", value: ({ name }) => name },
    { name: "person", kind: "text", value: ({ person }) => person },
    { name: "product", kind: "text", value: ({ product }) => product },
    { name: "resourceId", kind: "text", value: ({ resourceId }) => resourceId },
    { name: "amount", kind: "quantity", value: ({ amount }) => amount },
    { name: "cost", kind: "quantity", value: ({ cost }) => cost }
  ],
  details: ({ details }) => details
}

/** History. */
export const history: Table<HistoryEntry> = {
  columns: [
    { name: "at", kind: "time", value: ({ at }) => at },
    { name: "source", kind: "text", value: ({ source }) => source },
    { name: "kind", kind: "text", value: ({ kind }) => kind },
    { name: "outcome", kind: "text", value: ({ outcome }) => outcome },
    { name: "member", kind: "text", value: ({ member }) => member },
    { name: "name", kind: "text", value: ({ name }) => name },
    { name: "person", kind: "text", value: ({ person }) => person },
    { name: "metric", kind: "text", value: ({ metric }) => metric },
    { name: "delta", kind: "quantity", value: ({ delta }) => delta },
    { name: "run", kind: "text", value: ({ run }) => run },
    { name: "change", kind: "text", value: ({ change }) => change },
    { name: "text", kind: "text", value: ({ text }) => text },
    { name: "note", kind: "text", value: ({ note }) => note }
  ]
}

/** A reading afterwards, or instead. */
const observedOf = (outcome: Outcome): Observed | undefined => {
  if (outcome._tag === "Applied") return outcome.observed
  return outcome._tag === "Drift" ? { limit: outcome.observed } : undefined
}

/**
 * The results of a call that changed quotas. `done` says whether this call did it (`now`), or an earlier one
 * of its run (`already done`, at `doneAt`).
 */
export const results: Table<Result> = {
  columns: [
    { name: "member", kind: "text", value: ({ member }) => member },
    { name: "named", kind: "text", value: ({ named }) => named },
    { name: "metric", kind: "text", value: ({ metric }) => metric },
    { name: "outcome", kind: "text", value: ({ outcome }) => outcome._tag },
    { name: "done", kind: "text", value: doneOf },
    { name: "doneAt", kind: "time", value: ({ doneAt }) => doneAt },
    {
      name: "drift",
      kind: "boolean",
      value: ({ outcome }) => (outcome._tag === "Applied" ? outcome.drift === true : undefined)
    },
    { name: "money", kind: "text", value: ({ money }) => money },
    { name: "next", kind: "text", value: ({ next }) => next },
    { name: "before", kind: "limit", value: ({ before }) => before?.limit },
    { name: "beforeAvailable", kind: "quantity", value: ({ before }) => before?.available },
    { name: "delta", kind: "quantity", value: ({ delta }) => delta },
    { name: "target", kind: "limit", value: ({ target }) => target },
    { name: "observed", kind: "limit", value: ({ outcome }) => observedOf(outcome)?.limit },
    { name: "observedAvailable", kind: "quantity", value: ({ outcome }) => observedOf(outcome)?.available },
    {
      name: "expected",
      kind: "limit",
      value: ({ outcome }) => (outcome._tag === "Drift" ? outcome.expected : undefined)
    },
    {
      name: "check",
      kind: "text",
      value: ({ outcome }) => (outcome._tag === "Refused" ? outcome.check : undefined)
    },
    {
      name: "reason",
      kind: "reason",
      value: ({ outcome }) => ("reason" in outcome ? outcome.reason : undefined)
    },
    {
      name: "detail",
      kind: "text",
      value: ({ outcome }) => (outcome._tag === "Conflict" ? outcome.detail : undefined)
    },
    {
      name: "by",
      kind: "text",
      value: ({ outcome }) => (outcome._tag === "Blocked" ? outcome.by : undefined)
    },
    { name: "evidence", kind: "text", value: ({ evidence }) => evidence },
    { name: "requestId", kind: "text", value: ({ requestId }) => requestId },
    { name: "message", kind: "text", value: ({ message }) => message }
  ]
}

/** Changes as the journal has them, such as those that are pending. */
export const intents: Table<Intent> = {
  columns: [
    { name: "id", kind: "text", value: ({ id }) => id },
    { name: "run", kind: "text", value: ({ run }) => run },
    { name: "member", kind: "text", value: ({ member }) => member },
    { name: "named", kind: "text", value: ({ named }) => named },
    { name: "metric", kind: "text", value: ({ metric }) => metric },
    { name: "attempt", kind: "integer", value: ({ attempt }) => attempt },
    { name: "request", kind: "text", value: ({ request }) => request },
    { name: "state", kind: "text", value: ({ state }) => state },
    { name: "before", kind: "limit", value: ({ before }) => before.limit },
    { name: "delta", kind: "quantity", value: ({ delta }) => delta },
    { name: "after", kind: "limit", value: ({ after }) => after },
    { name: "evidence", kind: "text", value: ({ evidence }) => evidence },
    { name: "closing", kind: "text", value: ({ closing }) => closing },
    { name: "requestId", kind: "text", value: ({ requestId }) => requestId },
    { name: "detail", kind: "text", value: ({ detail }) => detail },
    { name: "createdAt", kind: "time", value: ({ createdAt }) => DateTime.makeUnsafe(createdAt) },
    { name: "updatedAt", kind: "time", value: ({ updatedAt }) => DateTime.makeUnsafe(updatedAt) }
  ]
}
