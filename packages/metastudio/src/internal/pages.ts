/**
 * Listings as streams, page by page, and never in silence without an end or without a part.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as OffsetPages from "@cloud-quota/core/OffsetPages"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { malformed, provider } from "./errors.ts"
import { optional } from "./optional.ts"

/** One page of a listing by offset. */
export interface OffsetPage<A> {
  readonly rows: ReadonlyArray<A>
  /** How many rows there are on all pages, where it is told. */
  readonly total?: number | undefined
  readonly requestId?: string
}

/** All rows of a listing by offset, also while rows come and go: see core's `OffsetPages`. */
export const offsetPages = <A>(options: {
  readonly operation: string
  /** The most rows that a page may have. */
  readonly pageSize: number
  /** Tells the rows of a listing apart. */
  readonly key: (row: A) => string
  readonly fetch: (place: {
    readonly offset: number
    readonly limit: number
  }) => Effect.Effect<OffsetPage<A>, CloudQuotaError>
}): Stream.Stream<A, CloudQuotaError> =>
  OffsetPages.stream({
    ...options,
    provider,
    fetch: (offset, limit) =>
      Effect.map(options.fetch({ offset, limit }), ({ total, ...page }) => ({
        ...page,
        ...optional({ total })
      }))
  })

/** One page of a listing by marker. */
export interface MarkerPage<A> {
  readonly rows: ReadonlyArray<A>
  readonly nextMarker?: string
  readonly requestId?: string
}

/** All rows of a listing by marker. A page may be empty and still not be the last one. */
export const markerPages = <A>(options: {
  readonly operation: string
  readonly fetch: (marker?: string) => Effect.Effect<MarkerPage<A>, CloudQuotaError>
}): Stream.Stream<A, CloudQuotaError> =>
  Stream.paginate<ReadonlyArray<string>, A, CloudQuotaError>([], (seen) =>
    Effect.flatMap(options.fetch(seen.at(-1)), ({ nextMarker, requestId, rows }) => {
      if (nextMarker === undefined) return Effect.succeed([rows, Option.none()] as const)
      if (!seen.includes(nextMarker)) {
        return Effect.succeed([rows, Option.some([...seen, nextMarker])] as const)
      }
      const message = "its next page is one that was there before"
      return Effect.fail(notAPage({ operation: options.operation, message, ...optional({ requestId }) }))
    })
  )

/** A row without an id: all that it says. */
export const wholeRow = ({ details }: { readonly details: Readonly<Record<string, unknown>> }): string =>
  JSON.stringify(details, (_key, value) => (typeof value === "bigint" ? `${value}` : value))

/** An answer that cannot be a page of the listing. */
export const notAPage = (options: {
  readonly operation: string
  readonly message: string
  readonly requestId?: string
}): CloudQuotaError =>
  malformed({
    ...options,
    money: "not-moved",
    message: `the listing is not what is documented: ${options.message}`
  })
