/** A listing with markers as one stream. */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import * as Pages from "@cloud-quota/core/adapter/Pages"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { iamOperations, type UserV5 } from "./iam.ts"
import { problemsIn } from "./client.ts"
import { malformed, provider } from "./errors.ts"

const { listUsersV5: operation } = iamOperations

type Request = Operation.Request<typeof operation>
type Answer = Operation.Answer<typeof operation>

/** A user, with the row as received. */
export type Row = UserV5 & Pick<Operation.Came, "raw">

/**
 * All users. A page may be empty without being the last one. Rows that cannot be read are skipped; at the end
 * the stream fails, and names those of all pages.
 */
export const markerPages = (
  call: (request?: Request) => Effect.Effect<Answer, CloudQuotaError>,
  request?: Request
): Stream.Stream<Row, CloudQuotaError> =>
  Stream.suspend(() => {
    const problems: Array<string> = []
    const rows = Stream.paginate<ReadonlyArray<string>, Row, CloudQuotaError>([], (seen) =>
      Effect.gen(function* () {
        const [marker] = seen.slice(-1)
        // A request that is not an object is refused unchanged.
        const answer = yield* call(marker === undefined ? request : { ...request, marker })
        problems.push(...problemsIn(operation, answer))
        const users = rowsOf(answer)
        const next = answer.page_info?.next_marker
        if (!next) return [users, Option.none()] as const
        if (!seen.includes(next)) return [users, Option.some([...seen, next])] as const
        return yield* malformed({
          operation: operation.name,
          money: "not-moved",
          message: "the listing is not what is documented: its next page is one that was there before",
          ...defined({ requestId: answer.requestId })
        })
      })
    )
    const end = Stream.suspend(() =>
      problems.length === 0 ? Stream.empty : Stream.fail(Pages.unreadable(provider, operation.name, problems))
    )
    return Stream.concat(rows, end)
  })

const rowsOf = (answer: Answer): ReadonlyArray<Row> => {
  const came = Operation.rawRows(answer, operation.rows.field)
  return answer.users.map((user, index) => ({ ...user, raw: came[index] ?? {} }))
}
