/** Resolves the name of a run to the run in the journal, and checks that its requests are the same. */
import * as Result from "effect/Result"
import type * as Journal from "../journal/Journal.ts"
import { RunReused } from "../model/CloudQuotaError.ts"
import * as Names from "../model/names.ts"
import { isOf } from "./call.ts"
import type { ChangeRequest } from "./decodeChanges.ts"

/**
 * Returns the name of the run as the journal spells it. Earlier versions allowed other spellings, and such a
 * run continues under its own. Two names that look alike are refused, since one run would repeat the payments
 * of the other.
 */
export const spelling = (
  name: string,
  past: ReadonlyArray<Journal.Intent>
): Result.Result<string, RunReused> => {
  const [first = name, second = first] = new Set(past.map(({ run }) => run))
  if (first === second && (first === name || Names.suggested(first) === name)) return Result.succeed(first)
  const both = [first, first === second ? name : second].map(Names.visible).join(" and ")
  const message = `the runs ${both} look alike, so this one may have been carried out under the other name. Nothing was sent. Look at what they did with cloud-quota journal export, and give what is still to be done a run of another name`
  return Result.fail(new RunReused({ message }))
}

/**
 * Refuses a run that was used for another request: its earlier result would hide that the new request was
 * never carried out.
 */
export const sameRequests = (
  requests: ReadonlyArray<ChangeRequest>,
  run: string,
  past: ReadonlyArray<Journal.Intent>
): Result.Result<void, RunReused> => {
  const ofMember = Map.groupBy(past, ({ member }) => member)
  for (const request of requests) {
    const own = ofMember.get(request.member) ?? []
    const other = own.find((intent) => isOf(request)(intent) && intent.request !== request.text)
    if (other === undefined) continue
    const message = `the run ${JSON.stringify(run)} was "${other.request}" for ${request.metric.id} of ${request.member}, and is "${request.text}" now: use a new run for a different change`
    return Result.fail(new RunReused({ message }))
  }
  return Result.void
}

/**
 * Refuses a run in which a text names another member than before, whatever the case: after a change of names, the run
 * would pay a second member in place of the first. An id is such a text, too.
 */
export const sameMembers = (
  requests: ReadonlyArray<ChangeRequest>,
  run: string,
  past: ReadonlyArray<Journal.Intent>
): Result.Result<void, RunReused> => {
  const before = new Map(past.map(({ member, named = member }) => [lookOf(named), member]))
  for (const { member, named } of requests) {
    const other = named === undefined ? undefined : before.get(lookOf(named))
    if (other === undefined || other === member) continue
    const message = `the run ${JSON.stringify(run)} changed ${other} under the name ${JSON.stringify(named)}, which is ${member} now. Nothing was sent: name the member by its id, or use a new run`
    return Result.fail(new RunReused({ message }))
  }
  return Result.void
}

const lookOf = (text: string): string => Names.key(text.toLowerCase())
