/**
 * What the whole account has to pay with, and what a month cost it, from the billing service.
 */
import type { Balance, Cost } from "@cloud-quota/core/Billing"
import { CloudQuotaError, Unsupported } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/Decode"
import type { Driver } from "@cloud-quota/core/Driver"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { AccountBalance, AccountBalances } from "../AccountBalance.ts"
import type { ResourceRecord } from "../Bill.ts"
import type * as BssClient from "../BssClient.ts"
import { malformed, provider } from "./errors.ts"

/** The bills are the customer's. */
export const customerOnly = "Huawei Cloud bills the customer, and not the sub-account"

/** Every row is what one resource cost in the month. */
const byMonth = 1

/** What a driver tells of balance and costs. */
export const makeBills = (bss: BssClient.Service): Required<Pick<Driver, "balance" | "listCosts">> => ({
  balance: Effect.gen(function* () {
    const balances = yield* bss.showCustomerAccountBalances()
    return { parts: partsOf(balances), observedAt: yield* DateTime.now }
  }),
  listCosts: ({ member, month }) =>
    member !== undefined
      ? Stream.fail(notOfMembers)
      : bss
          .allCustomerselfResourceRecords({ cycle: month, method: "oneself", statisticType: byMonth })
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

const partsOf = ({ balances, debtAmount }: AccountBalances): ReadonlyArray<Part> => {
  const purses = balances.flatMap(({ accountType, amount }: AccountBalance): ReadonlyArray<Part> => {
    if (amount === undefined) return []
    const known = accountType === undefined ? undefined : kinds[accountType]
    return [{ kind: "other", name: `account type ${accountType ?? "not told"}`, ...known, amount }]
  })
  if (debtAmount === undefined) return purses
  const amount = Quantity.isPositive(debtAmount) ? Quantity.negate(debtAmount) : debtAmount
  return [...purses, { kind: "debt", name: "debt", amount }]
}

const operation = "ListCustomerselfResourceRecords"

const costOf = (month: string, record: ResourceRecord): Effect.Effect<Cost, CloudQuotaError> => {
  const { amount: cost, details, officialAmount, resourceId } = record
  if (cost === undefined) {
    const message = "the listing is not what is documented: a charge has no amount, or none with a currency"
    return Effect.fail(malformed({ operation, money: "not-moved", message }))
  }
  const product = record.productName ?? record.resourceTypeName ?? record.cloudServiceTypeName
  return Effect.succeed({
    month,
    cost,
    details,
    ...defined({ amount: officialAmount, product, resourceId })
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
