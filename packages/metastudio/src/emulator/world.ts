/** The state that the operations, and the emulator's own methods, read and change. */
import type { DayUsage } from "./days.ts"
import type { OrderBook } from "./orderBook.ts"
import type { Package } from "./packages.ts"
import type { IamUser } from "./people.ts"
import type { Limits, UserState } from "./quota.ts"
import type { Tokens } from "./tokens.ts"

/** A write of a quota that took effect. */
export interface Write {
  /** In milliseconds since 1970. */
  readonly at: number
  readonly operation: "CreateUserQuotas" | "UpdateUserQuotas" | "DeleteUserQuotas"
  readonly userId: string
  /** As sent: without the fields that the request omitted. Absent on a delete. */
  readonly quota?: Limits
  readonly requestId: string
}

/** All changeable state of an emulator. */
export interface World {
  /** The sub-accounts with a quota, by id, in list order. */
  readonly users: Map<string, UserState>
  readonly writes: Array<Write>
  /** The daily minutes of each sub-account, by its id. They add up to its usage. */
  readonly days: Map<string, ReadonlyArray<DayUsage>>
  readonly packages: ReadonlyArray<Package>
  readonly orders: OrderBook
  readonly tokens: Tokens
  iamUsers: ReadonlyArray<IamUser>
  /** Sub-account isolation, without which no quota can be written. */
  isolation: boolean
  aiMark: boolean
}
