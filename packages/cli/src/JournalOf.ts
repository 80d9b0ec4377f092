/** The journal of the configuration, with the names of its accounts. */
import * as AccountIdentity from "@cloud-quota/core/AccountIdentity"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Journal from "@cloud-quota/core/Journal"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Session from "./Session.ts"

/** A journal opened for reading only. */
export interface Reading {
  readonly journal: Journal.Journal
  /** The keys of the accounts chosen by `--account`. Absent: all accounts of the journal. */
  readonly keys: ReadonlyArray<string> | undefined
  /**
   * Returns the name of an account: its name in the configuration, or else its provider and team or project.
   */
  readonly nameOf: (key: string) => string
}

/**
 * Opens the journal for reading. An account of the configuration without keys is an error only if `--account`
 * names it.
 */
export const open = (session: Session.Session): Effect.Effect<Reading, CloudQuotaError, Scope.Scope> =>
  Effect.gen(function* () {
    const names = new Map<string, string>()
    for (const configured of session.chosen) {
      const account = yield* Effect.result(Session.build(session, configured))
      if (Result.isSuccess(account)) names.set(AccountIdentity.key(account.success.identity), configured.name)
      else if (session.isNamed) return yield* Effect.fail(account.failure)
    }
    return {
      journal: Context.get(session.context, Journal.Journal),
      keys: session.isNamed ? [...names.keys()] : undefined,
      nameOf: (key) => names.get(key) ?? unnamed(key)
    }
  })

/** Formats a key of provider, endpoint and scope as `compshare/1001`. */
const unnamed = (key: string): string => {
  const [provider = key, , scope = ""] = key.split("|").map((part) => decodeURIComponent(part))
  return `${provider}/${scope}`
}
