/**
 * Spans of time in somebody's calendar: whole days and months where clocks are set forward and back.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Period from "@cloud-quota/core/Period"

const shanghai = { zone: "Asia/Shanghai" }
const newYork = { zone: "America/New_York" }
const utc = { zone: "UTC" }

const shown = ({ end, start }: Period.Period): string =>
  `${DateTime.formatIso(start)} ${DateTime.formatIso(end)}`

const hours = ({ end, start }: Period.Period): number =>
  (DateTime.toEpochMillis(end) - DateTime.toEpochMillis(start)) / 3_600_000

/** What an input means at an instant. */
const at = (now: string, input: Period.Input) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(Date.parse(now))
    return shown(yield* Period.resolve(input))
  })

describe("a month", () => {
  it("begins when it begins there", () => {
    const months = {
      "Asia/Shanghai": "2026-10-31T16:00:00.000Z 2026-11-30T16:00:00.000Z",
      UTC: "2026-11-01T00:00:00.000Z 2026-12-01T00:00:00.000Z",
      "+08:00": "2026-10-31T16:00:00.000Z 2026-11-30T16:00:00.000Z",
      // Summer time ends on its first day.
      "America/New_York": "2026-11-01T04:00:00.000Z 2026-12-01T05:00:00.000Z"
    }
    for (const [zone, expected] of Object.entries(months)) {
      assert.strictEqual(shown(Period.month("2026-11", { zone })), expected, zone)
    }
  })

  it("has the days that it has: leap years, and the end of a year", () => {
    const days = (month: string) => hours(Period.month(month, shanghai)) / 24
    assert.deepStrictEqual(["2024-02", "2026-02", "2000-02", "2100-02"].map(days), [29, 28, 29, 28])
    assert.strictEqual(
      shown(Period.month("2026-12", utc)),
      "2026-12-01T00:00:00.000Z 2027-01-01T00:00:00.000Z"
    )
    assert.strictEqual(hours(Period.month("2026-03", newYork)), 31 * 24 - 1)
    assert.strictEqual(hours(Period.month("2026-11", newYork)), 30 * 24 + 1)
  })

  it("that does not exist is refused, with what would be one", () => {
    for (const wrong of [
      "2026-13",
      "2026-00",
      "2026-1",
      "26-11",
      "2026-11-01",
      "1969-12",
      "",
      "next",
      202611,
      null
    ]) {
      assert.throws(
        () => Period.month(wrong as string, utc),
        RangeError,
        /is no month: write its year and its number, as "2026-11"$/
      )
    }
  })
})

describe("a zone", () => {
  it("that does not exist is refused wherever one is asked for, with what would be one", () => {
    const untyped: ReadonlyArray<unknown> = [
      "Mars/Base",
      "",
      "+99:99",
      "+8",
      "GMT+8",
      "GMT+99:99",
      8,
      undefined,
      {}
    ]
    for (const zone of untyped) {
      const options = { zone } as Period.ZoneOptions
      for (const make of [
        () => Period.month("2026-11", options),
        () => Period.lastMonth(options),
        () => Period.thisMonth(options),
        () => Period.lastDays(30, options),
        () => Period.between("2026-11-01", "2026-12-01", options)
      ]) {
        assert.throws(make, RangeError, /is no time zone: give its IANA name or its offset/)
      }
      assert.isTrue(Result.isFailure(Period.parse("2026-11", options)))
    }
    assert.throws(
      () => Period.lastMonth(undefined as unknown as Period.ZoneOptions),
      RangeError,
      "no time zone"
    )
  })
})

describe("days", () => {
  const start = (day: string, zone: string) =>
    DateTime.formatIso(Period.between(day, "2030-01-01", { zone }).start)

  it("begin after the gap where the clocks skip midnight", () => {
    assert.strictEqual(start("2018-11-04", "America/Sao_Paulo"), "2018-11-04T03:00:00.000Z")
    assert.strictEqual(hours(Period.between("2018-11-04", "2018-11-05", { zone: "America/Sao_Paulo" })), 23)
  })

  it("begin once where midnight comes twice", () => {
    // From 01:00 back to 00:00.
    assert.strictEqual(start("2026-11-01", "America/Havana"), "2026-11-01T04:00:00.000Z")
    assert.strictEqual(hours(Period.between("2026-11-01", "2026-11-02", { zone: "America/Havana" })), 25)
    // From 00:00 back to 23:00 of the day before.
    assert.strictEqual(hours(Period.between("2018-02-17", "2018-02-18", { zone: "America/Sao_Paulo" })), 25)
  })

  const zones = [
    "Asia/Shanghai",
    "UTC",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Auckland"
  ]
  const Zone = Schema.Literals(zones)
  const DayNumber = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 5000, maximum: 25_000 })))

  it.prop(
    "begin at the first instant that a calendar there calls by their date",
    [Zone, DayNumber],
    ([zone, number]) => {
      const day = (offset: number) => new Date((number + offset) * 86_400_000).toISOString().slice(0, 10)
      const { end, start } = Period.between(day(0), day(1), { zone })
      // Intl is asked instead of what computed it. The Swedish way to write a date is the ISO one.
      const calendar = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" })
      const dates = [start, end].flatMap((boundary) => {
        const millis = DateTime.toEpochMillis(boundary)
        return [calendar.format(millis - 1), calendar.format(millis)]
      })
      assert.deepStrictEqual(dates, [day(-1), day(0), day(0), day(1)])
    }
  )
})

