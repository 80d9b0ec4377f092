/**
 * The settings of an emulated account, and the keys that it accepts without any.
 */
import * as KnownKeys from "@cloud-quota/core/adapter/KnownKeys"
import type { Instance, MemberState, Membership } from "./model.ts"
import type { Order } from "./orderBook.ts"

/** The public key that is accepted unless the settings name another: the one of the vendor's examples. */
export const publicKey = "my_public_key"

/** The private key to {@link publicKey}. It opens nothing but the emulator. */
export const privateKey = "my_private_key"

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
   * So many simple orders of the year before `seedTime` instead, spread evenly over the members
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

/** Refuses a setting that is not known: a mistake in the test. */
export const checkSettings = (settings: Settings): void => KnownKeys.check(settings, settingNames, "settings")
