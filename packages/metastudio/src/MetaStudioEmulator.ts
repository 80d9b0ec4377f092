/**
 * Huawei Cloud MetaStudio's sub-account quotas, in this process: for demos and tests, without an
 * account and without the network.
 *
 * It speaks the vendor's wire format, checks signatures and tokens as the vendor documents them,
 * and answers with the vendor's codes. Where the documentation is silent, a setting or a comment
 * names the choice.
 */
import * as Emulator from "@cloud-quota/core/Emulator"
import * as BigDecimal from "effect/BigDecimal"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { makeIam } from "./internal/emulatorIam.ts"
import { makeMachine, type MachineState, type Write } from "./internal/emulatorMachine.ts"
import { everyField, type Limits, type QuotaField, type UserState } from "./internal/emulatorQuota.ts"
import { inventUsers } from "./internal/emulatorUsers.ts"

export type { Limits, QuotaField, Usage, UserState } from "./internal/emulatorQuota.ts"
export type { Write } from "./internal/emulatorMachine.ts"

/** A sub-account to start with. Limits that are left out were never set; usage is 0 if left out. */
export interface User {
  readonly userId: string
  /** Whole numbers; -1 is unlimited. */
  readonly quota: Limits
  /** Not negative; minutes may be a fraction. */
  readonly usage?: Partial<Readonly<Record<QuotaField, Amount>>>
}

/** A used amount: a number is taken as the decimal that it prints as. */
export type Amount = number | BigDecimal.BigDecimal

/** How an emulator is set up. All of it has a default, see {@link defaults}. */
export interface Settings {
  /** The key pair whose signatures are accepted. It opens nothing but this emulator. */
  readonly accessKey?: string
  readonly secretKey?: string
  /** Makes the key pair a temporary one: every signature must cover this `X-Security-Token`. */
  readonly securityToken?: string
  readonly projectId?: string
  /** The project's name, which is its region: what a token may be asked for instead of the id. */
  readonly projectName?: string
  /** Who may ask for a token: the IAM user, the domain it belongs to, and its password. */
  readonly domain?: string
  readonly user?: string
  readonly password?: string
  /** 24 hours by default. */
  readonly tokenLifetime?: Duration.Input
  /** How far a signature's date may be from the server's clock: 15 minutes by default. */
  readonly clockSkewLimit?: Duration.Input
  /** The sub-accounts to start with, in the order of the list; invented ones by default. */
  readonly users?: ReadonlyArray<User>
  /** Which sub-accounts are invented, and how many: 1 and 200 by default. */
  readonly seed?: number
  readonly size?: number
  /** Sub-account isolation, without which the vendor refuses every write. On by default. */
  readonly isolation?: boolean
  /**
   * What a PUT does to the fields that it leaves out: nothing (`keep`, the default), or it unsets
   * them (`reset`). The vendor does not document it.
   */
  readonly partialPut?: "keep" | "reset"
  /**
   * What a POST does for a sub-account that has a quota: it is refused with 409 (`conflict`, the
   * default), or replaces the quota (`overwrite`). The vendor does not document it.
   */
  readonly createExisting?: "conflict" | "overwrite"
  /**
   * How fields that were never set are listed: not at all (`absent`, the default), or as -1
   * (`unlimited`). The vendor does not document it.
   */
  readonly unsetFields?: "absent" | "unlimited"
}

/** What holds unless the settings say otherwise. */
export const defaults: Required<Omit<Settings, "securityToken" | "users">> = {
  accessKey: "EMULATOR-ACCESS-KEY",
  secretKey: "emulator-secret-key",
  projectId: "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
  projectName: "cn-north-4",
  domain: "emulator-domain",
  user: "emulator-user",
  password: "emulator-password",
  tokenLifetime: "24 hours",
  clockSkewLimit: "15 minutes",
  seed: 1,
  size: 200,
  isolation: true,
  partialPut: "keep",
  createExisting: "conflict",
  unsetFields: "absent"
}

/**
 * An emulated MetaStudio. IAM's token operation is behind the same doors.
 *
 * Its operations, for faults and for the log, are `CreateUserQuotas`, `UpdateUserQuotas`,
 * `DeleteUserQuotas`, `ListUserQuotas` and `KeystoneCreateUserTokenByPassword`.
 */
export interface MetaStudioEmulator extends Emulator.Emulator {
  /** The sub-accounts, in the order of the list. */
  readonly users: Effect.Effect<ReadonlyArray<UserState>>
  /** One sub-account; undefined if there is none with this id. */
  readonly user: (userId: string) => Effect.Effect<UserState | undefined>
  /** Puts a sub-account into this state, whatever it was before; a new one comes last in the list. */
  readonly set: (user: User) => Effect.Effect<void>
  /**
   * Uses up something, as making a video does. Nothing holds it at the limit. An unknown
   * sub-account is a defect.
   */
  readonly use: (userId: string, field: QuotaField, amount: Amount) => Effect.Effect<void>
  /** Makes every token that was given out so far a stale one. */
  readonly expireTokens: Effect.Effect<void>
  /** The writes that took effect through either door, oldest first. */
  readonly writes: Effect.Effect<ReadonlyArray<Write>>
}

/**
 * Makes an emulator with a state of its own.
 *
 * The dates of signatures and tokens are judged by the `Clock` of whoever sends or serves: a real
 * client of a server that runs under `TestClock` is told that its signature has expired.
 *
 * @example
 * import { MetaStudioEmulator } from "@cloud-quota/metastudio"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const emulator = yield* MetaStudioEmulator.make({ size: 20 })
 *   const { origin } = yield* emulator.serve()
 *   return origin // an endpoint of MetaStudio, and of IAM
 * })
 */
export const make = (settings: Settings = {}): Effect.Effect<MetaStudioEmulator> =>
  Effect.gen(function* () {
    const rules = { ...defaults, ...settings }
    const users = rules.users?.map(initialUser) ?? inventUsers(rules.seed, rules.size)
    const state: MachineState = {
      users: new Map(users.map((user) => [user.userId, user])),
      writes: [],
      iam: makeIam({ ...rules, tokenLifetimeMillis: Duration.toMillis(rules.tokenLifetime) })
    }
    const signature = { ...rules, clockSkewLimitMillis: Duration.toMillis(rules.clockSkewLimit) }
    const emulator = yield* Emulator.make(makeMachine({ ...rules, signature }, state))

    return {
      ...emulator,
      users: Effect.sync(() => [...state.users.values()]),
      user: (userId) => Effect.sync(() => state.users.get(userId)),
      set: (user) =>
        Effect.sync(() => {
          state.users.set(user.userId, initialUser(user))
        }),
      use: (userId, field, amount) =>
        Effect.sync(() => {
          const user = state.users.get(userId)
          if (user === undefined) throw new Error(`the emulator has no sub-account ${userId}`)
          const used = BigDecimal.sum(user.usage[field], exactly(amount))
          state.users.set(userId, { ...user, usage: { ...user.usage, [field]: used } })
        }),
      expireTokens: Effect.sync(state.iam.expireAll),
      writes: Effect.sync(() => [...state.writes])
    }
  })

const initialUser = ({ userId, quota, usage }: User): UserState => ({
  userId,
  quota,
  usage: everyField((field) => exactly(usage?.[field] ?? 0))
})

const exactly = (amount: Amount): BigDecimal.BigDecimal =>
  typeof amount === "number" ? BigDecimal.fromNumberUnsafe(amount) : amount
