/**
 * What an account has to pay with, as UCloud's billing service tells it.
 */
import type * as Quantity from "@cloud-quota/core/Quantity"

/** The balances of the account that the keys belong to. Amounts are exact yuan. */
export interface AccountBalance {
  readonly requestId?: string
  readonly amount?: Quantity.Quantity
  /** What can be spent. */
  readonly amountAvailable?: Quantity.Quantity
  readonly amountCredit?: Quantity.Quantity
  /** Gifts. */
  readonly amountFree?: Quantity.Quantity
  /** What is set aside for orders on their way. */
  readonly amountFreeze?: Quantity.Quantity
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}
