/**
 * The memory of what was intended, sent and settled: written before a request leaves, so that
 * nothing is ever sent that nobody remembers. It is also the audit log.
 *
 * Every step is a compare-and-set on the state of an intent, and where it matters on the account's
 * fence: a number that grows with every new holder, so that a former holder cannot go on by mistake.
 * A journal holds no secrets.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Limit } from "./Limit.ts"
import type { MemberId } from "./Member.ts"
import type { MetricId } from "./Metric.ts"
import type { Quantity } from "./Quantity.ts"
import type { Evidence } from "./Report.ts"
import { memoryJournal } from "./internal/memoryJournal.ts"

/**
 * Where an intent stands. `prepared` and `sending` are open; every other state is a claim, and a
 * claim changes only into `conflict`.
 *
 * - `prepared`: written down; nothing was sent.
 * - `sending`: the request may be on its way from now on.
 * - `applied`, `rejected`, `not-sent`, `not-applied`: what became of it.
 * - `conflict`: the facts contradict each other; a person resolves it.
 */
export type State = "prepared" | "sending" | "applied" | "rejected" | "not-sent" | "not-applied" | "conflict"

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
  readonly fence: number
  readonly state: State
  readonly evidence?: Evidence
  readonly requestId?: string
  /** For people: why it stands where it stands. */
  readonly detail?: string
  /** Wall-clock milliseconds, for people: nothing is ever decided by them. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** An intent before it is written down. */
export type NewIntent = Omit<
  Intent,
  "id" | "account" | "fence" | "state" | "evidence" | "requestId" | "detail" | "createdAt" | "updatedAt"
>

/** A step of one intent. It takes place only if the intent is in state `from`. */
export interface Step {
  readonly id: string
  readonly from: State
  readonly to: State
  /** Whether it also needs the fence to be this holder's still. A fact may be noted without. */
  readonly fenced: boolean
  readonly evidence?: Evidence
  readonly requestId?: string
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
  /** Writes intents down as `prepared`. Nothing is written and the answer is `undefined` if the fence has moved. */
  readonly insert: (
    intents: ReadonlyArray<NewIntent>
  ) => Effect.Effect<ReadonlyArray<Intent> | undefined, JournalError>
  /** Takes the step, durably, before it returns. False if its conditions do not hold. */
  readonly advance: (step: Step) => Effect.Effect<boolean, JournalError>
}

/** Which intents a query gives. */
export interface IntentFilter {
  readonly run?: string
  readonly member?: MemberId
  readonly states?: ReadonlyArray<State>
}

/** Where intents are kept. */
export interface Journal {
  /** `memory` forgets with the process: it is for tests and emulators. */
  readonly kind: "memory" | "sqlite" | "postgres"
  /** Becomes the one holder of an account, until the scope closes. Waits for other holders of this process. */
  readonly hold: (account: string) => Effect.Effect<Hold, JournalError, Scope.Scope>
}

/** The journal in use: in memory, unless a program provides another. */
export const Journal = Context.Reference<Journal>("@cloud-quota/core/Journal", {
  defaultValue: () => memoryJournal()
})

/** A journal that forgets with the process. */
export const memory: () => Journal = memoryJournal
