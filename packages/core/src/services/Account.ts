/**
 * A named binding of a provider, a team or project, and credentials. Scripts work with it the same way on
 * every cloud.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { AccountIdentity } from "../model/AccountIdentity.ts"
import * as Billing from "./Billing.ts"
import type { Capabilities } from "../model/Capabilities.ts"
import * as Changes from "./Changes.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Driver } from "../model/Driver.ts"
import { makeChangeEngine } from "../engine/changeEngine.ts"
import { makeChanges } from "./makeChanges.ts"
import * as History from "./History.ts"
import { makeBilling } from "./makeBilling.ts"
import { makeHistory } from "./makeHistory.ts"
import { makeResolveMembers, oneOf } from "./memberRef.ts"
import { makeMember } from "./makeMembers.ts"
import { makeQuota } from "./makeQuotas.ts"
import type { ServiceContext } from "./serviceContext.ts"
import * as Member from "./Member.ts"
import { People } from "../model/People.ts"
import * as Quota from "./Quota.ts"

/** One account, with its services. */
export class Account extends Context.Service<
  Account,
  {
    /** The name that its owner gave it, such as `gpu`. By default the provider's name. */
    readonly name: string
    readonly identity: AccountIdentity
    readonly capabilities: Capabilities
    readonly quotas: Quota.Quota["Service"]
    readonly members: Member.Member["Service"]
    readonly billing: Billing.Billing["Service"]
    readonly changes: Changes.Changes["Service"]
    readonly history: History.History["Service"]
  }
>()("@cloud-quota/core/Account") {}

/** The services that an adapter's layer provides, besides its own client. */
export type Services =
  | Account
  | Quota.Quota
  | Member.Member
  | Billing.Billing
  | Changes.Changes
  | History.History

/** The name for a new account. `Accounts` sets it; without it the provider's name is used. */
export const AccountName = Context.Reference<string | undefined>("@cloud-quota/core/Account/AccountName", {
  defaultValue: () => undefined
})

/** Makes the neutral services of a driver. An adapter becomes an account this way. */
export const layer = <E, R>(driver: Effect.Effect<Driver, E, R>): Layer.Layer<Services, E, R> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const made = yield* driver
      const name = (yield* AccountName) ?? made.identity.provider
      const engine = yield* makeChangeEngine(name, made)
      const context: ServiceContext = { account: name, driver: made, people: yield* People }
      const resolveMembers = makeResolveMembers(context)
      const resolveMember = oneOf(resolveMembers)
      const quotas = makeQuota(context, resolveMembers, engine)
      const members = makeMember(context, resolveMember, resolveMembers, engine)
      const billing = makeBilling(context, resolveMember)
      const changes = makeChanges(context, resolveMembers, engine)
      const history = makeHistory(context, resolveMember, engine)
      const { capabilities, identity } = made
      const services = { quotas, members, billing, changes, history }
      return Context.make(Account, { name, identity, capabilities, ...services }).pipe(
        Context.add(Quota.Quota, quotas),
        Context.add(Member.Member, members),
        Context.add(Billing.Billing, billing),
        Context.add(Changes.Changes, changes),
        Context.add(History.History, history)
      )
    })
  )

/** An account's layer. It may provide other services too. */
export type AccountLayer<E = CloudQuotaError, R = never> = Layer.Layer<Services, E, R>