describe("what depends on the present", () => {
  it.effect("is told when it is asked for, in its own zone", () =>
    Effect.gen(function* () {
      const [last, current] = [Period.lastMonth(shanghai), Period.thisMonth(shanghai)]
      const before = "2026-10-31T15:59:59.999Z"
      const after = "2026-10-31T16:00:00.000Z"
      assert.strictEqual(yield* at(before, last), "2026-08-31T16:00:00.000Z 2026-09-30T16:00:00.000Z")
      assert.strictEqual(yield* at(before, current), "2026-09-30T16:00:00.000Z 2026-10-31T16:00:00.000Z")
      assert.strictEqual(yield* at(after, last), "2026-09-30T16:00:00.000Z 2026-10-31T16:00:00.000Z")
      assert.strictEqual(
        yield* at(after, Period.thisMonth(utc)),
        "2026-10-01T00:00:00.000Z 2026-11-01T00:00:00.000Z"
      )
      assert.strictEqual(
        yield* at("2026-01-15T00:00:00Z", last),
        "2025-11-30T16:00:00.000Z 2025-12-31T16:00:00.000Z"
      )
    })
  )

  it.effect("counts whole days, of which the last is today", () =>
    Effect.gen(function* () {
      const now = "2026-03-08T17:30:00Z"
      assert.strictEqual(
        yield* at(now, Period.lastDays(1, utc)),
        "2026-03-08T00:00:00.000Z 2026-03-09T00:00:00.000Z"
      )
      assert.strictEqual(
        yield* at(now, Period.lastDays(9, utc)),
        "2026-02-28T00:00:00.000Z 2026-03-09T00:00:00.000Z"
      )
      // It is the ninth in Shanghai already.
      assert.strictEqual(
        yield* at(now, Period.lastDays(2, shanghai)),
        "2026-03-07T16:00:00.000Z 2026-03-09T16:00:00.000Z"
      )
      // The day on which summer time begins has 23 hours.
      assert.strictEqual(
        yield* at(now, Period.lastDays(1, newYork)),
        "2026-03-08T05:00:00.000Z 2026-03-09T04:00:00.000Z"
      )
    })
  )

  it("says what it is", () => {
    assert.strictEqual(Period.lastMonth(shanghai).description, "last month (Asia/Shanghai)")
    assert.strictEqual(Period.thisMonth({ zone: "+08:00" }).description, "this month (+08:00)")
    assert.strictEqual(Period.lastDays(30, utc).description, "last 30 days (UTC)")
  })

  it("takes no number of days that is none", () => {
    for (const wrong of [0, -1, 1.5, 3661, Number.NaN, "30"]) {
      assert.throws(
        () => Period.lastDays(wrong as number, utc),
        RangeError,
        "give a whole number from 1 to 3660"
      )
    }
  })
})

