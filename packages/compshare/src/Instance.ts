/**
 * CompShare's GPU instances, and the zones that they stand in.
 */
import type * as Redacted from "effect/Redacted"

/** A zone that instances can be ordered in. */
export interface SupportZone {
  readonly region: string
  readonly zone: string
  /** Its name for people, as `华北二A`. */
  readonly describe?: string
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** All zones. */
export interface SupportZones {
  readonly requestId?: string
  readonly zones: ReadonlyArray<SupportZone>
}

/** A GPU instance. What words there are for states and charges is the provider's to say. */
export interface Instance {
  readonly uHostId: string
  readonly name?: string
  /** Only the vendor's own command line knows of it; its pages and its SDKs do not. */
  readonly region?: string
  readonly zone?: string
  /** As `Running` or `Stopped`. Absent where the provider could not find out. */
  readonly state?: string
  /** As `Month`, `Dynamic`, `Postpay`. */
  readonly chargeType?: string
  readonly gpuType?: string
  readonly gpu?: number
  readonly cpu?: number
  /** MB. */
  readonly memory?: number
  /** `UHost` or `Container`. */
  readonly instanceType?: string
  readonly autoRenew?: boolean
  readonly isExpire?: boolean
  /** Seconds since 1970. */
  readonly createTime?: number
  /** Seconds since 1970. */
  readonly expireTime?: number
  /** Base64, as it came. */
  readonly password?: Redacted.Redacted<string>
  /**
   * The whole row, as it came, except that `Password`, `SshLoginCommand` and `Softwares` (whose
   * addresses can hold tokens) are `Redacted`.
   */
  readonly details: Readonly<Record<string, unknown>>
}

/** Which instances. */
export interface InstanceQuery {
  /** In every region if absent, and not in the client's own alone. */
  readonly region?: string
  /** Only together with `region`. */
  readonly zone?: string
  /** Any if absent. */
  readonly uHostIds?: ReadonlyArray<string>
  /** Rows of one page, 1 to 100. 100 if absent. */
  readonly limit?: number
}

/** One page of instances. */
export interface InstancePage {
  readonly requestId?: string
  readonly instances: ReadonlyArray<Instance>
  /** How many instances there are on all pages, where it is told. */
  readonly total?: number
}
