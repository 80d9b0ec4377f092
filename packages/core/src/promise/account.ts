/** One account of the Promise API, made from core's. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Core from "../services/Account.ts"
import type { Account } from "./api.ts"
import { makeBilling } from "./billing.ts"
import type { Calls } from "./calls.ts"
import { makeChanges } from "./changes.ts"
import { makeMembers } from "./members.ts"
import * as Options from "./options.ts"
import { plain } from "./plain.ts"
import { makeQuotas } from "./quotas.ts"

export const makeAccount = (account: Core.Account["Service"], calls: Calls): Account => {
  const { capabilities, history, identity, name, quotas } = account
  const { endpoint, provider, scope } = identity
  const { inPeriod, list } = calls
  return {
    name,
    provider,
    endpoint,
    scope,
    capabilities,
    metrics: plain(quotas.metrics) as Account["metrics"],
    supports: (feature) => {
      const known = Object.entries(capabilities).find(
        ([name]) => name === feature || name === `billing.${feature}`
      )
      if (known !== undefined) return known[1].support !== "unsupported"
      throw new RangeError(`there is no feature ${JSON.stringify(feature)}: see account.capabilities`)
    },
    quotas: makeQuotas(account, calls),
    members: makeMembers(account, calls),
    billing: makeBilling(account, calls),
    changes: makeChanges(account, calls),
    history: (filter) =>
      list(
        "history",
        () => Effect.map(inPeriod("history", filter), (given) => Stream.map(history.list(given), plain)),
        filter,
        Options.inPeriod
      )
  }
}
