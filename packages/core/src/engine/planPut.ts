/** Decides what to write for the change requests of one member of an absolute cloud. */
import * as Effect from "effect/Effect"
import { PreconditionFailed } from "../model/CloudQuotaError.ts"
import type { Driver } from "../model/Driver.ts"
import type { Intent, JournalError } from "../journal/contract.ts"
import * as Limit from "../model/Limit.ts"
import type { MetricId } from "../model/Metric.ts"
import * as Quantity from "../model/Quantity.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import type { Observed, Result } from "../model/Report.ts"
import { type Call, type Facts, isOf, namedBy, takenOver, toResult } from "./call.ts"
import { type Plan, plan } from "./plan.ts"
import { on } from "./rules.ts"
import type { ChangeRequest } from "./decodeChanges.ts"

/** A change request that is about to be written. */
export interface Planned {
  readonly request: ChangeRequest
  readonly facts: Facts & { readonly before: Observed; readonly target: Limit.Limit }
}

/** Returns the limit to write for a change request, or a result that needs no request. */
export const decide = Effect.fnUntraced(function* (
  call: Call,
  request: ChangeRequest,
  state: QuotaState | undefined,
  ofRun: ReadonlyArray<Intent>
): Effect.fn.Return<Result | Planned, JournalError> {
  const planned = planFor(call, request, state)
  const before = state === undefined ? undefined : observedOf(state)
  const known: Facts = before === undefined ? {} : { before }
  if (request.expected !== undefined && before === undefined) {
    const message = `The provider tells no ${request.metric.id} of this member, and ${request.expected} was expected.`
    return toResult(request, { _tag: "NotSent", reason: new PreconditionFailed({ message }) })
  }
  if (
    request.expected !== undefined &&
    before !== undefined &&
    !Limit.equals(request.expected, before.limit)
  ) {
    return toResult(request, { _tag: "Drift", expected: request.expected, observed: before.limit }, known)
  }
  switch (planned._tag) {
    case "NoChange": {
      // Recorded, so that the same run returns the same result after further use.
      const isNamed = call.args.run !== undefined && on("put-no-change")
      if (!call.args.preview && isNamed && before !== undefined) {
        const attempt = ofRun.filter(isOf(request)).length + 1
        const intent = {
          run: call.run,
          member: request.member,
          ...namedBy(request),
          metric: request.metric.id,
          attempt,
          request: request.text,
          before,
          after: before.limit
        }
        // An unrecorded result must not be promised to the run.
        const written = yield* call.session.hold.insert([intent], "no-change")
        if (written === undefined) return toResult(request, { _tag: "NotSent", reason: takenOver }, known)
      }
      return toResult(request, { _tag: "NoChange" }, known, planned.message)
    }
    case "Refused":
      return toResult(request, { _tag: "Refused", check: planned.check }, known, planned.message)
    case "Impossible":
      return toResult(
        request,
        { _tag: "NotSent", reason: new PreconditionFailed({ message: planned.message }) },
        known
      )
    case "Change": {
      const { delta, target } = planned
      const facts = {
        before: before ?? { limit: Limit.finite(Quantity.zero(request.metric.unit)) },
        target,
        ...(delta === undefined ? {} : { delta })
      }
      const tooMuch = call.budget(request, { target, ...(delta === undefined ? {} : { delta }) })
      if (tooMuch !== undefined) {
        return toResult(request, { _tag: "Refused", check: tooMuch.check }, facts, tooMuch.message)
      }
      return call.args.preview ? toResult(request, { _tag: "Planned" }, facts) : { request, facts }
    }
  }
})

const planFor = (call: Call, request: ChangeRequest, state: QuotaState | undefined): Plan => {
  const setting = { metric: request.metric, byDelta: false, withdrawalLowers: true, waived: call.args.waived }
  if (state !== undefined) return plan(setting, request.action, state)
  // The provider reports no such limit of this member. It can be set, but nothing can be computed from it.
  if (request.action._tag !== "Set") {
    const message = `The provider tells no ${request.metric.id} of this member: set a limit first.`
    return { _tag: "Impossible", message }
  }
  const { limit } = request.action
  return { _tag: "Change", target: limit, ...(limit._tag === "Finite" ? { delta: limit.quantity } : {}) }
}

/**
 * Returns a message if a limit cannot be written back. All limits are written, also those that stay the same.
 */
export const unwritable = (
  driver: Driver,
  limits: ReadonlyMap<MetricId, Limit.Limit>
): string | undefined => {
  for (const metric of driver.metrics) {
    const limit = limits.get(metric.id)
    if (limit?._tag === "Finite" && !Quantity.isMultipleOf(limit.quantity, metric.step)) {
      return `${metric.id} is ${limit}, which is finer than can be written back, and is not rounded behind your back: set ${metric.id} in the same call.`
    }
  }
  return undefined
}

export const observedOf = ({ available, limit }: QuotaState): Observed => ({
  limit,
  ...(available === undefined ? {} : { available })
})
