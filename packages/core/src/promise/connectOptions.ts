/**
 * How somebody connects. Nothing here knows Effect.
 */
import type { AccountDefinition } from "./definition.ts"

/** Who is who: member ids by person and account, or two functions that know. */
export type PeopleOptions =
  | { readonly [person: string]: { readonly [account: string]: string } }
  | {
      /** The id of the member that a person is on an account. */
      readonly memberOf: (person: string, account: string) => string | undefined | Promise<string | undefined>
      /** The person that a member of an account is. */
      readonly personOf: (member: string, account: string) => string | undefined | Promise<string | undefined>
    }

/**
 * Where changes are written down: a folder of this machine (an absolute path, or one that begins with `./`, `../`
 * or `~/`), a database, or nowhere but in this process.
 */
export type JournalOptions =
  | {
      readonly sqlite: string
      /** Whether a file system counts as a local disk that is not known to be one. */
      readonly localDisk?: boolean | undefined
      /** Whether the group of the folder shares the journal. */
      readonly groupWritable?: boolean | undefined
    }
  | { readonly postgres: { readonly url: string; readonly schema?: string | undefined } }
  | "memory"

/** How to connect with what a configuration file says. */
export interface ConfigOptions {
  /** The file. Without it, it is looked for: see docs/configuration.md. */
  readonly config?: string | undefined
  /** Gives up connecting, and every call of the cloud. */
  readonly signal?: AbortSignal | undefined
}

/** How to connect with accounts that a program names. */
export interface AccountOptions<Name extends string> {
  /** The accounts under the names that they are to have. */
  readonly accounts: { readonly [Key in Name]: AccountDefinition }
  readonly people?: PeopleOptions | undefined
  /**
   * By default what `CLOUD_QUOTA_JOURNAL` says, a URL or a path; or else a file in the user's state
   * directory, which is opened at the first change.
   */
  readonly journal?: JournalOptions | undefined
  /** Whose days and months are meant in periods that are given as text: `Asia/Shanghai` by default. */
  readonly zone?: string | undefined
  /** Gives up connecting, and every call of the cloud. */
  readonly signal?: AbortSignal | undefined
}

/** Either of the two. */
export type ConnectOptions = Partial<AccountOptions<string>> & ConfigOptions
