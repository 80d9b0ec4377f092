/**
 * The balance of the account that the keys belong to, from UCloud's billing service.
 */
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Schema from "effect/Schema"
import { operation } from "./operation.ts"

const amounts = {
  Amount: Lenient.nullish(Lenient.Yuan),
  /** The amount that can be spent. */
  AmountAvailable: Lenient.nullish(Lenient.Yuan),
  AmountCredit: Lenient.nullish(Lenient.Yuan),
  /** The balance of gifts. */
  AmountFree: Lenient.nullish(Lenient.Yuan),
  /** The amount reserved for pending orders. */
  AmountFreeze: Lenient.nullish(Lenient.Yuan)
}

/** Balances in exact yuan. */
export const AccountInfo = Schema.Struct(amounts)
export interface AccountInfo extends Schema.Schema.Type<typeof AccountInfo> {}

export const balanceOperations = {
  /**
   * The balance of the account that the keys belong to.
   *
   * **Gotchas**
   *
   * Whether CompShare's endpoint serves this action of UCloud's billing is undocumented. If it does not, the
   * call fails as `InvalidRequest` with RetCode 161.
   */
  getBalance: operation({
    name: "GetBalance",
    safety: "read",
    request: Schema.Struct({}),
    // An object in UCloud's SDKs, and a list on its page; the page's example has only the amounts.
    answer: Schema.Struct({
      ...amounts,
      AccountInfo: Lenient.nullish(Schema.Union([Schema.Array(AccountInfo), AccountInfo]))
    }),
    contradicts: (answer) => {
      const account = accountOf(answer)
      if (account === undefined) return "AccountInfo is not one account"
      return Object.keys(amounts).some((name) => hasAmount(account, name)) ? undefined : "it has no amount"
    },
    doc: "The balance of the account that the keys belong to.",
    source: "GetBalance, of UCloud's billing service"
  })
}

/** Returns the account of an answer, or `undefined` if the answer is not about exactly one. */
export const accountOf = (
  answer: AccountInfo & { readonly AccountInfo?: AccountInfo | ReadonlyArray<AccountInfo> | null }
): AccountInfo | undefined => {
  const { AccountInfo: info } = answer
  if (!isList(info)) return info ?? answer
  return info.length === 1 ? info[0] : undefined
}

const isList = (value: unknown): value is ReadonlyArray<AccountInfo> => Array.isArray(value)

const hasAmount = (account: Readonly<Record<string, unknown>>, name: string): boolean =>
  (account[name] ?? undefined) !== undefined
