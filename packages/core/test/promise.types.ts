/**
 * What the types of the Promise door allow, and what they do not: checked, and never run.
 */
import {
  type AccountDefinition,
  type Quantity,
  type Report,
  connect,
  quantity
} from "@cloud-quota/core/promise"

declare const gpu: AccountDefinition

export const names = async () => {
  await using cloud = await connect({ accounts: { gpu, studio: gpu }, people: { ada: { gpu: "60001" } } })
  cloud.account("studio")
  // @ts-expect-error -- there is no account of this name
  cloud.account("stduio")
  await using configured = await connect({ config: "cloud-quota.yaml" })
  configured.account("anything")
  await using found = await connect()
  found.account("anything")
}

export const wrong = async () => {
  // @ts-expect-error -- an account is made by an adapter
  await connect({ accounts: { gpu: { provider: "compshare" } } })
  // @ts-expect-error -- either a file or accounts
  await connect({ config: "cloud-quota.yaml", people: {} })
  await connect({ config: "cloud-quota.yaml", journal: "memory" })
  const cloud = await connect({ accounts: { gpu } })
  const { billing, quotas } = cloud.account("gpu")
  // @ts-expect-error -- an amount is text or a quantity
  await quotas.change("60001", { allowance: { topUpTo: 500 } }, { run: "a" })
  // @ts-expect-error -- no such metric
  await quotas.change("60001", { alowance: { topUpTo: "5 CNY" } }, { run: "a" })
  // @ts-expect-error -- no such metric
  cloud.quotas({ metric: "alowance" })
  await quotas.change("60001", { "avatar-models": { set: 3 } })
  // @ts-expect-error -- no such feature
  cloud.account("gpu").supports("order")
  // @ts-expect-error -- no such check
  await quotas.change("60001", { allowance: { topUpTo: "5 CNY" } }, { waive: ["caution"] })
  // @ts-expect-error -- a period is made by Period, or is its text
  billing.orders({ period: 5 })
  // @ts-expect-error -- a period is needed
  billing.orders({})
  // @ts-expect-error -- no such status
  billing.orders({ period: "2026-11", statuses: ["lost"] })
  // @ts-expect-error -- a run is needed
  await cloud.account("gpu").members.offboard("60001", {})
}

export const results = (report: Report): ReadonlyArray<Quantity | string> =>
  [...report].flatMap((result) => {
    switch (result.outcome) {
      case "Applied":
        return result.observed?.available ?? []
      case "Refused":
        return result.check
      case "Drift":
        return [result.expected, result.observed]
      case "Unknown":
        return result.failure.message
      default:
        // @ts-expect-error -- only a refusal has one
        return result.check ?? []
    }
  })

export const low = async () => {
  const cloud = await connect()
  for await (const { available, metric, share } of cloud.quotas()) {
    const isLow = metric.kind === "ceiling" ? (share ?? 0) > 0.8 : available?.lessThan("100 CNY")
    if (isLow === true) return quantity("100 CNY").minus(available ?? "0 CNY")
  }
  return undefined
}
