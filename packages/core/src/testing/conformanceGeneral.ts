/** Conformance of refusals: unsupported features and invalid requests. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Capability, all as allCapabilities } from "../model/Capabilities.ts"
import type { ActionInput } from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import { MemberId, type MemberInfo } from "../model/MemberInfo.ts"
import {
  type Check,
  type Harness,
  check,
  expect,
  failsWith,
  isSupported,
  refusedUnsent
} from "./conformanceKit.ts"
import { roomy } from "./conformanceQuotas.ts"

const aDay = { start: DateTime.makeUnsafe(0), end: DateTime.makeUnsafe(86_400_000) }

export const generalChecks: ReadonlyArray<Check> = [
  check("every unsupported capability says what is lacking", [], ({ account }) =>
    Effect.forEach(
      allCapabilities,
      (capability) => {
        const { note, support } = account.capabilities[capability]
        return expect(`a note on ${capability}`, support === "unsupported" && !note, false)
      },
      { discard: true }
    )
  ),

  check("what cannot be an id is refused before anything is sent", [], (harness) =>
    Effect.gen(function* () {
      const { account } = harness
      const member = listedAs(harness.malformedMember)
      const refused = (what: string, call: Effect.Effect<unknown, CloudQuotaError>) =>
        refusedUnsent(harness, what, "InvalidRequest", call)
      yield* refused("members.get", account.members.get(member))
      yield* refused("quotas.get", account.quotas.get(member))
      for (const { id, step } of adjustable(harness)) {
        const change = account.quotas.change(member, { [id]: { adjust: step } }, { run: "id" })
        yield* refused("quotas.change", change)
      }
    })
  ),

  check("what is neither an id nor a name is refused, with nothing written", [], (harness) =>
    Effect.gen(function* () {
      const { account, malformedMember: member, writes } = harness
      const before = yield* writes
      yield* failsWith("members.get", "InvalidRequest", account.members.get(member))
      yield* failsWith("quotas.get", "InvalidRequest", account.quotas.get(member))
      for (const { id, step } of adjustable(harness)) {
        const change = account.quotas.change(member, { [id]: { adjust: step } }, { run: "name" })
        yield* failsWith("quotas.change", "InvalidRequest", change)
      }
      yield* expect("writes", (yield* writes) - before, 0)
    })
  ),

  check(
    "orders of what cannot be an id are refused before anything is sent",
    ["billing.orders-by-member"],
    (harness) =>
      refusedUnsent(
        harness,
        "billing.orders",
        "InvalidRequest",
        Stream.runDrain(
          harness.account.billing.orders({ member: listedAs(harness.malformedMember), period: aDay })
        )
      )
  ),

  check("what is not supported is refused before anything is sent", ["quotas.get"], (harness) =>
    Effect.gen(function* () {
      const { account, member } = harness
      const { billing } = account
      const { metric } = yield* roomy(harness)
      const { step } = metric
      const request = (action: ActionInput) =>
        account.quotas.change(member, { [metric.id]: action }, { run: "unsupported" })
      const calls: Partial<Record<Capability, Effect.Effect<unknown, CloudQuotaError>>> = {
        "quotas.set": request({ set: metric.minimum }),
        "quotas.top-up": request({ topUpTo: step }),
        "quotas.adjust": request({ adjust: step }),
        "quotas.reclaim": request({ reclaim: step }),
        "members.invite": account.members.invite({ user: "somebody" }),
        "members.cancel-invite": account.members.cancelInvite("somebody"),
        "members.rename": account.members.rename(member, "Somebody"),
        "members.remove": account.members.remove(member),
        "billing.orders": Stream.runDrain(billing.orders({ period: aDay })),
        "billing.orders-by-member": Stream.runDrain(billing.orders({ member, period: aDay })),
        "billing.unpaid": Stream.runDrain(billing.unpaid()),
        "billing.refund-quotes": billing.refundQuotes({ zone: "zone", resourceIds: ["resource"] }),
        "billing.refund-quotes-by-member": billing.refundQuotes({ member }),
        "billing.entitlements": Stream.runDrain(billing.entitlements),
        "billing.balance": billing.balance,
        "billing.usage": Stream.runDrain(billing.usage({ period: aDay })),
        "billing.monthly-cost": Stream.runDrain(billing.monthlyCost({ month: "2026-11" }))
      }
      for (const capability of allCapabilities) {
        const call = calls[capability]
        if (call === undefined || isSupported(harness, capability)) continue
        yield* refusedUnsent(harness, capability, "Unsupported", call)
      }
    })
  )
]

const adjustable = (harness: Harness) =>
  isSupported(harness, "quotas.adjust") ? harness.account.quotas.metrics : []

/** A member as a listing gives it, which needs no lookup. */
const listedAs = (id: string): MemberInfo => ({ id: MemberId.make(id), status: { _tag: "active" } })
