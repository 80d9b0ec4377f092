/** The common part of both reference providers: their quotas, all reading, and the faults of writes. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type Capabilities, derived, native, unsupported } from "../model/Capabilities.ts"
import {
  CloudQuotaError,
  type Money,
  NotFound,
  ProviderFailed,
  type Reason,
  Timeout,
  TransportFailed
} from "../model/CloudQuotaError.ts"
import type { Driver, LogEntry } from "../model/Driver.ts"
import * as Limit from "../model/Limit.ts"
import { MemberId } from "../model/MemberInfo.ts"
import type { Books, Controls, WriteFault, HeldQuota, Seed } from "./memoryContract.ts"
import type { Metric, MetricId } from "../model/Metric.ts"
import * as Quantity from "../model/Quantity.ts"
import { type QuotaState, availableOf } from "../model/QuotaState.ts"
import { readBooks } from "./memoryBooks.ts"
import { manageMembers } from "./memoryMembers.ts"
import type { Answer, Commit, Noted } from "./memoryWrite.ts"

export const makeWorld = <Write>(options: {
  readonly provider: string
  readonly metrics: ReadonlyArray<Metric>
  /** The capabilities of its kind. */
  readonly capabilities: Pick<
    Capabilities,
    "quotas.used" | "quotas.set" | "quotas.set-down" | "quotas.adjust" | "quotas.unlimited"
  >
  readonly seeds: ReadonlyArray<Seed>
  readonly books: Books
  readonly log: boolean
  /** The status of a newly invited user. */
  readonly invited: "active" | "invited"
}) => {
  const { books, invited, log, metrics, provider, seeds } = options
  const capabilities: Capabilities = {
    ...shared,
    ...options.capabilities,
    "members.cancel-invite":
      invited === "invited" ? native : unsupported("who is invited is a member at once, so nothing is open"),
    "history.provider-log": log ? native : unsupported("it keeps no log")
  }
  const infos = seeds.map(({ info }) => info)
  const held = new Map<MemberId, Map<MetricId, HeldQuota>>(
    seeds.flatMap(({ info, quotas }) =>
      info.id === undefined ? [] : [[info.id, new Map(Object.entries(quotas ?? {}))] as const]
    )
  )
  const writes: Array<Write> = []
  const faults: Array<WriteFault> = []
  const entries: Array<LogEntry> = []
  let requests = 0

  const request = Effect.sync(() => {
    requests += 1
  })
  const quotasOf = (member: MemberId) => held.get(member)
  const failed = (operation: string, reason: Reason, money: Money) =>
    new CloudQuotaError({ provider, operation, reason, money })
  const note = (noted: Noted): Effect.Effect<void> =>
    Effect.map(DateTime.now, (at) => void entries.push({ at, outcome: "succeeded", ...noted }))

  const setLimit = (member: MemberId, metric: MetricId, limit: Limit.Limit): void => {
    const quotas = quotasOf(member)
    quotas?.set(metric, { ...quotas.get(metric), limit })
  }

  const use = (member: MemberId, metric: MetricId, amount: Quantity.Quantity): void => {
    const quota = quotasOf(member)?.get(metric)
    if (quota === undefined) return
    const used = Quantity.sum(quota.used ?? Quantity.zero(amount.unit), amount)
    quotasOf(member)?.set(metric, { ...quota, used })
  }

  const stateOf = (member: MemberId, observedAt: DateTime.Utc): ReadonlyArray<QuotaState> => {
    const name = infos.find(({ id }) => id === member)?.name
    return metrics.flatMap((metric) => {
      const quota = quotasOf(member)?.get(metric.id)
      if (quota === undefined) return []
      const used = quota.used ?? Quantity.zero(metric.unit)
      const available = availableOf(quota.limit, used)
      const isReported = capabilities["quotas.used"].support !== "unsupported"
      return [
        {
          member,
          ...(name === undefined ? {} : { name }),
          metric,
          limit: quota.limit,
          observedAt,
          ...(isReported ? { used } : {}),
          ...(available === undefined ? {} : { available })
        }
      ]
    })
  }

  /** Sends a write with its scripted fault. `left` is called when the write leaves. */
  const attempt = Effect.fnUntraced(function* (
    left: () => void,
    commit: Commit,
    noted: Noted
  ): Effect.fn.Return<Answer> {
    const fault = faults.shift()
    if (fault === "not-sent") return notSent
    yield* request
    left()
    if (fault === "request-lost") return unknown
    const reason = fault === "rejected" ? new ProviderFailed({ message: "The provider says no." }) : commit()
    if (reason === undefined) yield* note(noted)
    if (fault === "answer-lost") return unknown
    if (fault === "no-answer") return yield* Effect.never
    return reason === undefined
      ? { _tag: "Applied", requestId: `request-${requests}` }
      : { _tag: "Rejected", reason }
  })

  /** Sends a change of quotas. */
  const send = (write: Write, commit: Commit, noted: Noted) =>
    attempt(() => void writes.push(write), commit, noted)

  const driver: Omit<Driver, "write"> = {
    identity: { provider, endpoint: "http://localhost", scope: "team-1" },
    capabilities,
    metrics,
    memberId: (text) =>
      /^m-\d{1,9}$/.test(text)
        ? Result.succeed(MemberId.make(text))
        : Result.fail(`${JSON.stringify(text.slice(0, 60))} is not a member id: it looks like "m-1"`),
    listQuotas: Stream.unwrap(
      Effect.map(Effect.andThen(request, DateTime.now), (now) =>
        Stream.fromIterable([...held.keys()].flatMap((member) => stateOf(member, now)))
      )
    ),
    getQuotas: Effect.fnUntraced(function* (member) {
      yield* request
      if (!held.has(member)) return yield* failed("getQuotas", noSuchMember(member), "not-moved")
      return stateOf(member, yield* DateTime.now)
    }),
    listMembers: Stream.suspend(() => Stream.fromIterable([...infos])).pipe(Stream.onStart(request)),
    getMember: Effect.fnUntraced(function* (member) {
      yield* request
      const info = infos.find(({ id }) => id === member)
      return info ?? (yield* failed("getMember", noSuchMember(member), "not-moved"))
    }),
    ...manageMembers({
      infos,
      invited,
      join: (member) => {
        const quotas = metrics.map(({ id, minimum }) => [id, { limit: Limit.finite(minimum) }] as const)
        held.set(member, new Map(quotas))
      },
      leave: (member) => void held.delete(member),
      attempt: (commit, noted) => attempt(() => undefined, commit, noted),
      failed
    }),
    ...readBooks(books, request),
    ...(log
      ? {
          listLog: ({ end, start }) =>
            Stream.suspend(() =>
              Stream.fromIterable(
                entries.filter(
                  ({ at }) => DateTime.isGreaterThanOrEqualTo(at, start) && DateTime.isLessThan(at, end)
                )
              )
            ).pipe(Stream.onStart(request))
        }
      : {})
  }

  const controls: Controls<Write> = {
    use: (member, metric, amount) => Effect.sync(() => use(member, metric, amount)),
    setByConsole: (member, metric, limit) =>
      Effect.andThen(
        Effect.sync(() => setLimit(member, metric, limit)),
        note({ kind: "set", text: `the console set ${metric} of ${member} to ${limit}` })
      ),
    script: (...next) => Effect.sync(() => void faults.push(...next)),
    writes: Effect.sync(() => [...writes]),
    requests: Effect.sync(() => requests)
  }

  return { controls, driver, entries, failed, infos, quotasOf, request, send, setLimit, use }
}

export const noSuchMember = (member: MemberId): Reason =>
  new NotFound({ message: `there is no member ${member}.` })

export const notSent: Answer = {
  _tag: "NotSent",
  reason: new TransportFailed({ phase: "not-sent", message: "The connection was refused." })
}

const unknown: Answer = { _tag: "Unknown", reason: new Timeout({ message: "No answer came in time." }) }

/** The capabilities of both kinds. */
const shared = {
  "quotas.list": native,
  "quotas.get": native,
  "quotas.top-up": derived("read, and add what is missing"),
  "quotas.reclaim": derived("read, and take back what is left"),
  "members.list": native,
  "members.get": native,
  "members.names": native,
  "members.invite": native,
  "members.rename": native,
  "members.remove": native,
  "billing.orders": native,
  "billing.orders-by-member": native,
  "billing.totals": native,
  "billing.unpaid": native,
  "billing.refund-quotes": native,
  "billing.refund-quotes-by-member": derived("the quotes of everything that the member has ordered"),
  "billing.entitlements": native,
  "billing.balance": native,
  "billing.usage": native,
  "billing.monthly-cost": native
} satisfies Partial<Capabilities>
