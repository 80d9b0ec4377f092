/** The funds of the administrator's account. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { Balance } from "@cloud-quota/core/Billing"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type * as Quantity from "@cloud-quota/core/Quantity"
import { accountOf } from "../api/balance.ts"
import type { Service } from "../api/CompShareClient.ts"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"

type Part = Balance["parts"][number]

/** Returns the balance. Its parts are those of UCloud's page: 账户余额, 信用账户余额, 赠送账户余额, 冻结账户金额. */
export const readBalance = (client: Service): Effect.Effect<Balance, CloudQuotaError> =>
  Effect.gen(function* () {
    const account = accountOf(yield* client.getBalance()) ?? {}
    return {
      parts: [
        ...part("cash", "Amount", account.Amount),
        ...part("credit", "AmountCredit", account.AmountCredit),
        ...part("gift", "AmountFree", account.AmountFree),
        ...part("frozen", "AmountFreeze", account.AmountFreeze)
      ],
      observedAt: yield* DateTime.now,
      ...defined({ available: account.AmountAvailable ?? undefined })
    }
  })

const part = (
  kind: Part["kind"],
  name: string,
  amount: Quantity.Quantity | null | undefined
): ReadonlyArray<Part> => (amount === undefined || amount === null ? [] : [{ kind, name, amount }])
