/**
 * A provider that accounts can be configured for, in a file or in code: what the configuration, the
 * Promise API and the command know of an adapter.
 */
import type * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import type { AccountLayer } from "../services/Account.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"

/** Something in the settings that is wrong: where, and what would be right. */
export interface Issue {
  /** From the settings inwards, as `["credentials", "profile"]`. */
  readonly path: ReadonlyArray<string | number>
  /** If it is the last name of the path itself that is wrong, and not what stands under it. */
  readonly isKey?: true
  readonly message: string
}

/** One thing that was looked at, for whoever wants to know why something does not work. */
export interface Diagnosis {
  readonly check: "credentials" | "network" | "clock" | "permission" | "isolation" | "journal" | "lock"
  readonly verdict: "ok" | "warning" | "failed" | "skipped"
  /** What was found. */
  readonly message: string
  /** What to do about it. Present unless all is well. */
  readonly remedy?: string
}

/** What a vendor's own tools use, and what settings may name without being trusted. */
export interface Own {
  /** Matches the hosts of the vendor's APIs: whole, without a port. Never a host that its customers can have. */
  readonly host: RegExp
  /** By the name of the setting, the environment variables that the vendor's tools read for it. */
  readonly variables: Readonly<Record<string, ReadonlyArray<string>>>
}

/** An account that is set up, and was not used yet. */
export interface Configured {
  readonly layer: AccountLayer
  /**
   * The settings that name a host or a variable that is not the vendor's own, as `Settings.foreign` finds
   * them. A file that was found by searching may have them only if the user trusts it.
   */
  readonly foreign: ReadonlyArray<Issue>
  /**
   * Looks at everything that this provider's accounts need: where the credentials come from (never the
   * credentials themselves), whether the cloud answers, how far the clocks are apart, what the credentials
   * allow. It changes nothing, and it never fails: what goes wrong is in the answer.
   */
  readonly diagnose: Effect.Effect<ReadonlyArray<Diagnosis>>
}

/** A provider that accounts can be configured for. */
export interface Provider {
  /** As a configuration names it, such as `compshare`. */
  readonly id: string
  /** Such as `UCloud CompShare`. */
  readonly title: string
  /** The settings of one account as a JSON Schema, for editors. */
  readonly jsonSchema: Readonly<Record<string, unknown>>
  /** Understands the settings of one account, or says all that is wrong with them. */
  readonly configure: (settings: unknown) => Result.Result<Configured, ReadonlyArray<Issue>>
  /** The settings that the environment and the vendor's files amount to; nothing if they do not suffice. */
  readonly discover: Effect.Effect<Readonly<Record<string, unknown>> | undefined, CloudQuotaError>
}
