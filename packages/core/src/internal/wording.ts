/**
 * What a result says to people: what happened to the money, and what to do.
 */
import * as Quantity from "../Quantity.ts"
import * as SafeText from "../SafeText.ts"
import type { Reason } from "../CloudQuotaError.ts"
import type { Next, Outcome, Result } from "../Report.ts"

/** What an outcome proves about the money. */
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

/** What to do after an outcome. */
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

/** `+120.00 CNY`, or `100.00 CNY -> unlimited` where there is no difference. */
export const step = ({ before, delta, target }: Pick<Result, "before" | "delta" | "target">): string => {
  if (delta !== undefined) return `${Quantity.isPositive(delta) ? "+" : ""}${delta}`
  if (target === undefined) return "no difference"
  return before === undefined ? `${target}` : `${before.limit} -> ${target}`
}

/** The sentence for people. `detail` is what only the place that found it out knows. */
export const messageOf = (...args: Parameters<typeof sentenceOf>): string =>
  // Providers' words and members' names are in it.
  SafeText.visible(sentenceOf(...args))

const sentenceOf = (
  result: Pick<Result, "member" | "metric" | "outcome" | "before" | "delta" | "target">,
  detail?: string
): string => {
  const { metric, member, outcome } = result
  const who = `${metric} of ${member}`
  const more = detail === undefined ? "" : ` ${detail}`
  switch (outcome._tag) {
    case "Applied": {
      const seen = outcome.observed === undefined ? "" : ` It is ${outcome.observed.limit} now.`
      const drift =
        outcome.drift === true ? " That is not what was asked for: somebody else changes it too." : ""
      return `Changed ${who} (${step(result)}).${seen}${drift}${more}`
    }
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
      return `${who} is ${outcome.observed} where ${outcome.expected} was expected: somebody else changed it, or the expectation was wrong. Nothing was sent.${more}`
    case "Blocked":
      return `${who} waits for ${outcome.by}. Nothing was sent.${more}`
    case "Unknown":
      return `No answer for ${who} (${step(result)}): ${sentence(outcome.reason)} Money: unknown. Do not repeat it by hand.${more}`
  }
}

const sentence = (reason: Reason): string =>
  /[.!?。]$/.test(reason.message) ? reason.message : `${reason.message}.`
