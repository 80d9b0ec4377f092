/**
 * An emulated CompShare account in this process, for tests and demos: it uses the provider's wire format,
 * checks signatures, and moves emulated money.
 *
 * Documented behaviour is followed. Undocumented behaviour is a choice, and marked as such in the code;
 * nothing was tried against the real service.
 */
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import { type CloudQuotaError, invalid } from "@cloud-quota/core/CloudQuotaError"
import * as Emulator from "@cloud-quota/core/testing/Emulator"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { makeMachine } from "./actions.ts"
import { makeWorld } from "./makeWorld.ts"
import { accept, reject, remove } from "./members.ts"
import type { LedgerEntry, OperateType, State } from "./model.ts"
import type { Order } from "./orderBook.ts"
import { type Settings, checkSettings, privateKey, publicKey } from "./settings.ts"
import { changeAvailable, memberOf, move, stateOf } from "./world.ts"

export type { Instance, LedgerEntry, Membership, MemberState, OperateType, State } from "./model.ts"
export type { Order } from "./orderBook.ts"
export { seedTime } from "./seed.ts"
export { privateKey, publicKey } from "./settings.ts"
export type { Settings } from "./settings.ts"

/**
 * The emulated account. Members are identified by their virtual company id. An impossible request of a test,
 * such as spending more than the balance, is a defect.
 */
export interface CompShareEmulator extends Emulator.Emulator {
  /** The present amounts. */
  readonly state: Effect.Effect<State>
  /** All changes, oldest first. */
  readonly ledger: Effect.Effect<ReadonlyArray<LedgerEntry>>
  /** Places an order for the member, which lowers the available amount. */
  readonly spend: (member: number, fen: bigint) => Effect.Effect<void>
  /** Refunds an order of the member: the available amount rises, and the allocated amount stays. */
  readonly refundOrder: (member: number, fen: bigint) => Effect.Effect<void>
  /** An administrator allocates in the web console. */
  readonly consoleAllocate: (member: number, fen: bigint) => Effect.Effect<void>
  /** An administrator withdraws in the web console. */
  readonly consoleWithdraw: (member: number, fen: bigint) => Effect.Effect<void>
  /** The user accepts the oldest open invitation. Returns the new virtual company id. */
  readonly acceptInvitation: (userCompanyId: number) => Effect.Effect<number>
  /** The user rejects the oldest open invitation. */
  readonly rejectInvitation: (userCompanyId: number) => Effect.Effect<void>
  /**
   * An administrator removes a member in the web console, after everything has been withdrawn. The row stays
   * as `Canceled`; if the user comes back, there will be another row.
   */
  readonly consoleRemove: (member: number) => Effect.Effect<void>
  /**
   * Adds an order of a member, even between two pages. No money moves: {@link CompShareEmulator.spend} does
   * that.
   */
  readonly addOrder: (order: Order) => Effect.Effect<void>
  /** Removes an order, even between two pages. */
  readonly removeOrder: (orderNo: string) => Effect.Effect<void>
}

/**
 * Makes an emulated account. An unknown setting is a mistake in the test, and therefore a defect.
 *
 * @example
 * import { CompShareEmulator } from "@cloud-quota/compshare/testing"
 * import { Effect } from "effect"
 *
 * export const program = Effect.gen(function* () {
 *   const emulator = yield* CompShareEmulator.make({
 *     members: [{ virtualCompanyId: 60001, remarkName: "张三", allocatedFen: 100_000n }]
 *   })
 *   const { origin } = yield* emulator.serve()
 *   return origin
 * })
 */
export const make = (settings: Settings = {}): Effect.Effect<CompShareEmulator> =>
  Effect.gen(function* () {
    checkSettings(settings)
    const world = yield* Effect.sync(() => makeWorld(settings))
    const credentials = {
      publicKey: settings.publicKey ?? publicKey,
      privateKey: settings.privateKey ?? privateKey,
      securityToken: settings.securityToken
    }
    const emulator = yield* Emulator.make(makeMachine(world, credentials, settings.seed ?? 1))

    const inConsole = (operateType: OperateType) => (member: number, amountFen: bigint) =>
      Effect.map(Clock.currentTimeMillis, (at) => {
        requirePositive(amountFen)
        const failure = move(world, { operateType, member, amountFen, at, origin: { source: "console" } })
        if (failure !== undefined) throw new Error(`the console refuses member ${member}: ${failure.message}`)
      })
    const byOrder = (sign: bigint) => (member: number, fen: bigint) =>
      Effect.sync(() => {
        requirePositive(fen)
        changeAvailable(world, member, sign * fen)
      })

    return {
      ...emulator,
      state: Effect.sync(() => stateOf(world)),
      ledger: Effect.sync(() => [...world.ledger]),
      spend: byOrder(-1n),
      refundOrder: byOrder(1n),
      consoleAllocate: inConsole("AllocateAmount"),
      consoleWithdraw: inConsole("WithdrawAmount"),
      acceptInvitation: (user) => Effect.map(Clock.currentTimeMillis, (at) => accept(world, user, at)),
      rejectInvitation: (user) => Effect.map(Clock.currentTimeMillis, (at) => reject(world, user, at)),
      consoleRemove: (member) => Effect.sync(() => remove(world, member)),
      addOrder: (order) =>
        Effect.sync(() => {
          memberOf(world, order.virtualCompanyId)
          world.orders.add(order)
        }),
      removeOrder: (orderNo) => Effect.sync(() => world.orders.remove(orderNo))
    }
  })

const requirePositive = (fen: bigint): void => {
  if (fen <= 0n) throw new RangeError(`an amount of ${fen} fen; it must be above 0`)
}

/**
 * Starts the emulator on loopback, and returns its address and keys. Fails as `InvalidRequest` if the port
 * cannot be used.
 */
export const start = Effect.fnUntraced(function* ({
  port,
  ...invented
}: Emulator.EmulateOptions = {}): Effect.fn.Return<Emulator.Emulated, CloudQuotaError, Scope.Scope> {
  const emulator = yield* make(invented)
  const { origin } = yield* Effect.mapError(emulator.serve(defined({ port })), ({ message }) =>
    invalid({ provider: "compshare", operation: "emulate", field: "port", message })
  )
  return {
    origin,
    emulator,
    environment: {
      COMPSHARE_PUBLIC_KEY: publicKey,
      COMPSHARE_PRIVATE_KEY: privateKey,
      COMPSHARE_TEAM_ID: "1001",
      COMPSHARE_ENDPOINT: origin
    },
    settings: { provider: "compshare", team: 1001, endpoint: origin }
  }
})
