/**
 * What a journal is: intents, their steps, and holding an account.
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Limit } from "../model/Limit.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import type { MetricId } from "../model/Metric.ts"
import type { Quantity } from "../model/Quantity.ts"
import type { Evidence } from "../model/Report.ts"

/**
 * Where an intent stands. `prepared` and `sending` are open; every other state is a claim, and a
 * claim changes only into `conflict`, and `conflict` only by a person's word.
 *
 * - `prepared`: written down; nothing was sent.
 * - `sending`: the request may be on its way from now on.
 * - `applied`, `rejected`, `not-sent`, `not-applied`: what became of it.
 * - `no-change`: it was so already, and nothing had to be sent.
 * - `conflict`: the facts contradict each other; a person resolves it.
 * - `resolved-applied`, `resolved-not-applied`: what a person decided about a conflict.
 */
export const State = Schema.Literals([
  "prepared",
  "sending",
  "applied",
  "rejected",
  "not-sent",
  "not-applied",
  "no-change",
  "conflict",
  "resolved-applied",
  "resolved-not-applied"
])
export type State = typeof State.Type

/**
 * What the closing look showed: the reading of a changed member after the change.
 *
 * - `due`: the change took place, and no reading was compared with its target yet.
 * - `as-asked`: a reading was the target.
 * - `drift`: a reading was not the target.
 *
 * Absent on an intent that needs no closing look, and on one that an older version wrote.
 */
export const Closing = Schema.Literals(["due", "as-asked", "drift"])
export type Closing = typeof Closing.Type

/** The limits that a request to an absolute cloud replaces, and those that it writes: all of one member. */
export interface PutLimits {
  readonly before: ReadonlyMap<MetricId, Limit>
  readonly after: ReadonlyMap<MetricId, Limit>
}

/** One attempt at one change of one metric of one member. */
export interface Intent {
  readonly id: string
  /** The key of the account's identity. */
  readonly account: string
  readonly run: string
  readonly member: MemberId
  readonly metric: MetricId
  /** 1 for the first attempt of this run at this member and metric. */
  readonly attempt: number
  /** The request as it was asked for, such as `topUpTo 500.00 CNY`; never what was computed from it. */
  readonly request: string
  /** What was read before. */
  readonly before: { readonly limit: Limit; readonly available?: Quantity }
  /** The limit when this change alone has taken effect. */
  readonly after: Limit
  /** The difference that is sent. Absent where a cloud is told the new limit instead. */
  readonly delta?: Quantity
  /** Tells one membership from a later one of the same member. */
  readonly membership?: string
  /** How many entries the provider's own log had, counted from an instant (milliseconds since 1970). */
  readonly audit?: { readonly since: number; readonly count: number }
  /** On an absolute cloud: the whole request. Absent on an intent that an older version wrote. */
  readonly put?: PutLimits
  readonly closing?: Closing
  /** How many sends of this request are without an answer and may still take effect. Absolute clouds only. */
  readonly unanswered: number
  readonly fence: number
  /** Who wrote it down: one process, for people and for proofs that it is dead. */
  readonly owner: string
  readonly state: State
  /** Grows each time the intent is armed. Compared for equality only. */
  readonly armed: number
  readonly evidence?: Evidence
  readonly requestId?: string
  /** For people: why it stands where it stands. */
  readonly detail?: string
  /** Wall-clock milliseconds, for people: nothing is ever decided by them. */
  readonly createdAt: number
  /** When its state was last changed. */
  readonly updatedAt: number
}

/** An intent before it is written down. */
export type NewIntent = Omit<
  Intent,
  | "id"
  | "account"
  | "fence"
  | "owner"
  | "state"
  | "armed"
  | "closing"
  | "unanswered"
  | "evidence"
  | "requestId"
  | "detail"
  | "createdAt"
  | "updatedAt"
>

/** A step of one intent. It takes place only if all its conditions hold. */
export interface Step {
  readonly id: string
  readonly from: State
  readonly to: State
  /** Whether it also needs the fence to be this holder's still. A fact may be noted without. */
  readonly fenced: boolean
  /** Whether it also needs the intent to be armed as often as was seen. */
  readonly armed?: number
  readonly evidence?: Evidence
  readonly requestId?: string
  readonly detail?: string
  /** What the step settles about the limit of the intent's member and metric. Noted together with it. */
  readonly settled?: Quantity
  readonly closing?: Closing
  readonly unanswered?: number
}

/** Facts about an intent that leave its state as it is. They are noted only if the state is still this one. */
export interface Amendment {
  readonly id: string
  readonly state: State
  readonly fenced: boolean
  readonly closing?: Closing
  readonly unanswered?: number
}

/** What is known of one metric of one member from earlier changes. */
export interface MemberFacts {
  readonly member: MemberId
  readonly metric: MetricId
  /** The limit as it was last settled: what has to be found before the next change. */
  readonly settled: Quantity
  readonly membership: string
  /** Wall-clock milliseconds, for people. */
  readonly updatedAt: number
}

