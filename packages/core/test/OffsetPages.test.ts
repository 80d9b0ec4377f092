/**
 * Listings that change while they are read: nothing that stays is lost, nothing comes twice.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as OffsetPages from "@cloud-quota/core/adapter/OffsetPages"

/** A dice of its own, so that a seed that failed can be thrown again. */
const diceOf = (seed: number) => {
  let state = seed
  /** A whole number below `sides`. */
  return (sides: number) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
}

/** How a provider answers besides its rows. */
interface Manner {
  readonly pageSize: number
  /** It gives no more than this, whatever is asked. */
  readonly cap?: number
  readonly tells: "total" | "limit" | "both" | "nothing" | "a total of 0"
}

interface Fetched {
  readonly offset: number
  readonly limit: number
}

/** A listing that something happens to before each page but the first. */
const listing = (start: number, manner: Manner, happens?: (rows: Array<string>) => void) => {
  const rows = Array.from({ length: start }, (_, index) => `r${index}`)
  const fetched: Array<Fetched> = []
  const stayed = new Set(rows)
  const { cap = 1000, pageSize, tells } = manner
  const stream = OffsetPages.stream({
    provider: "p",
    operation: "List",
    pageSize,
    key: (row: string) => row,
    fetch: (offset, limit) =>
      Effect.sync(() => {
        if (fetched.length > 0 && happens !== undefined) {
          happens(rows)
          const present = new Set(rows)
          for (const row of stayed) if (!present.has(row)) stayed.delete(row)
        }
        fetched.push({ offset, limit })
        const size = Math.min(limit, cap)
        const total = tells === "a total of 0" ? 0 : rows.length
        return {
          rows: rows.slice(offset, offset + size),
          ...(tells === "limit" || tells === "both" ? { limit: size } : {}),
          ...(tells === "nothing" || tells === "limit" ? {} : { total })
        }
      })
  })
  return { rows, fetched, stayed, stream }
}

const collect = (stream: Stream.Stream<string, CloudQuotaError>) =>
  Effect.result(Effect.map(Stream.runCollect(stream), (rows) => Array.from(rows)))

const failureOf = (result: Result.Result<unknown, CloudQuotaError>) => {
  if (Result.isSuccess(result)) throw new Error("it did not fail")
  return result.failure
}

/** The rows that were there throughout and were not delivered, and those that came twice. */
const mistakes = (delivered: ReadonlyArray<string>, stayed: ReadonlySet<string>) => {
  const seen = new Set(delivered)
  return {
    lost: Array.from(stayed).filter((row) => !seen.has(row)),
    twice: delivered.filter((row, index) => delivered.indexOf(row) !== index)
  }
}

const manners = (dice: (sides: number) => number): Manner => ({
  pageSize: 2 + dice(7),
  tells: (["total", "limit", "both", "nothing", "a total of 0"] as const)[dice(5)] ?? "total",
  ...(dice(3) === 0 ? { cap: 3 + dice(4) } : {})
})

/** Rows are added and removed anywhere: `most` at once. */
const churn = (dice: (sides: number) => number, most: number) => {
  let added = 0
  // A listing that grows as fast as it is read has no end.
  let left = 40
  return (rows: Array<string>) => {
    if (left-- <= 0) return
    for (let more = dice(most + 1); more > 0; more--) {
      const at = dice(rows.length + 1)
      if (dice(2) === 0) rows.splice(at, 0, ...Array.from({ length: 1 + dice(3) }, () => `new${added++}`))
      else rows.splice(at, 1 + dice(3))
    }
  }
}

const nothingWrong = { lost: [], twice: [] }

