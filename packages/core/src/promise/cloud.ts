/** A cloud of the Promise API: accounts that stay open until it is closed. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Accounts } from "../services/Accounts.ts"
import { type QuotaFilter as CoreQuotaFilter, arrange } from "../services/quotaFilter.ts"
import { makeAccount } from "./account.ts"
import type { Account, Cloud, Listing } from "./api.ts"
import { connection } from "./connection.ts"
import type { ConnectOptions } from "./connectOptions.ts"
import { CloudQuotaError } from "./errors.ts"
import { oneByOne } from "./listing.ts"
import { makeCalls } from "./calls.ts"
import * as Options from "./options.ts"
import { quotaRows } from "./quotas.ts"
import { quotaOf } from "./results.ts"
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
  const all = Context.get(context, Accounts).all.map((core) => ({
    core,
    calls: makeCalls(core, runner, zone)
  }))
  const accounts = all.map(({ calls, core }) => makeAccount(core, calls))
  const close = async () => {
    closing.abort(closed())
    await runner.ended()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
  let closes: Promise<void> | undefined
  const closeOnce = () => (closes ??= close())
  const ofAll = <A>(listing: (account: Account) => Listing<A>) => oneByOne(accounts.map(listing))

  return {
    accounts,
    account: (name) => accounts.find((account) => account.name === name) ?? notFound(name, accounts),
    quotas: (filter = {}) => {
      const having = all.filter(({ core }) => core.quotas.metrics.some(({ id }) => id === filter.metric))
      // The first account refuses a metric that no account has.
      const chosen = having.length === 0 ? all : having
      const [first] = chosen
      const rows = Stream.flatMap(Stream.fromIterable(chosen), ({ calls, core }) =>
        Stream.map(Stream.unwrap(quotaRows(core, calls, filter)), (state) => ({ ...state, of: core.name }))
      )
      const arranged = Stream.map(arrange(rows, filter as CoreQuotaFilter), ({ of, ...state }) =>
        quotaOf(of)(state)
      )
      return first === undefined
        ? oneByOne([])
        : first.calls.list("quotas.list", () => Effect.succeed(arranged), filter, Options.quotas)
    },
    members: (filter) => ofAll(({ members }) => members.list(filter)),
    orders: (filter) => ofAll(({ billing }) => billing.orders(filter)),
    review: (options) => ofAll(({ changes }) => changes.review(options)),
    [Symbol.asyncIterator]: async function* () {
      yield* accounts
    },
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
