/**
 * What surrounds single changes: vouching for an account's present state, settling what was left
 * open, deciding what only a person can, and checking that the money is where the journal says.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Event } from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Intent } from "../journal/contract.ts"
import type { MemberId, MemberRef } from "../model/MemberInfo.ts"
import type { MetricId } from "../model/Metric.ts"
import type { Quantity } from "../model/Quantity.ts"
import type { Open } from "./Open.ts"

/** One limit that was vouched for. */
export interface Baselined {
  readonly member: MemberId
  readonly metric: MetricId
  /** What the journal had settled before, if anything. */
  readonly before?: Quantity
  /** The limit now, from which later changes are told. */
  readonly limit: Quantity
}

/** One limit, as the journal has settled it and as it is. */
export interface Verified {
  readonly member: MemberId
  readonly metric: MetricId
  readonly settled: Quantity
  /** Absent if the member is gone. */
  readonly observed?: Quantity
  /** `open`: a change is not settled yet, so nothing can be said. */
  readonly verdict: "as-settled" | "drift" | "open" | "gone"
}

/** The changes of one account. */
export class Changes extends Context.Service<
  Changes,
  {
    /**
     * Vouches for the present limits, of all members or of those named: a fresh journal asks for it
     * before the first difference, and it is the answer to a `Drift` that was looked into.
     */
    readonly baseline: (
      members?: Iterable<MemberRef>
    ) => Effect.Effect<ReadonlyArray<Baselined>, CloudQuotaError>
    /** Settles what is open, waiting as long as it takes, and sends nothing. Gives what it settled. */
    readonly recover: (options?: {
      readonly onEvent?: (event: Event) => Effect.Effect<void> | undefined
    }) => Effect.Effect<ReadonlyArray<Intent>, CloudQuotaError>
    /** What is not settled, or waits for a person's decision. */
    readonly pending: Effect.Effect<ReadonlyArray<Intent>, CloudQuotaError>
    /**
     * A person's decision about a conflict: whether the change took place. The limit as it is now
     * becomes the settled one, and the note stays in the audit log.
     */
    readonly resolve: (
      id: string,
      as: "applied" | "not-applied",
      note: string
    ) => Effect.Effect<Intent, CloudQuotaError>
    /** Compares every limit that the journal has settled with what it is now. */
    readonly verify: Effect.Effect<ReadonlyArray<Verified>, CloudQuotaError>
    /** What needs a person, or time: {@link pending}, and the drift of {@link verify}. See `Review.list`. */
    readonly review: Stream.Stream<Open, CloudQuotaError>
  }
>()("@cloud-quota/core/Changes") {}