describe("rows that come and go while the pages are read", () => {
  it.effect("cost nothing that stays, and bring nothing twice", () =>
    Effect.gen(function* () {
      let failed = 0
      for (let seed = 1; seed <= 3000; seed++) {
        const dice = diceOf(seed)
        const changing = listing(dice(120), manners(dice), churn(dice, 2))
        const result = yield* collect(changing.stream)
        if (Result.isFailure(result)) {
          // On pages of two or three rows, as many rows may well arrive before each of three pages in a row.
          assert.match(result.failure.message, /changed too much|is the one before it/, `seed ${seed}`)
          failed += 1
          continue
        }
        assert.deepStrictEqual(mistakes(result.success, changing.stayed), nothingWrong, `seed ${seed}`)
      }
      // To fail always would be no listing.
      assert.isAtMost(failed, 30)
    })
  )

  it.effect("cost nothing if they are whole pages at once", () =>
    Effect.gen(function* () {
      for (let seed = 1; seed <= 1000; seed++) {
        const dice = diceOf(seed)
        const manner = manners(dice)
        let added = 0
        let left = 6
        const changing = listing(20 + dice(100), manner, (rows) => {
          if (dice(3) > 0 || left === 0) return
          left -= 1
          const many = manner.pageSize * (1 + dice(4))
          if (dice(2) === 0) rows.splice(dice(rows.length + 1), many)
          else rows.splice(dice(rows.length + 1), 0, ...Array.from({ length: many }, () => `new${added++}`))
        })
        const result = yield* collect(changing.stream)
        if (Result.isFailure(result)) assert.include(result.failure.message, "changed too much")
        else assert.deepStrictEqual(mistakes(result.success, changing.stayed), nothingWrong, `seed ${seed}`)
      }
    })
  )

  it.effect("do not make it begin again: a row that is removed costs one more page", () =>
    Effect.gen(function* () {
      let removed = false
      const changing = listing(1000, { pageSize: 100, tells: "total" }, (rows) => {
        if (!removed) rows.splice(50, 1)
        removed = true
      })
      const result = Result.getOrThrow(yield* collect(changing.stream))
      assert.lengthOf(result, 1000)
      assert.deepStrictEqual(
        changing.fetched.slice(0, 4).map(({ offset }) => offset),
        [0, 99, 0, 98]
      )
      assert.lengthOf(changing.fetched, 13)
    })
  )

  it.effect("may be most of the listing: the total says where to look", () =>
    Effect.gen(function* () {
      let removed = false
      const shrunk = listing(3200, { pageSize: 100, tells: "total" }, (rows) => {
        if (removed || shrunk.fetched.length < 31) return
        rows.splice(0, 2500)
        removed = true
      })
      const result = Result.getOrThrow(yield* collect(shrunk.stream))
      assert.deepStrictEqual(mistakes(result, shrunk.stayed), nothingWrong)
    })
  )

  it.effect("do not bring a row again that they have pushed down by more than is remembered", () =>
    Effect.gen(function* () {
      const pushed = listing(1000, { pageSize: 500, tells: "total" }, (rows) => {
        if (pushed.fetched.length > 1) return
        rows.splice(499, 0, ...Array.from({ length: 12_000 }, (_, index) => `new${index}`))
      })
      const result = Result.getOrThrow(yield* collect(pushed.stream))
      assert.isAbove(result.length, 12_000)
      assert.strictEqual(new Set(result).size, result.length)
      assert.isTrue(pushed.rows.filter((row) => row.startsWith("r")).every((row) => result.includes(row)))
    })
  )

  it.effect("are too many if they arrive faster than they can be read", () =>
    Effect.gen(function* () {
      let added = 0
      const growing = listing(1000, { pageSize: 10, tells: "total" }, (rows) => {
        const many = growing.fetched.length % 2 === 0 ? 8 : 10
        rows.unshift(...Array.from({ length: many }, () => `new${added++}`))
      })
      const error = failureOf(yield* collect(growing.stream))
      assert.strictEqual(error.reason._tag, "Unavailable")
      assert.isAtMost(growing.fetched.length, 250)
    })
  )

  it.effect("are too many only if no known row is found again", () =>
    Effect.gen(function* () {
      const replaced = listing(12_000, { pageSize: 500, tells: "total" }, (rows) => {
        if (replaced.fetched.length === 23) rows.splice(0, 11_600)
      })
      // All of the remembered ten thousand are gone, and the beginning is not remembered any more.
      const error = failureOf(yield* collect(replaced.stream))
      assert.strictEqual(error.reason._tag, "Unavailable")
      assert.include(error.message, "p List: the listing changed too much while it was read: try again")
      assert.strictEqual(error.money, "not-moved")

      const emptied = listing(300, { pageSize: 100, tells: "total" }, (rows) => rows.splice(0))
      assert.lengthOf(Result.getOrThrow(yield* collect(emptied.stream)), 100)
    })
  )
})

describe("a listing that nobody touches", () => {
  const tells = ["total", "limit", "both", "nothing", "a total of 0"] as const
  for (const told of tells) {
    it.effect(`is read whole where the provider tells ${told}`, () =>
      Effect.gen(function* () {
        for (const size of [0, 1, 2, 3, 4, 9, 10, 11, 99, 100, 101]) {
          for (const cap of [1000, 7, 2]) {
            const { rows, stream } = listing(size, { pageSize: 10, cap, tells: told })
            assert.deepStrictEqual(
              Result.getOrThrow(yield* collect(stream)),
              rows,
              `${size} rows, cap ${cap}`
            )
          }
        }
      })
    )
  }

  it.effect("is asked for in pages that overlap by a row, and no further than its total", () =>
    Effect.gen(function* () {
      const { fetched, stream } = listing(25, { pageSize: 10, tells: "total" })
      yield* collect(stream)
      assert.deepStrictEqual(fetched, [
        { offset: 0, limit: 10 },
        { offset: 9, limit: 10 },
        { offset: 18, limit: 10 }
      ])
      const one = listing(10, { pageSize: 10, tells: "total" })
      yield* collect(one.stream)
      assert.lengthOf(one.fetched, 1)
    })
  )

  it.effect("may be asked for row by row, which is read as two", () =>
    Effect.gen(function* () {
      const { fetched, rows, stream } = listing(4, { pageSize: 1, tells: "total" })
      assert.deepStrictEqual(Result.getOrThrow(yield* collect(stream)), rows)
      assert.isTrue(fetched.every(({ limit }) => limit === 2))
    })
  )

  it.effect("is read only as far as somebody wants it, and anew each time", () =>
    Effect.gen(function* () {
      const { fetched, stream } = listing(1000, { pageSize: 10, tells: "total" })
      assert.lengthOf(yield* Stream.runCollect(Stream.take(stream, 15)), 15)
      assert.lengthOf(fetched, 2)
      assert.lengthOf(yield* Stream.runCollect(Stream.take(stream, 5)), 5)
      assert.deepStrictEqual(fetched.at(-1), { offset: 0, limit: 10 })
    })
  )

  it.effect("may have a hundred thousand rows", () =>
    Effect.gen(function* () {
      const { fetched, stream } = listing(100_000, { pageSize: 100, tells: "total" })
      assert.strictEqual(yield* Stream.runCount(stream), 100_000)
      assert.lengthOf(fetched, 1011)
    })
  )
})

