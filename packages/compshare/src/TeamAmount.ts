/**
 * A change of CompShare allowances, as `SetCompShareTeamAmount` takes and answers it.
 */
import type * as Quantity from "@cloud-quota/core/Quantity"
import type * as Transport from "@cloud-quota/core/Transport"

/** A change of allowances. It is a difference: sent twice, it moves the money twice. */
export interface TeamAmount {
  /** The client's own team if absent. */
  readonly teamId?: number
  /** At least one, none of them twice. Each is given, or loses, the whole amount. */
  readonly virtualCompanyIds: ReadonlyArray<number>
  /** Positive CNY in whole fen, up to 2^53 - 1 fen. */
  readonly amount: Quantity.Quantity
  readonly operateType: "AllocateAmount" | "WithdrawAmount"
}

/** Why something was not done for one of those it was asked for. */
export interface FailedMember {
  /** What it means is in `RetCode`, as a code of scope `member`. */
  readonly code: number
  readonly message?: string
}

/** What became of a change of allowances: everybody who did not fail was changed. */
export interface TeamAmountAnswer {
  readonly requestId?: string
  readonly httpStatus: number
  readonly failedMembers: ReadonlyMap<number, FailedMember>
}

/** A connection of its own, and the last word before the write. */
export interface Over {
  readonly line: Transport.Line
  /** Called in the same synchronous turn as the write: if it gives false, nothing is written. */
  readonly check: () => boolean
}
