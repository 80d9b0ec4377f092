/** The funds of the whole account and its monthly costs, from the billing service. */
import type { Balance, Cost } from "@cloud-quota/core/Billing"
import { CloudQuotaError, Unsupported } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import * as Quantity from "@cloud-quota/core/Quantity"
import type * as Operation from "@cloud-quota/core/adapter/Operation"
import type * as Pages from "@cloud-quota/core/adapter/Pages"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type AccountBalance, bssOperations } from "../api/bss.ts"
import type * as BssClient from "../api/BssClient.ts"
import { malformed, provider } from "../api/errors.ts"
import { known } from "../api/known.ts"
import { amountOf } from "./money.ts"

/** Bills are per customer. */
export const customerOnly = "Huawei Cloud bills the customer, and not the sub-account"

/** Each row is the cost of one resource in the month. */
const byMonth = 1

/** The balance and costs of a driver. */
export const makeBills = (bss: BssClient.Service): Required<Pick<Driver, "balance" | "listCosts">> => ({
  balance: Effect.gen(function* () {
    const balances = yield* bss.showCustomerAccountBalances()
    return { parts: partsOf(balances), observedAt: yield* DateTime.now }
  }),
  listCosts: ({ member, month }) =>
    member !== undefined
      ? Stream.fail(notOfMembers)
      : bss.stream
          .listCustomerselfResourceRecords({ cycle: month, method: "oneself", statistic_type: byMonth })
          .pipe(Stream.mapEffect((record) => costOf(month, record)))
})

type Part = Balance["parts"][number]

const kinds: Readonly<Record<number, Pick<Part, "kind" | "name">>> = {
  1: { kind: "cash", name: "balance" },
  2: { kind: "credit", name: "credit" },
  5: { kind: "gift", name: "bonus" },
  7: { kind: "other", name: "deposit" },
  8: { kind: "other", name: "budget" }
}

const partsOf = (
  answer: Operation.Answer<typeof bssOperations.showCustomerAccountBalances>
): ReadonlyArray<Part> => {
  const purses = (answer.account_balances ?? []).flatMap((row: AccountBalance): ReadonlyArray<Part> => {
    const amount = amountOf(row.amount, row, answer)
    if (amount === undefined) return []
    const type = row.account_type ?? undefined
    const kind = type === undefined ? undefined : kinds[type]
    return [{ kind: "other", name: `account type ${type ?? "not told"}`, ...kind, amount }]
  })
  const debt = amountOf(answer.debt_amount, answer)
  if (debt === undefined) return purses
  const amount = Quantity.isPositive(debt) ? Quantity.negate(debt) : debt
  return [...purses, { kind: "debt", name: "debt", amount }]
}

const operation = bssOperations.listCustomerselfResourceRecords.name

const costOf = (
  month: string,
  record: Pages.Row<typeof bssOperations.listCustomerselfResourceRecords>
): Effect.Effect<Cost, CloudQuotaError> => {
  const cost = amountOf(record.amount, record)
  if (cost === undefined) {
    const message = "the listing is not what is documented: a charge has no amount, or none with a currency"
    return Effect.fail(malformed({ operation, money: "not-moved", message }))
  }
  const product =
    known(record.product_name) ?? known(record.resource_type_name) ?? known(record.cloud_service_type_name)
  return Effect.succeed({
    month,
    cost,
    details: record.raw,
    ...defined({
      amount: amountOf(record.official_amount, record),
      product,
      resourceId: known(record.resource_id)
    })
  })
}

const notOfMembers = new CloudQuotaError({
  provider,
  operation,
  money: "not-moved",
  reason: new Unsupported({
    capability: "billing.monthly-cost",
    message: `what a month cost cannot be told by member: ${customerOnly}. Leave the member out`
  })
})
