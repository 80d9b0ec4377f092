/**
 * Reads listings by offset and limit, while rows are added and removed.
 *
 * If a row before the offset is removed between two pages, all rows move up, and the next offset would silently
 * skip one. So each page overlaps the delivered rows: it has to show a known row, and only rows after that one
 * are new.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { CloudQuotaError, MalformedResponse, Unavailable } from "../model/CloudQuotaError.ts"
import { type Place, makeDelivered } from "./delivered.ts"

/** One page of the provider. */
export interface Page<Row> {
  readonly rows: ReadonlyArray<Row>
  /** The number of rows on all pages, if reported. */
  readonly total?: number
  /** The page size that the provider used, if reported. */
  readonly limit?: number
  readonly requestId?: string
}

/** A listing. */
export interface Options<Row, R> {
  /** For errors. */
  readonly provider: string
  /** For errors. */
  readonly operation: string
  /** Rows per request. 1 means 2, since pages overlap by a row. */
  readonly pageSize: number
  /**
   * The identity of a row. It must not change while the listing is read. Rows with equal keys are only counted.
   */
  readonly key: (row: Row) => string
  /** Requests one page: up to `limit` rows from `offset` on. */
  readonly fetch: (offset: number, limit: number) => Effect.Effect<Page<Row>, CloudQuotaError, R>
}

/**
 * Streams all rows of a listing. A row that is present throughout is delivered exactly once, if the rows keep their
 * order; a row that is added or removed meanwhile at most once. Memory is bounded by the keys of 10,000 rows.
 *
 * Fails with `Unavailable` if no known row is found again, and with
 * `MalformedResponse` if the provider contradicts itself: a page that ends before the total, the same page
 * for every offset, a page full of rows with the same key.
 *
 * @example
 * import { OffsetPages } from "@cloud-quota/core/adapter"
 * import { Effect } from "effect"
 *
 * const names = ["a", "b", "c", "d", "e"]
 * export const all = OffsetPages.stream({
 *   provider: "example",
 *   operation: "ListNames",
 *   pageSize: 2,
 *   key: (name: string) => name,
 *   fetch: (offset, limit) =>
 *     Effect.succeed({ rows: names.slice(offset, offset + limit), total: names.length })
 * })
 */
export const stream = <Row, R = never>(options: Options<Row, R>): Stream.Stream<Row, CloudQuotaError, R> =>
  Stream.suspend(() => {
    const reader = makeReader(options)
    return Stream.paginate(0, (offset) => reader(offset))
  })

/** How many pages before and after its old place are searched for a known row. */
const mostSteps = 10
/** How often the same page may appear at another offset: once is explained by a row that was added before it. */
const mostRepeats = 3
/** How many consecutive pages may have no new row: then rows are added faster than they are read. */
const mostStalls = 200

const makeReader = <Row, R>(options: Options<Row, R>) => {
  // The client refuses an invalid page size.
  const asked = options.pageSize === 1 ? 2 : options.pageSize
  const delivered = makeDelivered()
  /** The longest page so far: the provider's page size, if it does not report one. */
  let longest = 0
  let before: { readonly offset: number; readonly keys: ReadonlyArray<string> } = { offset: 0, keys: [] }
  let repeats = 0
  /** The number of rows that overlap. It grows if a page cannot be placed. */
  let overlap = 1

  const fail = (reason: CloudQuotaError["reason"], { requestId }: Page<Row>) =>
    new CloudQuotaError({
      provider: options.provider,
      operation: options.operation,
      money: "not-moved",
      reason,
      ...(requestId === undefined ? {} : { requestId })
    })

  const malformed = (problem: string, page: Page<Row>) =>
    fail(new MalformedResponse({ message: `the listing is not what is documented: ${problem}` }), page)

  const tooMuch = (page: Page<Row>) =>
    fail(new Unavailable({ message: "the listing changed too much while it was read: try again" }), page)

  const fetch = Effect.fnUntraced(function* (offset: number) {
    const page = yield* options.fetch(offset, asked)
    const keys = page.rows.map(options.key)
    const { total } = page
    longest = Math.max(longest, keys.length)
    if (keys.length === 0 && total !== undefined && total > offset)
      return yield* malformed(`there are ${total} rows, and nothing from ${offset} on`, page)
    const isRepeated = keys.length > 0 && offset !== before.offset && sameTexts(keys, before.keys)
    repeats = isRepeated ? repeats + 1 : 0
    before = { offset, keys }
    if (repeats === mostRepeats)
      return yield* malformed(`the page from ${offset} on is the one before it`, page)
    const read: Read<Row> = { offset, page, keys, place: delivered.placeOf(offset, keys) }
    return read
  })

  /** Finds the page, at the offset or around it, that shows where the delivered rows end. */
  const placed = Effect.fnUntraced(function* (offset: number) {
    let last = yield* fetch(offset)
    if (isPlaced(last)) return last
    const stride = Math.max(1, longest - 1)
    // Removed rows move the others up; new rows move them down.
    let isOver = last.page.rows.length === 0
    const start = isOver ? Math.min(offset, last.page.total ?? offset) : offset
    let lowest = offset
    for (let step = 1; step <= mostSteps; step++) {
      if (lowest > 0) {
        lowest = Math.max(0, start - step * stride)
        last = yield* fetch(lowest)
        if (isPlaced(last)) return last
      }
      if (!isOver) {
        last = yield* fetch(offset + step * stride)
        if (isPlaced(last)) return last
        isOver = last.page.rows.length === 0
      }
    }
    return yield* tooMuch(last.page)
  })

  return Effect.fnUntraced(function* (from: number) {
    let at = from
    for (let stalls = 0; ; stalls++) {
      const { keys, offset, page, place } = yield* placed(at)
      if (offset !== at) overlap = Math.min(overlap * 2, Math.max(1, Math.floor(longest / 2)))
      const fresh = delivered.add(keys, place).flatMap((index) => page.rows.slice(index, index + 1))
      const end = offset + keys.length
      const { total } = page
      const isAllKnown = fresh.length === 0
      const isShort = keys.length < 2 || keys.length < longest
      if (total !== undefined && total > end && isAllKnown && isShort)
        return yield* malformed(`there are ${total} rows, and nothing from ${end} on`, page)
      // A total below the number of seen rows is ignored: then a page without new rows is the last one.
      const isEnd =
        total !== undefined && total >= end
          ? total === end
          : keys.length < Math.min(asked, page.limit ?? 0) || (isAllKnown && isShort)
      // The same page again says nothing about the rows after it.
      if (isEnd && repeats === 0) return [fresh, Option.none<number>()] as const
      if (stalls === mostStalls) return yield* tooMuch(page)
      at = offset + delivered.overlap(keys, overlap)
      if (at === offset && isAllKnown)
        return yield* malformed("its rows cannot be told apart: try larger pages", page)
      if (!isAllKnown) return [fresh, Option.some(at)] as const
    }
  })
}

/** A page, and the place where it continues the delivered rows. */
interface Read<Row> {
  readonly offset: number
  readonly page: Page<Row>
  readonly keys: ReadonlyArray<string>
  readonly place: Place | undefined
}

const isPlaced = <Row>(read: Read<Row>): read is Read<Row> & { readonly place: Place } =>
  read.place !== undefined

const sameTexts = (some: ReadonlyArray<string>, others: ReadonlyArray<string>): boolean =>
  some.length === others.length && some.every((text, index) => text === others[index])
