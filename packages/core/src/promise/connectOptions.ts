/** The options of `connect`. Independent of Effect. */
import type { AccountDefinition } from "./definition.ts"

/** People: member ids by person and account, or two functions that look them up. */
export type PeopleOptions =
  | { readonly [person: string]: { readonly [account: string]: string } }
  | {
      /** Returns the member id of a person on an account. */
      readonly memberOf: (person: string, account: string) => string | undefined | Promise<string | undefined>
      /** Returns the person of a member of an account. */
      readonly personOf: (member: string, account: string) => string | undefined | Promise<string | undefined>
    }

/**
 * The place of the journal: a folder of this machine (an absolute path, or one that begins with `./`, `../`
 * or `~/`), a database, or the memory of this process.
 */
export type JournalOptions =
  | {
      readonly sqlite: string
      /** Whether to accept an unrecognized file system as a local disk. */
      readonly localDisk?: boolean | undefined
      /** Whether the group of the folder shares the journal. */
      readonly groupWritable?: boolean | undefined
    }
  | { readonly postgres: { readonly url: string; readonly schema?: string | undefined } }
  | "memory"

/**
 * How long a lost answer is waited out, in milliseconds: see `Settlement`. Times that prove no outcome on
 * a real cloud are refused there; endpoints on this machine, such as emulators, take any.
 */
export interface SettlementOptions {
  readonly own?: number | undefined
  readonly takeover?: number | undefined
  readonly readLag?: number | undefined
  readonly readingAge?: number | undefined
  readonly armedFor?: number | undefined
}

/** Connects with a configuration file. */
export interface ConfigOptions {
  /** The path of the file. Default: found by searching, see docs/configuration.md. */
  readonly config?: string | undefined
  /** Takes precedence over the journal of the file and of `CLOUD_QUOTA_JOURNAL`. */
  readonly journal?: JournalOptions | undefined
  readonly settlement?: SettlementOptions | undefined
  /** Aborts connecting, and every call of the cloud. */
  readonly signal?: AbortSignal | undefined
}

/** Connects with accounts defined in code. */
export interface AccountOptions<Name extends string> {
  /** The accounts by name. */
  readonly accounts: { readonly [Key in Name]: AccountDefinition }
  readonly people?: PeopleOptions | undefined
  /**
   * Default: the URL or path of `CLOUD_QUOTA_JOURNAL`; or else a file in the user's state directory, which is
   * opened at the first change.
   */
  readonly journal?: JournalOptions | undefined
  readonly settlement?: SettlementOptions | undefined
  /** The time zone of periods given as text. @default "Asia/Shanghai" */
  readonly zone?: string | undefined
  /** Aborts connecting, and every call of the cloud. */
  readonly signal?: AbortSignal | undefined
}

/** Options of either kind. */
export type ConnectOptions = Partial<AccountOptions<string>> & ConfigOptions
