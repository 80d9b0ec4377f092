/**
 * What the account has to pay with.
 *
 * Source: ShowCustomerAccountBalances on support.huaweicloud.com, and its model in the vendor's Go SDK.
 */
import * as Decode from "@cloud-quota/core/Decode"
import { defined, optional } from "@cloud-quota/core/Decode"
import type * as Quantity from "@cloud-quota/core/Quantity"
import * as Result from "effect/Result"
import { amountsOf } from "./internal/money.ts"

/** One purse. Amounts are exact, in the currency of the row, and absent if it is not told. */
export interface AccountBalance {
  readonly accountId?: string
  /** 1 balance, 2 credit, 5 bonus, 7 deposit, 8 what can be passed on to sub-customers. */
  readonly accountType?: number
  readonly amount?: Quantity.Quantity
  /** What may be spent for one purpose only. */
  readonly designatedAmount?: Quantity.Quantity
  /** The whole credit line: of credit only. */
  readonly creditAmount?: Quantity.Quantity
  readonly currency?: string
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** All purses, and what is owed. */
export interface AccountBalances {
  readonly balances: ReadonlyArray<AccountBalance>
  readonly debtAmount?: Quantity.Quantity
  readonly currency?: string
  /** The whole answer, as it came. */
  readonly details: Decode.Fields
  readonly requestId?: string
}

/** Reads all purses, or says in words what is wrong. */
export const decode = (answer: Decode.Fields): Result.Result<AccountBalances, string> =>
  Result.gen(function* () {
    const { amount, currency } = yield* amountsOf(answer)
    return {
      balances: yield* Decode.list(answer, "account_balances", (row) => decodeBalance(row, answer)),
      details: answer,
      ...defined({ currency, debtAmount: yield* amount("debt_amount") })
    }
  })

const decodeBalance = (row: Decode.Fields, answer: Decode.Fields): Result.Result<AccountBalance, string> =>
  Result.gen(function* () {
    const { amount, currency } = yield* amountsOf(row, answer)
    return {
      details: row,
      ...defined({
        currency,
        accountId: yield* optional(row, "account_id", Decode.text),
        accountType: yield* optional(row, "account_type", Decode.integer),
        amount: yield* amount("amount"),
        designatedAmount: yield* amount("designated_amount"),
        creditAmount: yield* amount("credit_amount")
      })
    }
  })
