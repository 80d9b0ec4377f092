/**
 * The journal of the configuration, and what its accounts are called here.
 */
import * as AccountIdentity from "@cloud-quota/core/AccountIdentity"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Journal from "@cloud-quota/core/Journal"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Session from "./Session.ts"

/** A journal that is read, and nothing else. */
export interface Reading {
  readonly journal: Journal.Journal
  /** The keys of the accounts that `--account` chose; all accounts of the journal are meant if absent. */
  readonly keys: ReadonlyArray<string> | undefined
  /** What an account is called: its name in the configuration, or else its provider and team or project. */
  readonly nameOf: (key: string) => string
}

/**
 * Opens the journal for reading. An account of the configuration that cannot be made, for want of keys, is
 * in the way only if `--account` named it.
 */
export const open = (session: Session.Session): Effect.Effect<Reading, CloudQuotaError, Scope.Scope> =>
  Effect.gen(function* () {
    const names = new Map<string, string>()
    for (const configured of session.chosen) {
      const account = yield* Effect.result(Session.build(session, configured))
      if (Result.isSuccess(account)) names.set(AccountIdentity.key(account.success.identity), configured.name)
      else if (session.named) return yield* Effect.fail(account.failure)
    }
    return {
      journal: Context.get(session.context, Journal.Journal),
      keys: session.named ? [...names.keys()] : undefined,
      nameOf: (key) => names.get(key) ?? unnamed(key)
    }
  })

/** As `compshare/1001`, of a key that has provider, endpoint and scope. */
const unnamed = (key: string): string => {
  const [provider = key, , scope = ""] = key.split("|").map((part) => decodeURIComponent(part))
  return `${provider}/${scope}`
}