describe("a provider that contradicts itself", () => {
  const over = (answer: (offset: number) => OffsetPages.Page<string>) => {
    let asked = 0
    const stream = OffsetPages.stream({
      provider: "p",
      operation: "List",
      pageSize: 100,
      key: (row: string) => row,
      fetch: (offset) =>
        Effect.sync(() => {
          asked += 1
          return answer(offset)
        })
    })
    return Effect.map(collect(stream), (result) => ({ result, asked }))
  }
  const letters = (text: string) => Array.from(text)

  const malformed = Effect.fnUntraced(function* (
    answer: (offset: number) => OffsetPages.Page<string>,
    words: string
  ) {
    const { asked, result } = yield* over(answer)
    const error = failureOf(result)
    assert.strictEqual(error.reason._tag, "MalformedResponse")
    assert.include(error.message, words)
    assert.isAtMost(asked, 5)
    return error
  })

  it.effect("fails, with the id of the request: the same page for every offset", () =>
    Effect.gen(function* () {
      const error = yield* malformed(
        () => ({ rows: letters("abc"), total: 90, requestId: "id-1" }),
        "is the one before it"
      )
      assert.strictEqual(error.requestId, "id-1")
      // Also where the rows so counted happen to reach the total.
      yield* malformed(() => ({ rows: letters("abc"), total: 5 }), "is the one before it")
      yield* malformed(() => ({ rows: letters("abc") }), "is the one before it")
    })
  )

  it.effect("fails: nothing before the total is reached", () =>
    Effect.gen(function* () {
      yield* malformed(() => ({ rows: [], total: 3 }), "there are 3 rows, and nothing from 0 on")
      yield* malformed(
        (offset) => ({ rows: letters("abc").slice(offset), total: 9 }),
        "there are 9 rows, and nothing from 3 on"
      )
      yield* malformed(
        (offset) => ({ rows: offset === 0 ? letters("ab") : [], total: 3 }),
        "nothing from 1 on"
      )
    })
  )

  it.effect("fails: pages of a single row cannot show that they go on", () =>
    Effect.gen(function* () {
      yield* malformed((offset) => ({ rows: letters("abc").slice(offset, offset + 1), total: 3 }), "nothing")
    })
  )

  it.effect("fails: a page of rows that cannot be told apart", () =>
    malformed(() => ({ rows: letters("aaa"), total: 9 }), "try larger pages")
  )
})

describe("rows without an id", () => {
  it.effect("are delivered as often as they are there", () =>
    Effect.gen(function* () {
      let failed = 0
      for (let seed = 1; seed <= 1000; seed++) {
        const dice = diceOf(seed)
        const manner = manners(dice)
        const log = Array.from({ length: dice(80) }, (_, index) => `entry ${index - dice(2)}`)
        const stream = OffsetPages.stream({
          provider: "p",
          operation: "List",
          pageSize: 5 + dice(5),
          key: (row: string) => row,
          fetch: (offset, limit) =>
            Effect.sync(() => {
              const size = Math.min(limit, manner.cap ?? limit)
              return {
                rows: log.slice(offset, offset + size),
                ...(manner.tells === "nothing" ? {} : { total: log.length })
              }
            })
        })
        const result = yield* collect(stream)
        if (Result.isSuccess(result)) assert.deepStrictEqual(result.success, log, `seed ${seed}`)
        else failed += 1
      }
      // Pages of three rows may hold nothing that is there once. Then it fails, and leaves nothing out.
      assert.isAtMost(failed, 100)
    })
  )

  it.effect("are not delivered again when newer ones push them down, as a log does", () =>
    Effect.gen(function* () {
      let written = 0
      const log = Array.from({ length: 400 }, (_, index) => `entry ${Math.floor(index / 2)}`)
      const stream = OffsetPages.stream({
        provider: "p",
        operation: "List",
        pageSize: 20,
        key: (row: string) => row,
        fetch: (offset, limit) =>
          Effect.sync(() => {
            if (offset > 0) log.unshift(`new ${Math.floor(written++ / 3)}`)
            return { rows: log.slice(offset, offset + limit), total: log.length }
          })
      })
      assert.deepStrictEqual(Result.getOrThrow(yield* collect(stream)), log.slice(written))
    })
  )
})
