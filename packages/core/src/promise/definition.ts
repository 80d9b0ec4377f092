/** The types that an adapter's Promise API returns. Independent of Effect. */

declare const isDefinition: unique symbol

/** A configured account, for `connect`. It does not reveal its keys. */
export interface AccountDefinition {
  readonly [isDefinition]: true
  /** `compshare`, `metastudio`. */
  readonly provider: string
}

/** How fast requests may follow each other: `requests` in `perSeconds`, where the provider's limit is known. */
export type RateLimitOption = "adaptive" | "off" | { readonly requests: number; readonly perSeconds: number }

/** An emulated cloud on this machine, until `close`. It keeps the process running until then. */
export interface Emulated extends AsyncDisposable {
  /** Its address, as `http://127.0.0.1:40123`. */
  readonly origin: string
  /** An account on it, for `connect`. */
  readonly account: AccountDefinition
  /** The environment variables with which the vendor's own tools, and this library, connect to it. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Options of an emulated cloud. */
export interface EmulateOptions {
  /** The port; 0 chooses a free one. @default 0 */
  readonly port?: number | undefined
  /** Chooses the invented data. @default 1 */
  readonly seed?: number | undefined
  /** The number of invented members. */
  readonly size?: number | undefined
}
