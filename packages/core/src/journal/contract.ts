/** The contract of a journal: intents, their steps, and the hold on an account. */
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
 * The state of an intent. `prepared` and `sending` are open; every other state is a claim. A claim changes
 * only into `conflict`, and only a person resolves a `conflict`.
 *
 * | state | meaning |
 * |---|---|
 * | `prepared` | recorded; nothing was sent |
 * | `sending` | the request may be in flight |
 * | `applied`, `rejected`, `not-sent`, `not-applied` | the outcome of the request |
 * | `no-change` | the limit was at its target already, so nothing was sent |
 * | `conflict` | the facts contradict each other; a person has to resolve it |
 * | `resolved-applied`, `resolved-not-applied` | a person's decision about a conflict |
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
 * The result of the closing look, which reads a changed member after the change.
 *
 * | value | meaning |
 * |---|---|
 * | `due` | the change took place, but no reading was compared with its target yet |
 * | `as-asked` | a reading was the target |
 * | `drift` | a reading was not the target |
 *
 * Absent on an intent that needs no closing look, and on one that an older version wrote.
 */
export const Closing = Schema.Literals(["due", "as-asked", "drift"])
export type Closing = typeof Closing.Type

/** All limits of one member: those that a request to an absolute cloud replaces, and those that it writes. */
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
  /** The text by which the member was named, if that was not its id. Absent on older intents too. */
  readonly named?: string
  readonly metric: MetricId
  /** 1 for the first attempt of this run at this member and metric. */
  readonly attempt: number
  /** The request as given, such as `topUpTo 500.00 CNY`; never an amount that was computed from it. */
  readonly request: string
  /** The reading before the change. */
  readonly before: { readonly limit: Limit; readonly available?: Quantity }
  /** The limit after this change alone has taken effect. */
  readonly after: Limit
  /** The difference that is sent. Absent on an absolute cloud, which takes the new limit. */
  readonly delta?: Quantity
  /** Distinguishes one membership from a later one of the same member. */
  readonly membership?: string
  /** The number of entries in the provider's own log, counted from an instant (milliseconds since 1970). */
  readonly audit?: { readonly since: number; readonly count: number }
  /** The whole request, on an absolute cloud. Absent on an intent that an older version wrote. */
  readonly put?: PutLimits
  readonly closing?: Closing
  /**
   * The number of sends of this request without an answer that may still take effect. Absolute clouds only.
   */
  readonly unanswered: number
  readonly fence: number
  /** The process that recorded the intent. Shown to people, and used to prove that the process is dead. */
  readonly owner: string
  readonly state: State
  /** Grows each time the intent is armed. Compared for equality only. */
  readonly armed: number
  readonly evidence?: Evidence
  readonly requestId?: string
  /** The reason for the state, for people. */
  readonly detail?: string
  /** Wall-clock milliseconds, for people: no decision depends on the time. */
  readonly createdAt: number
  /** When the state last changed, in wall-clock milliseconds. */
  readonly updatedAt: number
}

/** An intent before it is recorded. `unanswered` is 0 if it is absent. */
export type NewIntent = Partial<Pick<Intent, "unanswered">> &
  Omit<
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

/** A step of one intent. It is taken only if all its conditions hold. */
export interface Step {
  readonly id: string
  readonly from: State
  readonly to: State
  /** Whether the fence must still be this holder's. A fact may be recorded without. */
  readonly fenced: boolean
  /** If given, how often the intent must have been armed. */
  readonly armed?: number
  readonly evidence?: Evidence
  readonly requestId?: string
  readonly detail?: string
  /** The settled limit of the intent's member and metric. Recorded together with the step. */
  readonly settled?: Quantity
  readonly closing?: Closing
  readonly unanswered?: number
}

/**
 * Facts about an intent that do not change its state. They are recorded only if the state is still this one.
 */
export interface Amendment {
  readonly id: string
  readonly state: State
  readonly fenced: boolean
  readonly closing?: Closing
  readonly unanswered?: number
}

/** The facts about one metric of one member, from earlier changes. */
export interface MemberFacts {
  readonly member: MemberId
  readonly metric: MetricId
  /** The last settled limit. The next change has to find it. */
  readonly settled: Quantity
  readonly membership: string
  /** Wall-clock milliseconds, for people. */
  readonly updatedAt: number
}

/** Whether withdrawals lower the limit. Learned per account, from readings after withdrawals. */
export type Withdrawal = "unknown" | "lowers-limit" | "keeps-limit"

/** The facts about an account, from earlier changes. */
export interface AccountFacts {
  /** When a person accepted its limits, in wall-clock milliseconds. Absent without a baseline. */
  readonly baselinedAt?: number
  readonly withdrawal: Withdrawal
  /** The observation that shows it. */
  readonly withdrawalEvidence?: string
  /** Why the account needs a new baseline, if its journal was damaged or restored. For people. */
  readonly notice?: string
}

