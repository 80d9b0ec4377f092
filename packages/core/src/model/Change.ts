/**
 * A change request: one of four actions on one metric of one member.
 *
 * | action | effect |
 * |---|---|
 * | `set` | sets the limit to this value |
 * | `topUpTo` | makes at least this much available; never lowers, and unlimited stays unlimited |
 * | `adjust` | raises the limit by this much, or lowers it with a minus sign |
 * | `reclaim` | takes back this much, or `all` of the remaining amount; never more than remains |
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as KnownKeys from "./KnownKeys.ts"
import * as Limit from "./Limit.ts"
import type { MemberId, MemberInfo, MemberRef } from "./MemberInfo.ts"
import type { MetricId } from "./Metric.ts"
import * as Metric from "./Metric.ts"
import * as Quantity from "./Quantity.ts"
import type { Result as ChangeResult } from "./Report.ts"
import type { CheckId } from "./SafetyCheck.ts"

/** A limit as a caller writes it. */
export type LimitInput = Limit.Limit | AmountInput | "unlimited"

/** An amount as a caller writes it. Where a metric counts, a whole number is sufficient. */
export type AmountInput = Quantity.Input | number

/**
 * The limit that the member must have now. If it is another one, something else changed it, and nothing is
 * sent.
 */
export interface Expected {
  readonly expected?: LimitInput
}

/** An action as a caller writes it. Quantities are values or text. */
export type ActionInput = Expected &
  (
    | { readonly set: LimitInput }
    | { readonly topUpTo: AmountInput }
    | { readonly adjust: AmountInput }
    | { readonly reclaim: AmountInput | "all" }
  )

/** The action for each metric of one member. */
export type Spec = Readonly<Record<MetricId, ActionInput>>

/** One action on one metric of one member, as a caller writes it. */
export interface Change {
  readonly member: MemberRef
  readonly metric: MetricId
  readonly action: ActionInput
}

/** An event of a call, for `onEvent`. */
export type Event =
  /** A request is about to be sent. From here on an interruption cancels nothing. */
  | {
      readonly _tag: "Sending"
      readonly member: MemberId
      readonly metric: MetricId
      readonly delta?: Quantity.Quantity
    }
  /** No answer came. The outcome is read back after `remaining`. */
  | {
      readonly _tag: "Waiting"
      readonly member: MemberId
      readonly metric: MetricId
      readonly delta?: Quantity.Quantity
      readonly remaining: Duration.Duration
      /** For people: the state of the money, and that the wait can be interrupted safely. */
      readonly message: string
    }
  /** One change is finished. */
  | { readonly _tag: "Finished"; readonly result: ChangeResult }

/** The options of a change call. */
export interface Options {
  /**
   * The caller's name for this batch, such as `topup/2026-12`. Required for `topUpTo`, `adjust` and
   * `reclaim`.
   */
  readonly run?: string
  /**
   * Report the planned changes, and send nothing. If the same run has an earlier intent, its outcome is
   * reported instead, unless that intent is proven not to have taken place.
   *
   * @default false
   */
  readonly preview?: boolean
  /**
   * Upper bound on the total that the run may add, over all its calls and members. Unknown outcomes count as
   * added.
   */
  readonly cap?: Quantity.Input
  /**
   * Upper bound on the sum of the limits of all members of the account, over all metrics of its unit. A limit
   * that the provider does not report is not counted.
   */
  readonly pool?: Quantity.Input
  /** Upper bound on affected members. If the call names more, it fails before sending. */
  readonly maxMembers?: number
  /** Safety checks to waive in this call, by name. */
  readonly waive?: ReadonlyArray<CheckId>
  /**
   * `wait`: a lost answer is waited out and read back. `defer`: it is reported as `Unknown` immediately; a
   * later call, or `Changes.recover`, settles it.
   *
   * @default `wait`
   */
  readonly settle?: "wait" | "defer"
  /**
   * Called with every event, in order. The Effect that it returns is awaited for up to a second each time; a
   * watcher that takes longer gets no more events. Its failures are logged as warnings, and stop nothing.
   */
  readonly onEvent?: (event: Event) => Effect.Effect<void> | undefined
}

/** A decoded action. */
export type Action =
  | { readonly _tag: "Set"; readonly limit: Limit.Limit }
  | { readonly _tag: "TopUpTo"; readonly quantity: Quantity.Quantity }
  | { readonly _tag: "Adjust"; readonly quantity: Quantity.Quantity }
  | { readonly _tag: "Reclaim"; readonly quantity: Quantity.Quantity | "all" }

