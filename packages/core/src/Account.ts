/**
 * A named, configured binding of provider, team or project, and credentials: what a script works
 * with, whichever cloud it is on.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { AccountIdentity } from "./AccountIdentity.ts"
import * as Billing from "./Billing.ts"
import type { Capabilities } from "./Capabilities.ts"
import * as Changes from "./Changes.ts"
import type { CloudQuotaError } from "./CloudQuotaError.ts"
import type { Driver } from "./Driver.ts"
import { makeChangeEngine } from "./internal/changeEngine.ts"
import { makeChanges } from "./internal/changes.ts"
import { makeBilling, makeMember, makeQuota } from "./internal/services.ts"
import * as Member from "./Member.ts"
import * as Quota from "./Quota.ts"

/** One account, with its services. */
export class Account extends Context.Service<
  Account,
  {
    /** What its owner calls it, as `gpu`. The provider's name where nobody named it. */
    readonly name: string
    readonly identity: AccountIdentity
    readonly capabilities: Capabilities
    readonly quotas: Quota.Quota["Service"]
    readonly members: Member.Member["Service"]
    readonly billing: Billing.Billing["Service"]
    readonly changes: Changes.Changes["Service"]
  }
>()("@cloud-quota/core/Account") {}

/** What an adapter's layer provides besides its own client. */
export type Services = Account | Quota.Quota | Member.Member | Billing.Billing | Changes.Changes

/** The name that an account is to have. `Accounts` sets it; without it the provider's name serves. */
export const AccountName = Context.Reference<string | undefined>("@cloud-quota/core/Account/AccountName", {
  defaultValue: () => undefined
})

/** Makes the neutral services of a driver. This is how an adapter becomes an account. */
export const layer = <E, R>(driver: Effect.Effect<Driver, E, R>): Layer.Layer<Services, E, R> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const made = yield* driver
      const name = (yield* AccountName) ?? made.identity.provider
      const engine = yield* makeChangeEngine(name, made)
      const quotas = makeQuota(name, made, engine)
      const members = makeMember(name, made)
      const billing = makeBilling(name, made)
      const changes = makeChanges(name, made, engine)
      const { capabilities, identity } = made
      return Context.make(Account, { name, identity, capabilities, quotas, members, billing, changes }).pipe(
        Context.add(Quota.Quota, quotas),
        Context.add(Member.Member, members),
        Context.add(Billing.Billing, billing),
        Context.add(Changes.Changes, changes)
      )
    })
  )

/** An account's layer, whatever else it provides. */
export type AccountLayer<E = CloudQuotaError, R = never> = Layer.Layer<Services, E, R>
