/**
 * The ids of members: those of IAM's users.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { MemberId } from "@cloud-quota/core/Member"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { malformed } from "../api/errors.ts"
import { checkSegment } from "../api/ids.ts"

const decode = Schema.decodeUnknownResult(MemberId)

/** Reads a member id, or returns the reason why the text cannot be one. */
export const memberId = (text: string): Result.Result<MemberId, string> =>
  Result.flatMap(checkSegment(text), (id) =>
    Result.mapError(
      decode(id),
      () => "is not the id of a sub-account: give the IAM user's id, as the console shows it"
    )
  )

/** Checks the id in a row of a listing, which is foreign input as well. */
export const listedId = (operation: string, id: string): Effect.Effect<MemberId, CloudQuotaError> =>
  Effect.fromResult(
    Result.mapError(memberId(id), (problem) =>
      malformed({ operation, money: "not-moved", message: `the listing has a user id that ${problem}` })
    )
  )
