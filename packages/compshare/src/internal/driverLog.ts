/**
 * The team's operate log as a history.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type CloudQuotaError, MalformedResponse } from "@cloud-quota/core/CloudQuotaError"
import type { LogEntry } from "@cloud-quota/core/Driver"
import type { Period } from "@cloud-quota/core/Period"
import type { Service } from "../CompShareClient.ts"
import type { TeamOperateLogEntry } from "../TeamOperateLog.ts"
import { isWithin, secondsOf } from "./driverPeriod.ts"
import { failure } from "./driverTeam.ts"
import { kindOf, outcomeOf } from "./operateWords.ts"

/** What was done to the team in a period, oldest first. */
export const listLog =
  (client: Service, teamId: number) =>
  (period: Period): Stream.Stream<LogEntry, CloudQuotaError> => {
    const isMeant = isWithin(period)
    return client.teamOperateLog({ teamId, ...secondsOf(period), ascending: true }).pipe(
      Stream.mapEffect(timed),
      Stream.filter(({ createTime }) => isMeant(createTime)),
      Stream.map(
        ({ content, createTime, operateType, status }): LogEntry => ({
          at: DateTime.makeUnsafe(createTime * 1000),
          kind: kindOf(operateType) ?? "other",
          outcome: outcomeOf(status),
          text: content === undefined || content === "" ? operateType : `${operateType}: ${content}`
        })
      )
    )
  }

/** An entry of nobody knows when has no place in a history, and must not be missing from it either. */
const timed = (entry: TeamOperateLogEntry) => {
  const { createTime } = entry
  if (createTime !== undefined) return Effect.succeed({ ...entry, createTime })
  const message = `the answer does not tell when this was done: ${entry.operateType}`
  return Effect.fail(failure("ListCompShareTeamOperateLog", new MalformedResponse({ message })))
}