/** Returns the changes that apply one spec to several members. */
export const forMembers = (members: Iterable<MemberRef>, spec: Spec): ReadonlyArray<Change> =>
  Array.from(members).flatMap((member) =>
    Object.entries(spec).map(([metric, action]) => ({ member, metric, action }))
  )

/** @internal The fields of a listed member. */
export const memberKeys: KnownKeys.Names<MemberInfo> = {
  id: true,
  user: true,
  name: true,
  email: true,
  person: true,
  status: true
}

/** Returns the id in a member reference, or why there is none: an invitee may have none yet. */
export const decodeMember = (ref: MemberRef): Result.Result<string, string> => {
  if (typeof ref === "string") return Result.succeed(ref)
  const info: Partial<MemberInfo> | null | undefined = ref
  if (typeof info !== "object" || info === null) {
    return Result.fail("give a member's id as text, or a member as a listing gives it")
  }
  const unknown = KnownKeys.problem(info, memberKeys, "member")
  if (unknown !== undefined) return Result.fail(`${unknown.field} ${unknown.message}`)
  return typeof info.id === "string"
    ? Result.succeed(info.id)
    : Result.fail("this member has no id yet, since the invitation was not accepted")
}

const actionKeys: KnownKeys.Names<ActionInput> = {
  set: true,
  topUpTo: true,
  adjust: true,
  reclaim: true,
  expected: true
}

/** Decodes an action on a metric, or describes the problem with it. */
export const decodeAction = (metric: Metric.Metric, input: ActionInput): Result.Result<Action, string> => {
  if (typeof input !== "object" || input === null) {
    return Result.fail('give one of set, topUpTo, adjust and reclaim, as { topUpTo: "500 CNY" }')
  }
  const unknown = KnownKeys.problem(input, actionKeys, "action")
  if (unknown !== undefined) return Result.fail(`${unknown.field} ${unknown.message}`)
  const keys = Object.keys(input).filter((key) => key !== "expected")
  if (keys.length !== 1) {
    return Result.fail(
      `give exactly one of set, topUpTo, adjust and reclaim, not ${keys.length === 0 ? "none" : keys.join(" and ")}`
    )
  }
  if ("set" in input) {
    return Result.map(decodeLimit(metric, input.set), (limit): Action => ({ _tag: "Set", limit }))
  }
  if ("topUpTo" in input) {
    return Result.map(
      decodeQuantity(metric, input.topUpTo, "positive"),
      (quantity): Action => ({
        _tag: "TopUpTo",
        quantity
      })
    )
  }
  if ("adjust" in input) {
    return Result.map(
      decodeQuantity(metric, input.adjust, "signed"),
      (quantity): Action => ({
        _tag: "Adjust",
        quantity
      })
    )
  }
  if ("reclaim" in input) {
    if (input.reclaim === "all") return Result.succeed({ _tag: "Reclaim", quantity: "all" })
    return Result.map(
      decodeQuantity(metric, input.reclaim, "positive"),
      (quantity): Action => ({
        _tag: "Reclaim",
        quantity
      })
    )
  }
  return Result.fail("give exactly one of set, topUpTo, adjust and reclaim")
}

/** Decodes the expected limit, or describes the problem with it. */
export const decodeExpected = (
  metric: Metric.Metric,
  { expected }: Expected
): Result.Result<Limit.Limit | undefined, string> =>
  expected === undefined ? Result.succeed(undefined) : decodeLimit(metric, expected)

const decodeLimit = (metric: Metric.Metric, input: LimitInput): Result.Result<Limit.Limit, string> => {
  if (input === "unlimited") return Metric.validate(metric, Limit.unlimited)
  if (Limit.isLimit(input)) return Metric.validate(metric, input)
  return Result.flatMap(Metric.parseQuantity(metric, input), (quantity) =>
    Metric.validate(metric, Limit.finite(quantity))
  )
}

const decodeQuantity = (
  metric: Metric.Metric,
  input: AmountInput,
  sign: "positive" | "signed"
): Result.Result<Quantity.Quantity, string> =>
  Metric.parseQuantity(metric, input).pipe(
    Result.flatMap((quantity) => Metric.validateStep(metric, quantity)),
    Result.flatMap((quantity) => {
      if (Quantity.isZero(quantity)) {
        return Result.fail(`${quantity} changes nothing: give an amount of at least ${metric.step}`)
      }
      if (sign === "positive" && Quantity.isNegative(quantity)) {
        return Result.fail(`${quantity} is negative: give a positive amount, or use adjust for a signed one`)
      }
      return Quantity.isGreaterThan(Quantity.abs(quantity), metric.maximum)
        ? Result.fail(`${quantity} is out of range for ${metric.id}: at most ${metric.maximum}`)
        : Result.succeed(quantity)
    })
  )
