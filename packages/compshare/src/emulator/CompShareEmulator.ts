/**
 * A CompShare account in this process, for tests and demos: it speaks the provider's wire format,
 * checks signatures, and moves pretended money.
 *
 * What the vendor documents, it does. Where the vendor says nothing it chooses, and the choice is
 * marked as such where it is made; nothing was tried against the real service.
 */
import * as Emulator from "@cloud-quota/core/testing/Emulator"
import * as KnownKeys from "@cloud-quota/core/adapter/KnownKeys"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { makeMachine } from "./actions.ts"
import { accept, reject, remove } from "./members.ts"
import { changeAvailable, makeWorld, memberOf, move, stateOf } from "./world.ts"

export { seedTime } from "./seed.ts"

/** The public key that is accepted unless the settings name another: the one of the vendor's examples. */
export const publicKey = "my_public_key"

/** The private key to {@link publicKey}. It opens nothing but the emulator. */
export const privateKey = "my_private_key"

/** What a change of a member's amount is called on the wire. */
export type OperateType = "AllocateAmount" | "WithdrawAmount"

/** Somebody who was invited to a team of the account, with amounts in fen. */
export interface MemberState {
  /** The id that amounts and orders go by; 0 until the member has joined. It stays when the member leaves. */
  readonly virtualCompanyId: number
  readonly userCompanyId: number
  readonly remarkName: string
  /** In the casing of the vendor's SDKs; its page writes `joined`. */
  readonly status: "Pending" | "Joined" | "Rejected" | "Canceled"
  readonly allocatedFen: bigint
  /** What is left to spend, in fen. */
  readonly availableFen: bigint
  /** When the member was invited, in Unix seconds. */
  readonly createTime: number
}

/** A team of somebody else that the account itself was invited to. */
export interface Membership {
  readonly teamId: number
  readonly teamName: string
  /** The company id of the team's administrator. */
  readonly teamCompanyId: number
  /** 0 until the account has joined. */
  readonly virtualCompanyId: number
  readonly status: MemberState["status"]
  readonly remarkName: string
  /** When the account was invited, in Unix seconds. */
  readonly createTime: number
}

/** A row of `DescribeTeamMemberOrder`, as it goes over the wire, and whose it is. */
export interface Order {
  readonly virtualCompanyId: number
  readonly OrderNo: string
  readonly OrderType: string
  readonly OrderState: string
  readonly ChargeType: string
  /** Yuan, as decimal text; negative in a refund. */
  readonly Amount: string
  /** What was really paid, in yuan. */
  readonly AmountReal: string
  readonly AmountFree?: string
  readonly AmountCoupon?: string
  readonly ResourceId: string
  readonly ResourceType?: number
  readonly RegionId?: number
  readonly Quantity?: string
  readonly Count?: number
  /** Unix seconds, as the times below. */
  readonly CreateTime: number
  readonly UpdateTime?: number
  readonly StartTime?: number
  readonly EndTime?: number
  readonly TradeNo?: string
  readonly ProjectName?: string
  readonly OrderDetail: ReadonlyArray<{ readonly ProductName: string; readonly Value: string }>
}

/**
 * A GPU instance. What is not given is as in the vendor's examples: a running 4090 with 16 cores and
 * 64 GB, paid by the month. Its disks are `bsm-` and `udisk-` with the rest of its own id.
 */
export interface Instance {
  readonly uHostId: string
  readonly region: string
  readonly zone: string
  /** 0 if the instance can be refunded. */
  readonly code: number
  readonly message: string
  /** Yuan, written digit for digit as the JSON number, as `235.50`. Absent if there is no refund. */
  readonly refundPriceYuan?: string
  /** Its id by default. */
  readonly name?: string
  /** As `Running` or `Stopped`. */
  readonly state?: string
  /** As `Month`, `Dynamic` or `Postpay`. */
  readonly chargeType?: string
  /** As `4090`. */
  readonly gpuType?: string
  readonly gpu?: number
  readonly cpu?: number
  readonly memoryMb?: number
  readonly bootDiskGb?: number
  readonly dataDiskGb?: number
  /** Unix seconds, as the time below. */
  readonly createTime?: number
  readonly expireTime?: number
}

/** Money that moved between the admin and one member. */
export type LedgerEntry = {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly operateType: OperateType
  /** The member's virtual company id. */
  readonly member: number
  readonly amountFen: bigint
} & ({ readonly source: "api"; readonly requestId: string } | { readonly source: "console" })

