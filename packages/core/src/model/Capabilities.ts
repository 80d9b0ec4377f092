/**
 * What a cloud can do, as data. A call that is `unsupported` fails before anything is sent.
 */

/** Everything that may differ from cloud to cloud. */
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
 * - `native`: the provider offers it.
 * - `derived`: made from what the provider offers; `note` says how.
 * - `unsupported`: the provider has nothing of the kind; `note` says what it lacks.
 */
export interface Support {
  readonly support: "native" | "derived" | "unsupported"
  readonly note?: string
}

/** What one cloud can do: an answer for every capability. */
export type Capabilities = Readonly<Record<Capability, Support>>

/** The provider offers it. */
export const native: Support = { support: "native" }

/** Made from what the provider offers, as the note says. */
export const derived = (note: string): Support => ({ support: "derived", note })

/** The provider lacks what the note says. */
export const unsupported = (note: string): Support => ({ support: "unsupported", note })
