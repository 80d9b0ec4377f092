/** The capabilities of a cloud, as data. A call that is `unsupported` fails before anything is sent. */

/** All capabilities that may differ between clouds. */
export const all = [
  "quotas.list",
  "quotas.get",
  "quotas.used",
  "quotas.set",
  "quotas.set-down",
  "quotas.top-up",
  "quotas.adjust",
  "quotas.reclaim",
  "quotas.unlimited",
  "members.list",
  "members.get",
  "members.names",
  "members.invite",
  "members.cancel-invite",
  "members.rename",
  "members.remove",
  "billing.orders",
  "billing.orders-by-member",
  "billing.totals",
  "billing.unpaid",
  "billing.refund-quotes",
  "billing.refund-quotes-by-member",
  "billing.entitlements",
  "billing.balance",
  "billing.usage",
  "billing.monthly-cost",
  "history.provider-log"
] as const

export type Capability = (typeof all)[number]

/**
 * The support for one capability.
 *
 * | value | meaning |
 * |---|---|
 * | `native` | the provider offers it |
 * | `derived` | derived from other features of the provider; `note` describes how |
 * | `unsupported` | the provider does not offer it; `note` names the missing part |
 */
export interface Support {
  readonly support: "native" | "derived" | "unsupported"
  readonly note?: string
}

/** The support of one cloud for every capability. */
export type Capabilities = Readonly<Record<Capability, Support>>

/** The provider offers it. */
export const native: Support = { support: "native" }

/** Derived from other features of the provider, as the note describes. */
export const derived = (note: string): Support => ({ support: "derived", note })

/** Not offered by the provider. The note names the missing part. */
export const unsupported = (note: string): Support => ({ support: "unsupported", note })