/** The money at one moment. */
export interface State {
  readonly adminBalanceFen: bigint
  readonly members: ReadonlyArray<MemberState>
}

/** How the emulated account is to be. Everything has a default. */
export interface Settings {
  /** {@link publicKey} by default. */
  readonly publicKey?: string
  /** {@link privateKey} by default. */
  readonly privateKey?: string
  /** If given, the keys are temporary ones, and every request must bring this token. */
  readonly securityToken?: string
  /** 1001 by default. */
  readonly teamId?: number
  readonly team?: { readonly name?: string; readonly companyId?: number; readonly description?: string }
  /** Chooses the generated data, and the request ids; 1 by default. */
  readonly seed?: number
  /** How many members to generate; 300 by default. */
  readonly size?: number
  /**
   * The members, instead of generated ones. Whoever has an id has joined, has the name `member-N`,
   * and has been allocated nothing, unless told otherwise; all that is allocated is available.
   */
  readonly members?: ReadonlyArray<Partial<MemberState> & Pick<MemberState, "virtualCompanyId">>
  /** Instead of generated ones; none if `members` is given. */
  readonly orders?: ReadonlyArray<Order>
  /**
   * So many simple orders of the year before {@link seedTime} instead, spread evenly over the members
   * who have joined: a large account without much ado. They are not part of what anybody has spent.
   */
  readonly orderCount?: number
  /** Instead of generated ones; none if `members` is given. */
  readonly instances?: ReadonlyArray<Instance>
  /** Instead of generated ones; none if `members` is given. */
  readonly memberships?: ReadonlyArray<Membership>
  /** What the admin can allocate, in fen; one million yuan by default. */
  readonly adminBalanceFen?: bigint
  /**
   * Whether `WithdrawAmount` lowers what is shown as allocated, or only what is available. The
   * vendor does not say which; true by default.
   */
  readonly withdrawLowersAllocated?: boolean
}

/**
 * The emulated account. A member is named by the virtual company id. A door that is asked for what
 * cannot be, such as to spend more than there is, dies: that is a mistake in the test.
 */
export interface CompShareEmulator extends Emulator.Emulator {
  /** The money as it is now. */
  readonly state: Effect.Effect<State>
  /** Every change that was made, oldest first. */
  readonly ledger: Effect.Effect<ReadonlyArray<LedgerEntry>>
  /** The member orders something. */
  readonly spend: (member: number, fen: bigint) => Effect.Effect<void>
  /** An order of the member is refunded: what is available rises, and nothing was allocated. */
  readonly refundOrder: (member: number, fen: bigint) => Effect.Effect<void>
  /** An administrator allocates in the web console. */
  readonly consoleAllocate: (member: number, fen: bigint) => Effect.Effect<void>
  /** An administrator withdraws in the web console. */
  readonly consoleWithdraw: (member: number, fen: bigint) => Effect.Effect<void>
  /** The user accepts the oldest open invitation, and gets the virtual company id that this gives. */
  readonly acceptInvitation: (userCompanyId: number) => Effect.Effect<number>
  /** The user turns the oldest open invitation down. */
  readonly rejectInvitation: (userCompanyId: number) => Effect.Effect<void>
  /**
   * An administrator removes a member, from whom everything has been withdrawn, in the web console. The
   * row stays as `Canceled`; should the user come back, there will be another row.
   */
  readonly consoleRemove: (member: number) => Effect.Effect<void>
  /**
   * An order of a member appears, even between two pages. No money moves:
   * {@link CompShareEmulator.spend} does that.
   */
  readonly addOrder: (order: Order) => Effect.Effect<void>
  /** An order disappears, even between two pages. */
  readonly removeOrder: (orderNo: string) => Effect.Effect<void>
}

const settingNames: KnownKeys.Names<Settings> = {
  publicKey: true,
  privateKey: true,
  securityToken: true,
  teamId: true,
  team: true,
  seed: true,
  size: true,
  members: true,
  orders: true,
  orderCount: true,
  instances: true,
  memberships: true,
  adminBalanceFen: true,
  withdrawLowersAllocated: true
}

/**
 * Makes an emulated account. An unknown setting is a mistake in the test, and so a defect.
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
    KnownKeys.check(settings, settingNames, "settings")
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
