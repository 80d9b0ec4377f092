/**
 * Huawei Cloud MetaStudio in this process, with the related parts of IAM and of the billing service: for
 * demos and tests, without an account and without the network.
 *
 * It uses the vendor's wire format, checks signatures and tokens as the vendor documents them, and answers
 * with the vendor's codes. Undocumented behaviour is named by a setting or a comment.
 */
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import { type CloudQuotaError, invalid } from "@cloud-quota/core/CloudQuotaError"
import * as Emulator from "@cloud-quota/core/testing/Emulator"
import * as KnownKeys from "@cloud-quota/core/adapter/KnownKeys"
import * as BigDecimal from "effect/BigDecimal"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { minuteFields, spread } from "./days.ts"
import { makeMachine } from "./machine.ts"
import { makeOrderBook, type Order } from "./orderBook.ts"
import { inventOrders } from "./orders.ts"
import { inventPackages } from "./packages.ts"
import { type IamUser, inventPeople } from "./people.ts"
import { everyField, type Limits, type QuotaField, type UserState } from "./quota.ts"
import { day } from "./time.ts"
import { makeTokens } from "./tokens.ts"
import { inventUsers } from "./users.ts"
import type { World, Write } from "./world.ts"

export type { Order, OrderItem, ServiceType } from "./orderBook.ts"
export type { IamUser } from "./people.ts"
export type { Limits, QuotaField, Usage, UserState } from "./quota.ts"
export { seedTime } from "./time.ts"
export type { Write } from "./world.ts"

/** A sub-account to start with. Absent limits were never set; absent usage is 0. */
export interface User {
  readonly userId: string
  /** Whole numbers; -1 is unlimited. */
  readonly quota: Limits
  /** Not negative; minutes may be a fraction. */
  readonly usage?: Partial<Readonly<Record<QuotaField, Amount>>>
}

/** A used amount. A number means the decimal that it prints as. */
export type Amount = number | BigDecimal.BigDecimal

/** The settings of an emulator. All have a default: see {@link defaults}. */
export interface Settings {
  /** The key pair of accepted signatures. It is valid for this emulator only. */
  readonly accessKey?: string
  readonly secretKey?: string
  /** Makes the key pair a temporary one: every signature must cover this `X-Security-Token`. */
  readonly securityToken?: string
  readonly projectId?: string
  /** The project's name, which is its region: a token may be requested by it instead of the id. */
  readonly projectName?: string
  /** The account's id, which signatures for the billing service must cover as `X-Domain-Id`. */
  readonly domainId?: string
  /** The agency of this account that issues temporary keys. */
  readonly agency?: string
  /** The credentials for tokens: the IAM user, its domain, and its password. */
  readonly domain?: string
  readonly user?: string
  readonly password?: string
  /** @default "24 hours" */
  readonly tokenLifetime?: Duration.Input
  /** How far a signature's date may be from the server's clock. @default "15 minutes" */
  readonly clockSkewLimit?: Duration.Input
  /** The sub-accounts to start with, in list order. Default: invented ones. */
  readonly users?: ReadonlyArray<User>
  /** The seed of invented data, and the number of invented sub-accounts. Default: 1 and 200. */
  readonly seed?: number
  readonly size?: number
  /**
   * IAM's users, or `denied` if these credentials may not see them (403). Default: the sub-accounts to start
   * with under invented names, the account itself, and some users without quotas.
   */
  readonly iamUsers?: ReadonlyArray<IamUser> | "denied"
  /**
   * The orders to start with. Default: a year of invented ones that ends at {@link seedTime}. The time per
   * page does not grow with their number.
   */
  readonly orders?: ReadonlyArray<Order>
  /** Sub-account isolation, without which the vendor refuses every write. @default true */
  readonly isolation?: boolean
  /**
   * The effect of a PUT on absent fields: `keep` leaves them, `reset` unsets them. The vendor does not
   * document it. @default "keep"
   */
  readonly partialPut?: "keep" | "reset"
  /**
   * The effect of a POST for a sub-account that has a quota: `conflict` refuses it with 409, `overwrite`
   * replaces the quota. The vendor does not document it. @default "conflict"
   */
  readonly createExisting?: "conflict" | "overwrite"
  /**
   * How unset fields are listed: `absent` omits them, `unlimited` lists them as -1. The vendor does not
   * document it. @default "absent"
   */
  readonly unsetFields?: "absent" | "unlimited"
}

