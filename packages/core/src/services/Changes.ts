/**
 * Accepts baselines, settles open changes, records people's decisions, and verifies limits against the
 * journal.
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

/** One limit that was accepted as a baseline. */
export interface Baselined {
  readonly member: MemberId
  readonly metric: MetricId
  /** The limit that the journal had settled before, if any. */
  readonly before?: Quantity
  /** The limit now. Later changes are compared with it. */
  readonly limit: Quantity
}

/** One limit: as the journal settled it, and as it was read. */
export interface Verified {
  readonly member: MemberId
  readonly metric: MetricId
  readonly settled: Quantity
  /** Absent if the member is gone. */
  readonly observed?: Quantity
  /** `open`: a change is not settled yet, so there is no verdict. */
  readonly verdict: "as-settled" | "drift" | "open" | "gone"
}

/** The changes of one account. */
export class Changes extends Context.Service<
  Changes,
  {
    /**
     * Accepts the present limits, of all members or of the given ones. A fresh journal requires this before
     * the first change on a delta cloud. It also accepts a `Drift` after you have looked into it.
     */
    readonly baseline: (
      members?: Iterable<MemberRef>
    ) => Effect.Effect<ReadonlyArray<Baselined>, CloudQuotaError>
    /** Settles every open change, waiting as long as needed. Sends no change. Returns the settled ones. */
    readonly recover: (options?: {
      readonly onEvent?: (event: Event) => Effect.Effect<void> | undefined
    }) => Effect.Effect<ReadonlyArray<Intent>, CloudQuotaError>
    /** The changes that are not settled, or need a person's decision. */
    readonly pending: Effect.Effect<ReadonlyArray<Intent>, CloudQuotaError>
    /**
     * Records a person's decision about a conflict: whether the change took place. The present limit becomes
     * the settled one, and the note is kept in the audit log.
     */
    readonly resolve: (
      id: string,
      as: "applied" | "not-applied",
      note: string
    ) => Effect.Effect<Intent, CloudQuotaError>
    /** Compares every limit that the journal has settled with a new reading. */
    readonly verify: Effect.Effect<ReadonlyArray<Verified>, CloudQuotaError>
    /**
     * Lists everything that needs a person, or time: {@link pending}, and the drift of {@link verify}. See
     * `Review.list`.
     */
    readonly review: Stream.Stream<Open, CloudQuotaError>
  }
>()("@cloud-quota/core/Changes") {}
