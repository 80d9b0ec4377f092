/** The team's operate log as a history. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type CloudQuotaError, MalformedResponse } from "@cloud-quota/core/CloudQuotaError"
import type { LogEntry } from "@cloud-quota/core/adapter/Driver"
import type { Period } from "@cloud-quota/core/Period"
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { LogEntry as Entry } from "../api/log.ts"
import type { Service } from "../api/CompShareClient.ts"
import { isWithin, secondsOf } from "../api/period.ts"
import { failure } from "./team.ts"
import { kindOf, outcomeOf } from "./operateWords.ts"

/** Returns all entries of the team's log in a period, oldest first. */
export const listLog =
  (client: Service, teamId: number) =>
  (period: Period): Stream.Stream<LogEntry, CloudQuotaError> => {
    const isMeant = isWithin(period)
    const request = { TeamId: teamId, ...secondsOf(period), OrderByASC: true }
    return client.stream.listCompShareTeamOperateLog(request).pipe(
      Stream.mapEffect(timed),
      Stream.filter(({ seconds }) => isMeant(seconds)),
      Stream.map(
        ({ entry: { Content, OperateType, Status }, seconds }): LogEntry => ({
          at: DateTime.makeUnsafe(seconds * 1000),
          kind: kindOf(OperateType) ?? "other",
          outcome: outcomeOf(Status),
          text: [OperateType, ...Option.toArray(readText(Content))].join(": ")
        })
      )
    )
  }

/** Text for people. Any other form of it is skipped. */
const readText = Schema.decodeUnknownOption(Lenient.Name)
const readSeconds = Schema.decodeUnknownOption(Lenient.UnixSeconds)

/**
 * Without a time, an entry has no place in the history, and dropping it would make the history incomplete.
 */
const timed = (entry: Entry) => {
  const seconds = readSeconds(entry.CreateTime)
  if (Option.isSome(seconds)) return Effect.succeed({ entry, seconds: seconds.value })
  const message = `the answer does not tell when this was done: ${entry.OperateType}`
  return Effect.fail(failure("ListCompShareTeamOperateLog", new MalformedResponse({ message })))
}
