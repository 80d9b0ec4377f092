/**
 * What an adapter's Promise API makes of options. Nothing here knows Effect.
 */

declare const isDefinition: unique symbol

/** An account that is set up, for `connect`. Its keys cannot be seen in it. */
export interface AccountDefinition {
  readonly [isDefinition]: true
  /** `compshare`, `metastudio`. */
  readonly provider: string
}

/** A pretended cloud on this machine, until `close`. It keeps the process running until then. */
export interface Emulated extends AsyncDisposable {
  /** Where it is served, as `http://127.0.0.1:40123`. */
  readonly origin: string
  /** An account on it, for `connect`. */
  readonly account: AccountDefinition
  /** The environment variables that lead the vendor's own tools, and this library, to it. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** How a pretended cloud is to be. */
export interface EmulateOptions {
  /** 0, a free one, by default. */
  readonly port?: number | undefined
  /** Which data are invented. 1 by default. */
  readonly seed?: number | undefined
  /** How many members are invented. */
  readonly size?: number | undefined
}