/** The default settings. */
export const defaults: Required<Omit<Settings, "securityToken" | "users" | "iamUsers" | "orders">> = {
  accessKey: "EMULATOR-ACCESS-KEY",
  secretKey: "emulator-secret-key",
  projectId: "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
  projectName: "cn-north-4",
  domainId: "4f1c2d3e5a6b47089a0b1c2d3e4f5061",
  agency: "emulator-agency",
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
 * An emulated MetaStudio. It also serves the operations of IAM and of the billing service.
 *
 * Its operations, for faults and for the log:
 * - MetaStudio: `CreateUserQuotas`, `UpdateUserQuotas`, `DeleteUserQuotas`, `ListUserQuotas`,
 *   `ListTenantResources`, `ShowResourceUsage`, `CountTenantResources`, `ShowTenantAssginRecord`,
 *   `ShowVoiceTrainingQuotas`, `ShowUsageData`, `ShowSummaryUsageData`, `ShowTenantServiceConfigs`,
 *   `UpdateTenantServiceConfigs`;
 * - IAM: `KeystoneCreateUserTokenByPassword`, `CreateTemporaryAccessKeyByAgency`,
 *   `KeystoneListAuthDomains`, `KeystoneListProjects`, `KeystoneListUsers`, `KeystoneShowUser`,
 *   `ListUsersV5`;
 * - billing: `ListCustomerOrders`, `ShowCustomerOrderDetails`, `ShowCustomerAccountBalances`,
 *   `ListCustomerselfResourceRecords`, `ShowCustomerMonthlySum`, `ListFreeResourceInfos`,
 *   `ListFreeResourceUsages`.
 *
 * Invented data is consistent: packages cover the quotas and are used as far as the sub-accounts used them,
 * days add up to usage, and bills to the paid orders.
 */
export interface MetaStudioEmulator extends Emulator.Emulator {
  /** The sub-accounts, in list order. */
  readonly users: Effect.Effect<ReadonlyArray<UserState>>
  /** One sub-account; `undefined` if there is none with this id. */
  readonly user: (userId: string) => Effect.Effect<UserState | undefined>
  /** Sets the state of a sub-account, whatever it was before. A new one is added at the end of the list. */
  readonly set: (user: User) => Effect.Effect<void>
  /**
   * Uses an amount now, as making a video does. The limit is not enforced. An unknown sub-account is a
   * defect.
   */
  readonly use: (userId: string, field: QuotaField, amount: Amount) => Effect.Effect<void>
  /** Expires all tokens and temporary keys issued so far. */
  readonly expireTokens: Effect.Effect<void>
  /** The writes of quotas that took effect, in process or over the network, oldest first. */
  readonly writes: Effect.Effect<ReadonlyArray<Write>>
  /** IAM's users, in list order. */
  readonly iamUsers: Effect.Effect<ReadonlyArray<IamUser>>
  /** Replaces IAM's users. */
  readonly setIamUsers: (users: ReadonlyArray<IamUser>) => Effect.Effect<void>
  /** The orders, oldest first. */
  readonly orders: Effect.Effect<ReadonlyArray<Order>>
  /** Adds an order, or replaces the one with this id. Items that do not add up to it are a defect. */
  readonly addOrder: (order: Order) => Effect.Effect<void>
  /** Removes an order. An unknown one is a defect. */
  readonly removeOrder: (orderId: string) => Effect.Effect<void>
}

const settingNames: KnownKeys.Names<Settings> = {
  accessKey: true,
  secretKey: true,
  securityToken: true,
  projectId: true,
  projectName: true,
  domainId: true,
  agency: true,
  domain: true,
  user: true,
  password: true,
  tokenLifetime: true,
  clockSkewLimit: true,
  users: true,
  seed: true,
  size: true,
  iamUsers: true,
  orders: true,
  isolation: true,
  partialPut: true,
  createExisting: true,
  unsetFields: true
}

/**
 * Makes an emulator with its own state. An unknown setting is a mistake in the test, and therefore a defect.
 *
 * The dates of signatures and tokens are checked against the `Clock` of the sender or the server: a server
 * under `TestClock` answers a real client that its signature has expired. Invented data ends at
 * {@link seedTime}, whatever the clock.
 *
 * @example
 * import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const emulator = yield* MetaStudioEmulator.make({ size: 20 })
 *   const { origin } = yield* emulator.serve()
 *   return origin // an endpoint of MetaStudio, of IAM, and of the billing service
 * })
 */
export const make = (settings: Settings = {}): Effect.Effect<MetaStudioEmulator> =>
  Effect.gen(function* () {
    KnownKeys.check(settings, settingNames, "settings")
    const rules = { ...defaults, ...settings }
    const users = rules.users?.map(initialUser) ?? inventUsers(rules.seed, rules.size)
    const packages = inventPackages(rules.seed, users)
    const userIds = users.map(({ userId }) => userId)
    const world: World = {
      users: new Map(users.map((user) => [user.userId, user])),
      writes: [],
      days: new Map(users.map((user) => [user.userId, spread(rules.seed, user)])),
      packages,
      orders: makeOrderBook(rules.orders ?? inventOrders(rules.seed, packages)),
      tokens: makeTokens({ ...rules, tokenLifetimeMillis: Duration.toMillis(rules.tokenLifetime) }),
      iamUsers: Array.isArray(rules.iamUsers)
        ? rules.iamUsers
        : inventPeople(rules.seed, rules.user, userIds),
      isolation: rules.isolation,
      aiMark: true
    }
    const emulator = yield* Emulator.make(
      makeMachine(
        {
          ...rules,
          usersDenied: rules.iamUsers === "denied",
          clockSkewLimitMillis: Duration.toMillis(rules.clockSkewLimit)
        },
        world
      )
    )

    return {
      ...emulator,
      users: Effect.sync(() => [...world.users.values()]),
      user: (userId) => Effect.sync(() => world.users.get(userId)),
      set: (user) =>
        Effect.sync(() => {
          const state = initialUser(user)
          world.users.set(user.userId, state)
          world.days.set(user.userId, spread(rules.seed, state))
        }),
      use: (userId, field, amount) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          const user = world.users.get(userId)
          if (user === undefined) throw new Error(`the emulator has no sub-account ${userId}`)
          const used = BigDecimal.sum(user.usage[field], exactly(amount))
          world.users.set(userId, { ...user, usage: { ...user.usage, [field]: used } })
          const minuteField = minuteFields.find((name) => name === field)
          if (minuteField === undefined) return
          const today = now - (now % day)
          const row = { day: today, field: minuteField, minutes: exactly(amount), videos: 1 }
          world.days.set(userId, [...(world.days.get(userId) ?? []), row])
        }),
      expireTokens: Effect.sync(world.tokens.expireAll),
      writes: Effect.sync(() => [...world.writes]),
      iamUsers: Effect.sync(() => world.iamUsers),
      setIamUsers: (users) =>
        Effect.sync(() => {
          world.iamUsers = [...users]
        }),
      orders: Effect.sync(() => world.orders.all().map(({ order }) => order)),
      addOrder: (order) => Effect.sync(() => world.orders.add(order)),
      removeOrder: (orderId) => Effect.sync(() => world.orders.remove(orderId))
    }
  })

const initialUser = ({ userId, quota, usage }: User): UserState => ({
  userId,
  quota,
  usage: everyField((field) => exactly(usage?.[field] ?? 0))
})

const exactly = (amount: Amount): BigDecimal.BigDecimal =>
  typeof amount === "number" ? BigDecimal.fromNumberUnsafe(amount) : amount

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
    invalid({ provider: "metastudio", operation: "emulate", field: "port", message })
  )
  const { accessKey, domainId, projectId, secretKey } = defaults
  const endpoints = { endpoint: origin, iamEndpoint: origin, bssEndpoint: origin }
  return {
    origin,
    emulator,
    environment: {
      HUAWEICLOUD_SDK_AK: accessKey,
      HUAWEICLOUD_SDK_SK: secretKey,
      HUAWEICLOUD_SDK_PROJECT_ID: projectId,
      HUAWEICLOUD_SDK_DOMAIN_ID: domainId,
      HUAWEICLOUD_SDK_IAM_ENDPOINT: origin,
      METASTUDIO_ENDPOINT: origin
    },
    settings: { provider: "metastudio", project: projectId, ...endpoints }
  }
})
