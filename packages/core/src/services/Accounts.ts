/**
 * Several accounts side by side, on any clouds. For scripts that are independent of the cloud.
 *
 * **Gotchas**
 *
 * Merging the layers of two accounts keeps only the last of their services, since both provide `Quota`,
 * `Member`, `Billing` and the others. Pass them to {@link layer} instead, each under its name.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Account from "./Account.ts"
import { CloudQuotaError, NotFound } from "../model/CloudQuotaError.ts"

/** All configured accounts. */
export class Accounts extends Context.Service<
  Accounts,
  {
    /** In the order of their configuration. */
    readonly all: ReadonlyArray<Account.Account["Service"]>
    /** Returns one account by its name. Fails with `NotFound`, listing the names that exist. */
    readonly get: (name: string) => Effect.Effect<Account.Account["Service"], CloudQuotaError>
    /**
     * Runs an effect with the services of one account. Fails with `NotFound` for an unknown name.
     *
     * @example
     * import { Accounts, Quota } from "@cloud-quota/core"
     * import { Effect, Stream } from "effect"
     *
     * const quotas = Effect.flatMap(Quota.Quota, ({ list }) => Stream.runCollect(list()))
     *
     * export const program = Effect.flatMap(Accounts.Accounts, ({ provide }) => provide("gpu", quotas))
     */
    readonly provide: <A, E, R>(
      name: string,
      effect: Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | CloudQuotaError, Exclude<R, Account.Services>>
  }
>()("@cloud-quota/core/Accounts") {}

type ErrorOf<L> = L extends Layer.Layer<infer _A, infer E, infer _R> ? E : never
type RequirementsOf<L> = L extends Layer.Layer<infer _A, infer _E, infer R> ? R : never

/**
 * Creates accounts from adapters' layers, each named by its key.
 *
 * @example
 * import { Accounts } from "@cloud-quota/core"
 * import { CompShare } from "@cloud-quota/compshare"
 * import { Redacted } from "effect"
 *
 * export const layer = Accounts.layer({
 *   gpu: CompShare.layer({ teamId: 1001, publicKey: "…", privateKey: Redacted.make("…") })
 * })
 */
export const layer = <
  Layers extends Readonly<Record<string, Layer.Layer<Account.Services, unknown, unknown>>>
>(
  layers: Layers
): Layer.Layer<Accounts, ErrorOf<Layers[keyof Layers]>, RequirementsOf<Layers[keyof Layers]>> =>
  Layer.effect(
    Accounts,
    Effect.gen(function* () {
      const built = yield* Effect.forEach(Object.entries(layers), ([name, accountLayer]) =>
        // Fresh, so that one layer under two names makes two accounts.
        Layer.build(Layer.fresh(accountLayer)).pipe(
          Effect.map((services) => ({ services, account: Context.get(services, Account.Account) })),
          Effect.provideService(Account.AccountName, name)
        )
      )
      const all = built.map(({ account }) => account)
      const find = (name: string) => {
        const found = built.find(({ account }) => account.name === name)
        if (found !== undefined) return Effect.succeed(found)
        const names = all.map((account) => account.name).join(", ")
        const message = `there is no account ${JSON.stringify(name)}: the accounts are ${names || "none"}`
        return Effect.fail(
          new CloudQuotaError({
            provider: "cloud-quota",
            operation: "accounts.get",
            money: "not-moved",
            reason: new NotFound({ message })
          })
        )
      }
      return {
        all,
        get: (name: string) => Effect.map(find(name), ({ account }) => account),
        provide: <A, E, R>(name: string, effect: Effect.Effect<A, E, R>) =>
          Effect.flatMap(find(name), ({ services }) => Effect.provideContext(effect, services))
      }
    })
  ) as Layer.Layer<Accounts, ErrorOf<Layers[keyof Layers]>, RequirementsOf<Layers[keyof Layers]>>
