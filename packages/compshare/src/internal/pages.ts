/**
 * A listing that comes in pages by offset, as one stream.
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as OffsetPages from "@cloud-quota/core/OffsetPages"
import type { Fields } from "./decode.ts"
import { largestPage } from "./params.ts"
import { provider } from "./settings.ts"

/** Which page: how many rows come before it, and how many it may have. */
interface Place {
  readonly offset: number
  readonly limit: number
}

/** Every row of a listing, also while rows come and go: see core's `OffsetPages`. */
export const allPages = <A>(
  listing: {
    readonly action: string
    /** Rows of one page. */
    readonly limit: number | undefined
    readonly key: (row: A) => string
  },
  fetch: (place: Place) => Effect.Effect<OffsetPages.Page<A>, CloudQuotaError>
): Stream.Stream<A, CloudQuotaError> =>
  OffsetPages.stream({
    provider,
    operation: listing.action,
    pageSize: listing.limit === undefined ? largestPage : listing.limit,
    key: listing.key,
    fetch: (offset, limit) => fetch({ offset, limit })
  })

/** A row without an id: all that it says. */
export const wholeRow = ({ details }: { readonly details: Fields }): string =>
  JSON.stringify(details, (_key, value) => (typeof value === "bigint" ? `${value}` : value))
