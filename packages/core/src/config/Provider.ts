/**
 * A provider of accounts, configured in a file or in code: the part of an adapter that the configuration, the
 * Promise API and the command use.
 */
import type * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import type { AccountLayer } from "../services/Account.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"

/** A problem in the settings: its place and its remedy. */
export interface Issue {
  /** The path within the settings, as `["credentials", "profile"]`. */
  readonly path: ReadonlyArray<string | number>
  /** Whether the problem is the last name of the path itself, and not its value. */
  readonly isKey?: true
  readonly message: string
}

/** The result of one check, which explains why an account does not work. */
export interface Diagnosis {
  readonly check: "credentials" | "network" | "clock" | "permission" | "isolation" | "journal" | "lock"
  readonly verdict: "ok" | "warning" | "failed" | "skipped"
  /** The finding. */
  readonly message: string
  /** The remedy. Absent if the verdict is `ok`. */
  readonly remedy?: string
}

/** The hosts and variables of a vendor's own tools, which settings may name without trust. */
export interface Own {
  /**
   * Matches the hosts of the vendor's APIs: whole, without a port. It must never match a host that customers
   * can have.
   */
  readonly host: RegExp
  /** The environment variables that the vendor's tools read, by the name of the setting. */
  readonly variables: Readonly<Record<string, ReadonlyArray<string>>>
}

/** A configured account that has not been used yet. */
export interface Configured {
  readonly layer: AccountLayer
  /**
   * The settings that name a host or a variable that is not the vendor's own, as `Settings.foreign` finds
   * them. A file found by searching may have them only if the user trusts it.
   */
  readonly foreign: ReadonlyArray<Issue>
  /**
   * Checks all prerequisites of this provider's accounts: the place of the credentials (never the credentials
   * themselves), whether the cloud answers, the clock difference, and the permissions. It changes nothing and
   * never fails: problems are part of the result.
   */
  readonly diagnose: Effect.Effect<ReadonlyArray<Diagnosis>>
}

/** A provider of accounts. */
export interface Provider {
  /** The name in a configuration, such as `compshare`. */
  readonly id: string
  /** Such as `UCloud CompShare`. */
  readonly title: string
  /** The settings of one account as a JSON Schema, for editors. */
  readonly jsonSchema: Readonly<Record<string, unknown>>
  /** Decodes the settings of one account, or returns all their problems. */
  readonly configure: (settings: unknown) => Result.Result<Configured, ReadonlyArray<Issue>>
  /** The settings found in the environment and the vendor's files, or `undefined` if they do not suffice. */
  readonly discover: Effect.Effect<Readonly<Record<string, unknown>> | undefined, CloudQuotaError>
}
