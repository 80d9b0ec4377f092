/**
 * The neutral services of a driver. What is true of every cloud is here, once.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { Billing } from "../Billing.ts"
import type { Capability } from "../Capabilities.ts"
import * as Change from "../Change.ts"
import { CloudQuotaError, Unsupported, invalid } from "../CloudQuotaError.ts"
import type { Driver } from "../Driver.ts"
import type { Member, MemberId, MemberRef } from "../Member.ts"
import type { Quota, Who } from "../Quota.ts"
import type { Engine } from "./changeEngine.ts"

/** Puts the account's name on an error that an adapter raised without knowing it. */
const named = (account: string) => (error: CloudQuotaError) =>
  error.account === undefined ? new CloudQuotaError({ ...error, account }) : error

/** The id that a member reference stands for, or an error that names the field. */
const memberId = (
  account: string,
  driver: Driver,
  operation: string,
  ref: MemberRef
): Effect.Effect<MemberId, CloudQuotaError> => {
  const { provider } = driver.identity
  const decoded = Result.flatMap(Change.decodeMember(ref), driver.memberId)
  return Result.isSuccess(decoded)
    ? Effect.succeed(decoded.success)
    : Effect.fail(invalid({ provider, account, operation, field: "member", message: decoded.failure }))
}

const unsupported = (account: string, driver: Driver, capability: Capability): CloudQuotaError => {
  const { provider } = driver.identity
  const { note } = driver.capabilities[capability]
  const message = `${capability} is not supported by ${provider}${note === undefined ? "" : `: ${note}`}`
  return new CloudQuotaError({
    provider,
    account,
    operation: capability,
    money: "not-moved",
    reason: new Unsupported({ capability, message })
  })
}

export const makeMember = (account: string, driver: Driver): Member["Service"] => ({
  list: (filter) =>
    driver.listMembers.pipe(
      Stream.filter((member) => filter?.status === undefined || member.status._tag === filter.status),
      Stream.mapError(named(account)),
      Stream.withSpan("Member.list", { attributes: { account } })
    ),
  get: Effect.fn("Member.get")(function* (ref: string) {
    const id = yield* memberId(account, driver, "members.get", ref)
    return yield* Effect.mapError(driver.getMember(id), named(account))
  })
})

export const makeBilling = (account: string, driver: Driver): Billing["Service"] => ({
  orders: (filter) => {
    const { listOrders } = driver
    if (listOrders === undefined) return Stream.fail(unsupported(account, driver, "billing.orders"))
    if (typeof filter !== "object" || filter === null) {
      const message = "give the member and the period whose orders are wanted"
      return Stream.fail(wrong(account, driver, "filter", message))
    }
    return Stream.unwrap(
      Effect.map(memberId(account, driver, "billing.orders", filter.member), (member) =>
        listOrders({ ...filter, member })
      )
    ).pipe(Stream.mapError(named(account)), Stream.withSpan("Billing.orders", { attributes: { account } }))
  },
  refundQuotes: Effect.fn("Billing.refundQuotes")(function* (request) {
    if (driver.refundQuotes === undefined) {
      return yield* unsupported(account, driver, "billing.refund-quotes")
    }
    return yield* Effect.mapError(driver.refundQuotes(request), named(account))
  })
})

export const makeQuota = (account: string, driver: Driver, { changeAll }: Engine): Quota["Service"] => ({
  metrics: driver.metrics,
  list: (filter) =>
    driver.listQuotas.pipe(
      Stream.filter((state) => filter?.metric === undefined || state.metric.id === filter.metric),
      Stream.mapError(named(account)),
      Stream.withSpan("Quota.list", { attributes: { account } })
    ),
  get: Effect.fn("Quota.get")(function* (ref) {
    const id = yield* memberId(account, driver, "quotas.get", ref)
    return yield* Effect.mapError(driver.getQuotas(id), named(account))
  }),
  change: Effect.fn("Quota.change")(function* (who, spec, options) {
    if (typeof spec !== "object" || spec === null || Object.keys(spec).length === 0) {
      const message = 'say what is to be changed and how, as { allowance: { topUpTo: "500 CNY" } }'
      return yield* wrong(account, driver, "spec", message)
    }
    const changes = Change.forMembers(yield* membersOf(who), spec)
    return yield* Effect.mapError(changeAll(changes, options ?? {}), named(account))
  }),
  changeAll: Effect.fn("Quota.changeAll")(function* (changes, options) {
    if (typeof changes !== "object" || changes === null || !(Symbol.iterator in changes)) {
      return yield* wrong(account, driver, "changes", "give a list of changes")
    }
    return yield* Effect.mapError(changeAll(Array.from(changes), options ?? {}), named(account))
  })
})

const wrong = (account: string, driver: Driver, field: string, message: string): CloudQuotaError =>
  invalid({ provider: driver.identity.provider, account, operation: "quotas.change", field, message })

const membersOf = (who: Who): Effect.Effect<ReadonlyArray<MemberRef>, CloudQuotaError> => {
  if (typeof who === "string") return Effect.succeed([who])
  if (Stream.isStream(who)) return Stream.runCollect(who)
  const several = typeof who === "object" && who !== null && Symbol.iterator in who
  return Effect.succeed(several ? Array.from(who) : [who])
}
