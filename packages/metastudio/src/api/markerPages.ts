/**
 * A listing by marker as one stream.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/Decode"
import type * as Operation from "@cloud-quota/core/adapter/Operation"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { iamOperations, type UserV5 } from "./iam.ts"
import { unreadableIn } from "./client.ts"
import { malformed } from "./errors.ts"

const { listUsersV5: operation } = iamOperations

type Request = Operation.Request<typeof operation>
type Answer = Operation.Answer<typeof operation>

/**
 * All users. A page may be empty and still not be the last one. Rows that cannot be read are left out until the
 * end: then the stream fails.
 */
export const markerPages = (
  call: (request?: Request) => Effect.Effect<Answer, CloudQuotaError>,
  request?: Request
): Stream.Stream<UserV5, CloudQuotaError> =>
  Stream.suspend(() => {
    let unreadable: CloudQuotaError | undefined
    const rows = Stream.paginate<ReadonlyArray<string>, UserV5, CloudQuotaError>([], (seen) =>
      Effect.gen(function* () {
        const [marker] = seen.slice(-1)
        // A request that is no object is refused as it is.
        const answer = yield* call(marker === undefined ? request : { ...request, marker })
        unreadable ??= unreadableIn(operation, answer)
        const next = answer.page_info?.next_marker
        if (!next) return [answer.users, Option.none()] as const
        if (!seen.includes(next)) return [answer.users, Option.some([...seen, next])] as const
        return yield* malformed({
          operation: operation.name,
          money: "not-moved",
          message: "the listing is not what is documented: its next page is one that was there before",
          ...defined({ requestId: answer.requestId })
        })
      })
    )
    const end = Stream.suspend(() => (unreadable === undefined ? Stream.empty : Stream.fail(unreadable)))
    return Stream.concat(rows, end)
  })