/** Whether taking back lowers the limit: learnt by watching it fall, per account. */
export type Withdrawal = "unknown" | "lowers-limit" | "keeps-limit"

/** What is known of an account from earlier changes. */
export interface AccountFacts {
  /** When a person vouched for its present state; absent in a fresh journal. Wall-clock milliseconds. */
  readonly baselinedAt?: number
  readonly withdrawal: Withdrawal
  /** What showed it. */
  readonly withdrawalEvidence?: string
  /** Why the journal counts as fresh again, where it was damaged or restored: for people. */
  readonly notice?: string
}

/** One step that was taken, as the audit log has it. */
export interface Event {
  readonly intent: string
  readonly account: string
  /** Wall-clock milliseconds. */
  readonly at: number
  readonly owner: string
  readonly from?: State
  readonly to: State
  readonly evidence?: Evidence
  readonly detail?: string
}

/** The journal could not be read or written. */
export class JournalError extends Schema.TaggedError<JournalError>()("JournalError", {
  /** `busy`: somebody else holds the account. `failed`: the store itself failed. */
  kind: Schema.Literals(["busy", "failed"]),
  message: Schema.String
}) {}

/** One account, held: nobody else plans or sends for it meanwhile. */
export interface Hold {
  readonly fence: number
  /** Intents of the account, oldest first. */
  readonly intents: (filter?: IntentFilter) => Effect.Effect<ReadonlyArray<Intent>, JournalError>
  /**
   * Writes intents down, all or none. Nothing is written and the answer is `undefined` if the fence
   * has moved, or if an intent of the same member and metric is open.
   */
  readonly insert: (
    intents: ReadonlyArray<NewIntent>,
    state?: "prepared" | "no-change"
  ) => Effect.Effect<ReadonlyArray<Intent> | undefined, JournalError>
  /** Takes the step, durably, before it returns. False if its conditions do not hold. */
  readonly advance: (step: Step) => Effect.Effect<boolean, JournalError>
  /** Notes facts about an intent, durably, before it returns. False if its conditions do not hold. */
  readonly amend: (amendment: Amendment) => Effect.Effect<boolean, JournalError>
  readonly account: Effect.Effect<AccountFacts, JournalError>
  readonly members: Effect.Effect<ReadonlyArray<MemberFacts>, JournalError>
  /** Notes whether taking back lowers the limit, and the limit that showed it. False if the fence has moved. */
  readonly learn: (
    withdrawal: Withdrawal,
    evidence: string,
    seen: Omit<MemberFacts, "updatedAt">
  ) => Effect.Effect<boolean, JournalError>
  /** Vouches for the present state: from now on these are the settled limits. False if the fence has moved. */
  readonly baseline: (
    members: ReadonlyArray<Omit<MemberFacts, "updatedAt">>
  ) => Effect.Effect<boolean, JournalError>
}

/** Which intents a query gives. */
export interface IntentFilter {
  /** Also runs whose names look like this one: see `model/names`. */
  readonly run?: string
  readonly member?: MemberId
  readonly states?: ReadonlyArray<State>
}

/** How a journal was chosen: not at all (`default`), or where. */
export type Choice = "default" | "environment" | "configuration" | "code"

/** Where intents are kept. */
export interface Journal {
  /** `memory` forgets with the process: it is for tests and emulators. */
  readonly kind: "memory" | "sqlite" | "postgres"
  /**
   * `local`: one host; becoming the holder proves every former holder dead. `strict`: several hosts;
   * whoever did not send never concludes that nothing happened.
   */
  readonly profile: "local" | "strict"
  /**
   * Whether the process that wrote an intent down is proven dead, and so cannot send any more. Always
   * true in the `local` profile for a holder, since the lock of a living process cannot be taken.
   */
  readonly isDead: (owner: string) => Effect.Effect<boolean>
  /** Where it is, for people: the absolute path of a file, or a database without user and password. */
  readonly place: string
  readonly choice: Choice
  /** Why it would vanish with a CI job, where that is known; for people. */
  readonly vanishes?: Effect.Effect<string | undefined>
  /**
   * Becomes the one holder of an account, until the scope closes. Waits for other holders of this
   * process; fails with `busy` if another process is the holder.
   */
  readonly hold: (account: string) => Effect.Effect<Hold, JournalError, Scope.Scope>
  /** All intents of an account, or of all, oldest first, without holding anything. */
  readonly intents: (
    filter?: IntentFilter & { readonly account?: string }
  ) => Stream.Stream<Intent, JournalError>
  /** All steps that were taken, oldest first: the audit log. */
  readonly events: (filter?: { readonly account?: string }) => Stream.Stream<Event, JournalError>
}
