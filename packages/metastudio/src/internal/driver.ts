/**
 * MetaStudio for core: limits that are set absolutely, all of a member in one request.
 */
import { type Capabilities, derived, native, unsupported } from "@cloud-quota/core/Capabilities"
import { CloudQuotaError, NotFound } from "@cloud-quota/core/CloudQuotaError"
import type { Driver } from "@cloud-quota/core/Driver"
import type { Limit } from "@cloud-quota/core/Limit"
import { MemberId, type MemberInfo } from "@cloud-quota/core/Member"
import type { MetricId } from "@cloud-quota/core/Metric"
import { availableOf, type QuotaState } from "@cloud-quota/core/Quota"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { MetaStudioClient } from "../MetaStudioClient.ts"
import * as UserQuota from "../UserQuota.ts"
import { invalid, malformed, provider } from "./errors.ts"
import { checkSegment } from "./ids.ts"
import { optional } from "./optional.ts"

const readThenSet =
  "the limits are read, changed and written; MetaStudio has no versions, so that of two writers the later one wins"
const onlyWithQuotas = "MetaStudio lists the sub-accounts that have quotas, and no others"
const noBilling = "MetaStudio has no bills of sub-accounts"

const capabilities: Capabilities = {
  "quotas.list": native,
  "quotas.get": derived("the listing, filtered by user"),
  "quotas.used": native,
  "quotas.set": derived(
    "all limits of the member are written in one request, since what happens to absent ones is not documented"
  ),
  "quotas.set-down": derived("as quotas.set; whether a limit may be below what is used is not documented"),
  "quotas.top-up": derived(`what is used plus what is to be available; ${readThenSet}`),
  "quotas.adjust": derived(readThenSet),
  "quotas.reclaim": derived(`the limit is lowered towards what is used; ${readThenSet}`),
  "quotas.unlimited": native,
  "members.list": derived(onlyWithQuotas),
  "members.get": derived(onlyWithQuotas),
  "members.names": unsupported("it tells ids only; names are in IAM"),
  "members.invite": unsupported("sub-accounts are made in IAM"),
  "members.cancel-invite": unsupported("MetaStudio has no invitations"),
  "members.rename": unsupported("names are in IAM"),
  "members.remove": unsupported("sub-accounts are removed in IAM"),
  "billing.orders": unsupported(noBilling),
  "billing.orders-by-member": unsupported(noBilling),
  "billing.totals": unsupported(noBilling),
  "billing.unpaid": unsupported(noBilling),
  "billing.refund-quotes": unsupported("MetaStudio gives no quotes"),
  "billing.refund-quotes-by-member": unsupported("MetaStudio gives no quotes"),
  "billing.entitlements": unsupported("the packages are not read"),
  "billing.balance": unsupported("the balance is in the billing service, which is not read"),
  "billing.usage": unsupported("the use is not read"),
  "billing.monthly-cost": unsupported("the bills are in the billing service, which is not read"),
  "history.provider-log": unsupported("MetaStudio keeps no log of its limits")
}

/** Makes the driver of one project. */
export const makeDriver = (client: MetaStudioClient["Service"]): Driver => {
  /** The listing for one user: rows of others are ignored, in case the filter is. */
  const getUser = Effect.fnUntraced(function* (member: MemberId) {
    const found = yield* client.allUserQuotas({ userId: member }).pipe(
      Stream.filter((user) => user.userId === member),
      Stream.runHead
    )
    return Option.isSome(found) ? found.value : yield* unknownMember(member)
  })

  return {
    identity: { provider, endpoint: client.endpoint, scope: client.projectId },
    capabilities,
    metrics: UserQuota.fields.map(({ metric }) => metric),
    memberId,
    listQuotas: client.allUserQuotas().pipe(
      Stream.mapEffect(statesOf),
      Stream.flatMap((states) => Stream.fromIterable(states))
    ),
    getQuotas: (member) => Effect.flatMap(getUser(member), statesOf),
    listMembers: client.allUserQuotas().pipe(Stream.mapEffect(infoOf)),
    getMember: (member) => Effect.flatMap(getUser(member), infoOf),
    write: {
      _tag: "Absolute",
      put: (member, limits) =>
        Effect.flatMap(Effect.fromResult(byFieldName(limits)), (named) =>
          // Of a put that may still arrive the engine has to know: another one would be overwritten by it.
          client.updateUserQuotas(member, named, { repeat: false })
        )
    }
  }
}

const decodeMemberId = Schema.decodeUnknownResult(MemberId)

const memberId = (text: string): Result.Result<MemberId, string> =>
  Result.flatMap(checkSegment(text), (id) =>
    Result.mapError(
      decodeMemberId(id),
      () => "is not the id of a sub-account: give the IAM user's id, as the console shows it"
    )
  )

/** The id in a row, which came from outside as well. */
const idOf = (user: UserQuota.UserQuota): Effect.Effect<MemberId, CloudQuotaError> =>
  Effect.mapError(Effect.fromResult(memberId(user.userId)), (problem) =>
    malformed({
      operation: "ListUserQuotas",
      money: "not-moved",
      message: `the listing has a user_id that ${problem}`
    })
  )

const infoOf = (user: UserQuota.UserQuota): Effect.Effect<MemberInfo, CloudQuotaError> =>
  Effect.map(idOf(user), (id) => ({ id, status: { _tag: "active" } }))

const statesOf = Effect.fnUntraced(function* (user: UserQuota.UserQuota) {
  const member = yield* idOf(user)
  const observedAt = yield* DateTime.now
  return UserQuota.fields.flatMap(({ metric, name }): ReadonlyArray<QuotaState> => {
    const limit = user.limits[name]
    if (limit === undefined) return []
    const used = user.usage[name]
    const available = used === undefined ? undefined : availableOf(limit, used)
    return [{ member, metric, limit, observedAt, ...optional({ used, available }) }]
  })
})

const byFieldName = (
  limits: ReadonlyMap<MetricId, Limit>
): Result.Result<UserQuota.Limits, CloudQuotaError> => {
  const known = new Set(UserQuota.fields.map(({ metric }) => metric.id))
  const strange = Array.from(limits.keys()).find((id) => !known.has(id))
  if (strange !== undefined) {
    const message = `${JSON.stringify(strange)} is not limited by MetaStudio: the metrics are ${Array.from(known).join(", ")}`
    return Result.fail(invalid("UpdateUserQuotas", "metric", message))
  }
  return Result.succeed(
    Object.fromEntries(
      UserQuota.fields.flatMap(({ metric, name }) => {
        const limit = limits.get(metric.id)
        return limit === undefined ? [] : [[name, limit]]
      })
    )
  )
}

const unknownMember = (member: MemberId): CloudQuotaError =>
  new CloudQuotaError({
    provider,
    operation: "ListUserQuotas",
    money: "not-moved",
    reason: new NotFound({
      message: `sub-account ${member} has no quotas in this project: check the id, or create them with createUserQuotas`
    })
  })
