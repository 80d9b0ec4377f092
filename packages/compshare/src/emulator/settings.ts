/** The settings of an emulated account, and its default keys. */
import * as KnownKeys from "@cloud-quota/core/adapter/KnownKeys"
import type { Instance, MemberState, Membership } from "./model.ts"
import type { Order } from "./orderBook.ts"

/** The default public key: the one of the vendor's examples. */
export const publicKey = "my_public_key"

/** The private key to {@link publicKey}. It is valid for the emulator only. */
export const privateKey = "my_private_key"

/** The settings of the emulated account. All have a default. */
export interface Settings {
  /** Default: {@link publicKey}. */
  readonly publicKey?: string
  /** Default: {@link privateKey}. */
  readonly privateKey?: string
  /** If given, the keys are temporary ones, and every request must include this token. */
  readonly securityToken?: string
  /** @default 1001 */
  readonly teamId?: number
  readonly team?: { readonly name?: string; readonly companyId?: number; readonly description?: string }
  /** Chooses the generated data, and the request ids. @default 1 */
  readonly seed?: number
  /** Number of generated members. @default 300 */
  readonly size?: number
  /**
   * The members, instead of generated ones. By default, a member with an id has joined, is named `member-N`,
   * and has been allocated nothing; the allocated amount is available.
   */
  readonly members?: ReadonlyArray<Partial<MemberState> & Pick<MemberState, "virtualCompanyId">>
  /** Default: generated orders; none if `members` is given. */
  readonly orders?: ReadonlyArray<Order>
  /**
   * Generates this many simple orders of the year before `seedTime` instead, spread evenly over the joined
   * members: a simple way to a large account. They do not count as spent.
   */
  readonly orderCount?: number
  /** Default: generated instances; none if `members` is given. */
  readonly instances?: ReadonlyArray<Instance>
  /** Default: generated memberships; none if `members` is given. */
  readonly memberships?: ReadonlyArray<Membership>
  /** The amount that the administrator can allocate, in fen. Default: one million yuan. */
  readonly adminBalanceFen?: bigint
  /**
   * Whether `WithdrawAmount` lowers the allocated amount, or only the available one. The vendor does not
   * document it. @default true
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

/** Refuses an unknown setting, which is a mistake in the test. */
export const checkSettings = (settings: Settings): void => KnownKeys.check(settings, settingNames, "settings")
