/** The common parts of all conformance checks. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Account } from "../services/Account.ts"
import type { Capability } from "../model/Capabilities.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type * as Period from "../model/Period.ts"

/** The facts about the account that a check needs. */
export interface Harness {
  readonly account: Account["Service"]
  /**
   * The id of an active member with a finite quota that has room for a few more steps, and a remaining
   * amount.
   */
  readonly member: string
  /** The id of another active member. */
  readonly otherMember: string
  /** A valid id that belongs to no member. */
  readonly missingMember: string
  /** A text that is neither a valid id nor the name of a member. */
  readonly malformedMember: string
  /** How many requests have been sent: reads and writes. */
  readonly requests: Effect.Effect<number>
  /** How many writes have been sent. */
  readonly writes: Effect.Effect<number>
  /** Lets the next write take effect and loses its answer. Absent if that is impossible. */
  readonly loseNextAnswer?: Effect.Effect<void>
  /** The provider's id of a user who can be invited and has not been. For `members.invite`. */
  readonly invitee?: string
  /** A period with orders and usage. For all listings by period. */
  readonly period?: Period.Period
  /** A month with costs, as `2026-11`. For `billing.monthly-cost`. */
  readonly month?: string
}

/** An adapter violates a requirement. */
export class ConformanceFailure extends Schema.TaggedError<ConformanceFailure>()("ConformanceFailure", {
  /** The checked property. */
  what: Schema.String,
  expected: Schema.String,
  seen: Schema.String
}) {
  override get message(): string {
    return `${this.what}: expected ${this.expected}, and saw ${this.seen}`
  }
}

/** One requirement of every adapter with the capabilities in `needs`. */
export interface Check {
  readonly name: string
  readonly needs: ReadonlyArray<Capability>
  /** Whether the check needs a lost answer. */
  readonly losesAnswer: boolean
  readonly run: (harness: Harness) => Effect.Effect<void, ConformanceFailure | CloudQuotaError>
}

/** Returns an optional value of the harness, or fails if it is absent. */
export const given = <Name extends "invitee" | "period" | "month">(
  harness: Harness,
  name: Name
): Effect.Effect<NonNullable<Harness[Name]>, ConformanceFailure> => {
  const value = harness[name]
  return value === undefined || value === null
    ? Effect.fail(
        new ConformanceFailure({ what: `${name} of the harness`, expected: "given", seen: "absent" })
      )
    : Effect.succeed(value)
}

/** Whether the account supports the capability. */
export const isSupported = ({ account }: Harness, capability: Capability): boolean =>
  account.capabilities[capability].support !== "unsupported"

export type Verdict = Effect.Effect<void, ConformanceFailure | CloudQuotaError>

/** Compares the printed values. */
export const expect = (
  what: string,
  seen: unknown,
  expected: unknown
): Effect.Effect<void, ConformanceFailure> =>
  String(seen) === String(expected)
    ? Effect.void
    : Effect.fail(new ConformanceFailure({ what, expected: String(expected), seen: String(seen) }))

/** Runs the call, which must fail with this reason, with no request sent. */
export const refusedUnsent = (
  harness: Harness,
  what: string,
  reason: CloudQuotaError["reason"]["_tag"],
  call: Effect.Effect<unknown, CloudQuotaError>
): Verdict =>
  Effect.gen(function* () {
    const before = yield* harness.requests
    yield* failsWith(what, reason, call)
    yield* expect(`requests sent for ${what}`, (yield* harness.requests) - before, 0)
  })

export const failsWith = (
  what: string,
  reason: CloudQuotaError["reason"]["_tag"],
  call: Effect.Effect<unknown, CloudQuotaError>
): Verdict =>
  Effect.gen(function* () {
    const result = yield* Effect.result(call)
    yield* expect(what, Result.isFailure(result) ? result.failure.reason._tag : "success", reason)
    if (Result.isFailure(result)) yield* expect(`money of ${what}`, result.failure.money, "not-moved")
  })

export const check = (
  name: string,
  needs: ReadonlyArray<Capability>,
  run: Check["run"],
  options: { readonly losesAnswer?: boolean } = {}
): Check => ({ name, needs, run, losesAnswer: options.losesAnswer ?? false })