/** One step in the audit log. */
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
  /** `busy`: another process holds the account. `failed`: the store itself failed. */
  kind: Schema.Literals(["busy", "failed"]),
  message: Schema.String
}) {}

/** The hold on one account. While it lasts, no other holder plans or sends for the account. */
export interface Hold {
  readonly fence: number
  /** Returns intents of the account, oldest first. */
  readonly intents: (filter?: IntentFilter) => Effect.Effect<ReadonlyArray<Intent>, JournalError>
  /** Whether the journal has no intent of the account. */
  readonly isNew: Effect.Effect<boolean, JournalError>
  /** Returns what a change of the member has to know, as one consistent reading. */
  readonly standing: (member: MemberId, run: string) => Effect.Effect<Standing, JournalError>
  /**
   * Records intents, all or none, durably, before it returns. Those with the state `sending` are armed with
   * it. `marks` are facts about earlier intents that are recorded in the same transaction; they need no fence
   * of their own. Returns `undefined`, and records nothing, if the fence has moved, if an intent of the same
   * member and metric is open, or if a mark does not hold.
   */
  readonly insert: (
    intents: ReadonlyArray<NewIntent>,
    state?: "prepared" | "sending" | "no-change",
    marks?: ReadonlyArray<Step>
  ) => Effect.Effect<ReadonlyArray<Intent> | undefined, JournalError>
  /** Takes a step, durably, before it returns. Returns false if a condition does not hold. */
  readonly advance: (step: Step) => Effect.Effect<boolean, JournalError>
  /**
   * Records facts about intents, durably, before it returns: each whose conditions hold. Returns whether all
   * of them do.
   */
  readonly amend: (amendments: ReadonlyArray<Amendment>) => Effect.Effect<boolean, JournalError>
  readonly account: Effect.Effect<AccountFacts, JournalError>
  readonly members: Effect.Effect<ReadonlyArray<MemberFacts>, JournalError>
  /**
   * Records whether withdrawals lower the limit, and the limit that showed it. Returns false if the fence has
   * moved.
   */
  readonly learn: (
    withdrawal: Withdrawal,
    evidence: string,
    seen: Omit<MemberFacts, "updatedAt">
  ) => Effect.Effect<boolean, JournalError>
  /** Records a baseline: these are the settled limits from now on. Returns false if the fence has moved. */
  readonly baseline: (
    members: ReadonlyArray<Omit<MemberFacts, "updatedAt">>
  ) => Effect.Effect<boolean, JournalError>
}

/** What the next change of a member has to know. */
export interface Standing {
  readonly account: AccountFacts
  /** The settled limits of the member. */
  readonly facts: ReadonlyArray<MemberFacts>
  /**
   * The intents of the member that matter, oldest first: those of the run, those that are open, in conflict,
   * or may still arrive, and the last one of each state in which a change took place or may have.
   */
  readonly intents: ReadonlyArray<Intent>
  /** The open intents of other members, oldest first. */
  readonly othersOpen: ReadonlyArray<Intent>
}

/** Selects the intents that a query returns. */
export interface IntentFilter {
  readonly id?: string
  /** Also matches runs whose names look like this one; see `model/names`. */
  readonly run?: string
  readonly member?: MemberId
  readonly states?: ReadonlyArray<State>
}

/** How a journal was chosen; `default` if it was not. */
export type Choice = "default" | "environment" | "configuration" | "code"

/** A store of intents. */
export interface Journal {
  /** `memory` does not outlive the process. It is for tests and emulators. */
  readonly kind: "memory" | "sqlite" | "postgres"
  /**
   * `local`: one host, where becoming the holder proves every former holder dead. `strict`: several hosts,
   * where a process that did not send concludes that nothing happened only if the sender is proven dead.
   */
  readonly profile: "local" | "strict"
  /**
   * Returns whether the process that recorded an intent is proven dead, so that it cannot send any more.
   * Always true for a holder in the `local` profile, since the lock of a living process cannot be taken.
   */
  readonly isDead: (owner: string) => Effect.Effect<boolean>
  /** The location, for people: the absolute path of a file, or a database without user and password. */
  readonly place: string
  readonly choice: Choice
  /** Returns why the journal would vanish with a CI job, if that is known. For people. */
  readonly vanishes?: Effect.Effect<string | undefined>
  /**
   * Takes the hold on an account until the scope closes. Waits for other holders of this process. Fails with
   * `busy` if another process is the holder.
   */
  readonly hold: (account: string) => Effect.Effect<Hold, JournalError, Scope.Scope>
  /** Returns all intents of an account, or of all accounts, oldest first. Needs no hold. */
  readonly intents: (
    filter?: IntentFilter & { readonly account?: string }
  ) => Stream.Stream<Intent, JournalError>
  /** Returns all steps, oldest first: the audit log. */
  readonly events: (filter?: { readonly account?: string }) => Stream.Stream<Event, JournalError>
}