describe("between two instants", () => {
  it("takes days of the zone, instants and values of DateTime, in any mixture", () => {
    const noon = DateTime.makeUnsafe("2026-11-01T12:00:00Z")
    const cases: ReadonlyArray<readonly [Period.Boundary, Period.Boundary, string]> = [
      ["2026-11-01", "2026-11-02", "2026-10-31T16:00:00.000Z 2026-11-01T16:00:00.000Z"],
      [
        "2026-11-01T08:00:00Z",
        "2026-11-01T08:00:00.001Z",
        "2026-11-01T08:00:00.000Z 2026-11-01T08:00:00.001Z"
      ],
      ["2026-11-01T08:00+08:00", noon, "2026-11-01T00:00:00.000Z 2026-11-01T12:00:00.000Z"],
      [noon, "2026-11-02", "2026-11-01T12:00:00.000Z 2026-11-01T16:00:00.000Z"]
    ]
    for (const [start, end, expected] of cases) {
      assert.strictEqual(shown(Period.between(start, end, shanghai)), expected)
    }
  })

  it("takes no day that the calendar has not, and no instant without an offset", () => {
    const wrong: ReadonlyArray<unknown> = [
      "2026-02-30",
      "2026-11-31",
      "2025-02-29",
      "2026-02-30T00:00:00Z",
      "2026-11-01T08:00:00",
      "2026-11-01T24:00:00Z",
      "yesterday",
      "",
      20261101,
      new Date(Number.NaN),
      undefined
    ]
    for (const day of wrong) {
      assert.throws(
        () => Period.between(day as string, "2027-01-01", utc),
        RangeError,
        "is no day and no instant"
      )
      assert.throws(
        () => Period.between("2026-01-01", day as string, utc),
        RangeError,
        "is no day and no instant"
      )
    }
  })

  it("is in order", () => {
    const [early, late] = [DateTime.makeUnsafe(0), DateTime.makeUnsafe(1)]
    assert.strictEqual(shown(Period.make(early, late)), "1970-01-01T00:00:00.000Z 1970-01-01T00:00:00.001Z")
    for (const [start, end] of [
      [late, early],
      [early, early]
    ] as const) {
      assert.throws(
        () => Period.make(start, end),
        RangeError,
        "the end of the period must be after its start"
      )
      assert.isFalse(Period.isPeriod({ start, end }))
    }
    assert.throws(
      () => Period.between("2026-11-02", "2026-11-02", utc),
      RangeError,
      "must be after its start"
    )
    assert.throws(() => Period.make(0 as never, late), RangeError, "as values of DateTime")
  })
})

describe("text", () => {
  it.effect("means the same as the constructors", () =>
    Effect.gen(function* () {
      const now = "2026-11-21T06:00:00Z"
      const cases: Readonly<Record<string, Period.Input>> = {
        "2026-11": Period.month("2026-11", shanghai),
        " 2026-11 ": Period.month("2026-11", shanghai),
        "last-month": Period.lastMonth(shanghai),
        "this-month": Period.thisMonth(shanghai),
        "30d": Period.lastDays(30, shanghai),
        "2026-11-01..2026-12-01": Period.between("2026-11-01", "2026-12-01", shanghai),
        "2026-11-01T08:00:00Z .. 2026-12-01": Period.between("2026-11-01T08:00:00Z", "2026-12-01", shanghai)
      }
      for (const [text, expected] of Object.entries(cases)) {
        const parsed = Result.getOrThrow(Period.parse(text, shanghai))
        assert.strictEqual(yield* at(now, parsed), yield* at(now, expected), text)
      }
    })
  )

  it("that means nothing is refused, with what would", () => {
    const cases: ReadonlyArray<readonly [unknown, RegExp]> = [
      ["", /^invalid period "": write "2026-11", "last-month"/],
      ["30", /^invalid period /],
      ["2026", /^invalid period /],
      ["2026-11-01..2026-11-02..2026-11-03", /^invalid period /],
      [undefined, /^invalid period this undefined/],
      [{}, /^invalid period this object/],
      ["0d", /give a whole number from 1 to 3660/],
      ["99999d", /give a whole number from 1 to 3660/],
      ["2026-13", /is no month/],
      ["2026-11-01..", /"" is no day and no instant/],
      ["2026-12-01..2026-11-01", /must be after its start/]
    ]
    for (const [text, message] of cases) {
      const parsed = Period.parse(text as string, utc)
      assert.match(Result.isFailure(parsed) ? parsed.failure : "it was taken", message)
    }
    const long = Period.parse("x".repeat(1000), utc)
    assert.isBelow(Result.isFailure(long) ? long.failure.length : Number.NaN, 300)
  })
})

describe("what callers without types give", () => {
  it.effect("is resolved only if it is a period", () =>
    Effect.gen(function* () {
      const [early, late] = [DateTime.makeUnsafe(0), DateTime.makeUnsafe(1)]
      const wrong: ReadonlyArray<readonly [unknown, RegExp]> = [
        ["2026-11", /^invalid period "2026-11": make one with Period.month/],
        [undefined, /^invalid period this undefined/],
        [null, /^invalid period this null/],
        [{ start: "2026-11-01", end: "2026-12-01" }, /as values of DateTime$/],
        [{ start: late, end: early }, /must be after its start$/],
        [{ _tag: "Relative" }, /^invalid period /],
        [{ _tag: "Relative", at: () => "last month" }, /^invalid period /]
      ]
      for (const [input, message] of wrong) {
        assert.match(yield* Effect.flip(Period.resolve(input as Period.Input)), message)
        assert.isFalse(Period.isPeriod(input))
      }
      const period = { start: early, end: late }
      assert.strictEqual(yield* Period.resolve(period), period)
      assert.isTrue(Period.isRelative(Period.lastMonth(utc)))
    })
  )
})
