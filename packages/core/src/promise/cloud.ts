/** A cloud of the Promise API: accounts that stay open until it is closed. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { Accounts } from "../services/Accounts.ts"
import { makeAccount } from "./account.ts"
import type { Account, Cloud, Listing } from "./api.ts"
import { connection } from "./connection.ts"
import type { ConnectOptions } from "./connectOptions.ts"
import { CloudQuotaError } from "./errors.ts"
import { oneByOne } from "./listing.ts"
import { makeRunner } from "./runner.ts"

export const openCloud = async (options: ConnectOptions): Promise<Cloud> => {
  const closing = new AbortController()
  const signal =
    options?.signal instanceof AbortSignal
      ? AbortSignal.any([closing.signal, options.signal])
      : closing.signal
  const scope = Scope.makeUnsafe()
  const build = Effect.gen(function* () {
    const { layer, zone } = yield* connection(options)
    return { context: yield* Layer.buildWithScope(layer, scope), zone }
  }).pipe(Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause))))
  const { context, zone } = await makeRunner(Context.empty(), signal).run(build, options)

  const runner = makeRunner(context, signal)
  const accounts = Context.get(context, Accounts).all.map((account) => makeAccount(account, runner, zone))
  const close = async () => {
    closing.abort(closed())
    await runner.ended()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
  let closes: Promise<void> | undefined
  const closeOnce = () => (closes ??= close())
  const all = <A>(listing: (account: Account) => Listing<A>) => oneByOne(accounts.map(listing))

  return {
    accounts,
    account: (name) => accounts.find((account) => account.name === name) ?? notFound(name, accounts),
    quotas: (filter) => {
      const having = accounts.filter(({ metrics }) => metrics.some(({ id }) => id === filter?.metric))
      // The first account refuses a metric that no account has.
      return oneByOne((having.length === 0 ? accounts : having).map(({ quotas }) => quotas.list(filter)))
    },
    members: (filter) => all(({ members }) => members.list(filter)),
    orders: (filter) => all(({ billing }) => billing.orders(filter)),
    review: (options) => all(({ changes }) => changes.review(options)),
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce
  }
}

const ours = { provider: "cloud-quota", money: "not-moved", retryable: false } as const

const closed = () =>
  new CloudQuotaError({
    ...ours,
    operation: "close",
    reason: "PreconditionFailed",
    message: "the cloud was closed: connect again"
  })

const notFound = (name: string, accounts: ReadonlyArray<Account>): never => {
  const names = accounts.map((account) => account.name).join(", ")
  throw new CloudQuotaError({
    ...ours,
    operation: "account",
    reason: "NotFound",
    message: `there is no account ${JSON.stringify(name)}: the accounts are ${names}`
  })
}
