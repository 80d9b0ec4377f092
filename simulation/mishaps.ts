/**
 * Mishaps that a history plays, and how its processes hold their journal.
 */
import type * as Journal from "@cloud-quota/core/Journal"
import type * as Settlement from "@cloud-quota/core/Settlement"
import type { ProviderTraits } from "./provider.ts"

/** What may happen to a process at a point. */
export type Mishap =
  | { readonly _tag: "kill" }
  | { readonly _tag: "interrupt" }
  /** SIGSTOP and SIGCONT: clocks go on. */
  | { readonly _tag: "pause"; readonly millis: number }
  /** A closed laptop: the monotonic clock stands still. */
  | { readonly _tag: "suspend"; readonly millis: number }
  /** Ahead, or back where it is negative: by minutes, or by weeks. */
  | { readonly _tag: "clock jumps"; readonly millis: number }
  /** A copy of the journal is made, and takes its place when the process is killed. */
  | { readonly _tag: "journal copied" }
  /** The store fails; `after` means that the step took place all the same. */
  | { readonly _tag: "journal fails"; readonly after: boolean }
  /** Another process is made the holder meanwhile. Only where several hosts share a journal. */
  | { readonly _tag: "hold stolen"; readonly millis: number }
  /** Stopped between the last check and the write, which no check can see. */
  | { readonly _tag: "stopped at the write"; readonly millis: number }

/** A mishap, and at which of the points that the process passes. */
export interface PlannedMishap {
  readonly point: number
  readonly mishap: Mishap
}

export type Profile = Journal.Journal["profile"]

/** The world of a history: what holds in it from its beginning to its end. */
export interface Traits extends ProviderTraits {
  readonly profile: Profile
  /** Whether a process can prove that another one is dead, as on the same host. */
  readonly provable: boolean
  /** Whether the provider has an operate log. */
  readonly withLog: boolean
  /** Whether the provider's answers have a date. Without one the log is no witness. */
  readonly dated: boolean
  readonly timings: Settlement.Timings
}
