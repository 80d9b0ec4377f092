/** The messages of results for people: the state of the money, and the next step. */
import type { Limit } from "../model/Limit.ts"
import * as Quantity from "../model/Quantity.ts"
import * as SafeText from "../model/SafeText.ts"
import type { Reason } from "../model/CloudQuotaError.ts"
import type { Next, Outcome, Result } from "../model/Report.ts"

/** Returns the state of the money that an outcome proves. */
export const moneyOf = (outcome: Outcome): Result["money"] => {
  switch (outcome._tag) {
    case "Applied":
      return "moved"
    case "Unknown":
    case "Conflict":
      return "unknown"
    default:
      return "not-moved"
  }
}

/** Returns the next step after an outcome. */
export const nextOf = (outcome: Outcome): Next => {
  switch (outcome._tag) {
    case "Applied":
      return outcome.drift === true ? "decide" : "nothing"
    case "NoChange":
    case "Planned":
      return "nothing"
    case "NotSent":
    case "NotApplied":
      return "rerun"
    case "Unknown":
      return "wait"
    case "Refused":
    case "Rejected":
    case "Conflict":
    case "Drift":
    case "Blocked":
      return "decide"
  }
}

/** Formats a change as `+120.00 CNY`, or as `100.00 CNY -> unlimited` if it has no difference. */
export const step = ({ before, delta, target }: Pick<Result, "before" | "delta" | "target">): string => {
  if (delta !== undefined) return `${Quantity.isPositive(delta) ? "+" : ""}${delta}`
  if (target === undefined) return "no difference"
  return before === undefined ? `${target}` : `${before.limit} -> ${target}`
}

/** Says that the outcome is unknown, in a word that also fits counts and minutes. */
export const unknownText = (
  delta: Quantity.Quantity | undefined,
  ...limits: ReadonlyArray<Limit | undefined>
): string => {
  const amounts = [delta, ...limits.map((limit) => (limit?._tag === "Finite" ? limit.quantity : undefined))]
  return amounts.some((amount) => amount !== undefined && Quantity.isMoney(amount))
    ? "Money: unknown."
    : "Outcome: unknown."
}

/**
 * Returns the sentence for people. `detail` is known only to the caller. `expected` is the limit that a
 * reading should have shown, if it differs from the target.
 */
export const messageOf = (...args: Parameters<typeof sentenceOf>): string =>
  // It contains texts of providers and names of members.
  SafeText.visible(sentenceOf(...args))

const sentenceOf = (
  result: Pick<Result, "member" | "metric" | "outcome" | "before" | "delta" | "target">,
  detail?: string,
  expected = `${result.target}`
): string => {
  const { metric, member, outcome } = result
  const who = `${metric} of ${member}`
  const more = detail === undefined ? "" : ` ${detail}`
  switch (outcome._tag) {
    case "Applied":
      return `Changed ${who} (${step(result)}).${seenAfter(outcome, expected)}${more}`
    case "NoChange":
      return `Nothing to change for ${who}.${more}`
    case "Planned":
      return `Would change ${who} (${step(result)}). Nothing was sent.${more}`
    case "Refused":
      return `Refused to change ${who} (check ${outcome.check}). Nothing was sent.${more}`
    case "Rejected":
      return `The provider refused to change ${who} (${step(result)}): ${sentence(outcome.reason)} Nothing was changed.${more}`
    case "NotSent":
      return `No request was sent for ${who}: ${sentence(outcome.reason)} Nothing was changed; running it again is safe.${more}`
    case "NotApplied":
      return `The change of ${who} (${step(result)}) did not take place. Running it again is safe.${more}`
    case "Conflict":
      return `It cannot be told whether ${who} was changed (${step(result)}): ${outcome.detail}${more}`
    case "Drift":
      return `${who} is ${outcome.observed}; ${outcome.expected} was expected. Nothing was sent.${more}`
    case "Blocked":
      return `${who} waits for ${outcome.by}. Nothing was sent.${more}`
    case "Unknown":
      return `No answer for ${who} (${step(result)}): ${sentence(outcome.reason)} ${unknownText(result.delta, result.target, result.before?.limit)} Do not repeat it by hand.${more}`
  }
}

const sentence = (reason: Reason): string =>
  /[.!?。]$/.test(reason.message) ? reason.message : `${reason.message}.`

/** Describes the reading after a change. It does not show the cause. */
const seenAfter = (
  { drift = false, observed }: Extract<Outcome, { readonly _tag: "Applied" }>,
  expected: string
): string => {
  const isTarget = observed !== undefined && `${observed.limit}` === expected
  // Drift of another limit of the member is in the detail.
  if (!drift || isTarget) return observed === undefined ? "" : ` It is ${observed.limit} now.`
  const seen =
    observed === undefined
      ? "A reading after it was not the target."
      : `It is ${observed.limit} now; the target was ${expected}.`
  return ` ${seen} Find out why before the next change.`
}
