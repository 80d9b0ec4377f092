/**
 * Who changed what: the provider's log and the journal as one history, joined only where it is certain.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import { join as joinPath } from "node:path"
import * as AccountIdentity from "@cloud-quota/core/AccountIdentity"
import type { Driver, LogEntry } from "@cloud-quota/core/adapter/Driver"
import type { HistoryEntry, HistoryFilter } from "@cloud-quota/core/History"
import { type ChangeKind, type Item, type Options, join } from "../src/services/historyJoin.ts"
import * as Journal from "@cloud-quota/core/Journal"
import * as Limit from "@cloud-quota/core/Limit"
import { MemberId } from "@cloud-quota/core/Member"
import * as People from "@cloud-quota/core/People"
import * as Period from "@cloud-quota/core/Period"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as SqliteJournal from "@cloud-quota/core/SqliteJournal"
import { absolute, delta, inTime, open, outage, run } from "./fixtures/clouds.ts"

const at = (millis: number): DateTime.Utc => DateTime.makeUnsafe(millis)

const entry = (millis: number, more: Partial<LogEntry> = {}): LogEntry => ({
  at: at(millis),
  kind: "grant",
  outcome: "succeeded",
  text: `logged ${millis}`,
  ...more
})

const intent = (
  id: number,
  createdAt: number,
  updatedAt: number,
  more: Partial<Journal.Intent> = {}
): Journal.Intent => ({
  id: `${id}`,
  account: "a",
  run: "r",
  member: MemberId.make("m-1"),
  metric: "allowance",
  attempt: 1,
  request: "adjust 10.00 CNY",
  before: { limit: Limit.finite(Quantity.cny(1)) },
  after: Limit.finite(Quantity.cny(11)),
  delta: Quantity.cny(10),
  fence: 1,
  owner: "o",
  state: "applied",
  armed: 1,
  unanswered: 0,
  createdAt,
  updatedAt,
  ...more
})

const kindOf = ({ delta }: Journal.Intent): ChangeKind => {
  if (delta === undefined) return "set"
  return Quantity.isNegative(delta) ? "withdraw" : "grant"
}

const options: Options = { kindOf, read: { start: 0, end: Number.POSITIVE_INFINITY } }

const joined = (intents: ReadonlyArray<Journal.Intent>, log: ReadonlyArray<LogEntry>): ReadonlyArray<Item> =>
  Effect.runSync(Stream.runCollect(join(Stream.fromIterable(intents), Stream.fromIterable(log), options)))

/** `1+logged 2000`, `1` or `logged 2000`. */
const shown = (items: ReadonlyArray<Item>) =>
  items.map((item) => [item.intent?.id, item.entry?.text].filter((part) => part !== undefined).join("+"))

describe("joining", () => {
  it("takes the one entry between sending and settling, in whole seconds", () => {
    assert.deepStrictEqual(shown(joined([intent(1, 2500, 3500)], [entry(2000)])), ["1+logged 2000"])
    assert.deepStrictEqual(shown(joined([intent(1, 2500, 3500)], [entry(3000)])), ["1+logged 3000"])
    assert.deepStrictEqual(shown(joined([intent(1, 2500, 3500)], [entry(1000)])), ["logged 1000", "1"])
    assert.deepStrictEqual(shown(joined([intent(1, 2500, 3500)], [entry(4000)])), ["1", "logged 4000"])
  })

  it("is not done where another change or another entry could be meant", () => {
    const two = [intent(1, 2100, 2200), intent(2, 2300, 2400)]
    assert.deepStrictEqual(shown(joined(two, [entry(2000)])), ["logged 2000", "1", "2"])
    assert.deepStrictEqual(shown(joined(two, [entry(2000), entry(2000)])), [
      "logged 2000",
      "logged 2000",
      "1",
      "2"
    ])
    assert.deepStrictEqual(shown(joined([intent(1, 2000, 4000)], [entry(3000), entry(4000)])), [
      "1",
      "logged 3000",
      "logged 4000"
    ])
    const longer = [intent(1, 1000, 9000, { state: "conflict" }), intent(2, 4000, 4500)]
    assert.deepStrictEqual(shown(joined(longer, [entry(4000)])), ["1", "2", "logged 4000"])
    // What is open may take place at any time.
    const still = [intent(1, 1000, 1000, { state: "sending" }), intent(2, 90_000, 90_500)]
    assert.deepStrictEqual(shown(joined(still, [entry(90_000)])), ["1", "2", "logged 90000"])
  })

  it("takes a success in the right direction alone, of a change that took place", () => {
    const never = (changed: Partial<Journal.Intent>, logged: Partial<LogEntry>) =>
      assert.lengthOf(joined([intent(1, 2000, 3000, changed)], [entry(2000, logged)]), 2)
    never({}, { kind: "withdraw" })
    never({}, { kind: "other" })
    never({}, { kind: "team" })
    never({}, { outcome: "failed" })
    never({}, { outcome: "unknown" })
    never({ delta: Quantity.cny(-10) }, {})
    for (const state of [
      "prepared",
      "sending",
      "conflict",
      "rejected",
      "not-sent",
      "not-applied",
      "resolved-not-applied"
    ] as const) {
      never({ state }, {})
    }
    const { delta: _, ...put } = intent(1, 2000, 3000)
    assert.lengthOf(joined([put], [entry(2000)]), 2)
    const withdrawal = intent(1, 2000, 3000, { delta: Quantity.cny(-10), state: "resolved-applied" })
    assert.lengthOf(joined([withdrawal], [entry(2000, { kind: "withdraw" })]), 1)
    // A failure is no second success, and a word that nobody knows may be one.
    assert.lengthOf(joined([intent(1, 2000, 3000)], [entry(2000), entry(2000, { outcome: "failed" })]), 2)
    assert.lengthOf(joined([intent(1, 2000, 3000)], [entry(2000), entry(3000, { kind: "other" })]), 3)
    assert.lengthOf(joined([intent(1, 2000, 3000)], [entry(2000), entry(3000, { kind: "invite" })]), 2)
  })

  const Tenths = (maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum })))
  const DrawnIntent = Schema.Struct({
    after: Tenths(40),
    lasts: Tenths(25),
    grants: Schema.Boolean,
    state: Schema.Literals([
      "applied",
      "applied",
      "applied",
      "resolved-applied",
      "conflict",
      "sending",
      "rejected",
      "not-applied"
    ])
  })
  const DrawnEntry = Schema.Struct({
    after: Tenths(3),
    kind: Schema.Literals(["grant", "grant", "withdraw", "withdraw", "other", "invite"]),
    outcome: Schema.Literals(["succeeded", "succeeded", "succeeded", "failed", "unknown"])
  })

  /** What may be meant by what, as the rules have it, for each pair by itself. */
  const mayBeSame = (
    { createdAt, delta, state, updatedAt }: Journal.Intent,
    { at, kind, outcome }: LogEntry
  ) => {
    const time = DateTime.toEpochMillis(at)
    const direction = delta !== undefined && Quantity.isPositive(delta) ? "grant" : "withdraw"
    const until = state === "sending" ? Number.POSITIVE_INFINITY : updatedAt
    return (
      ["applied", "resolved-applied", "conflict", "sending"].includes(state) &&
      outcome !== "failed" &&
      [direction, "other"].includes(kind) &&
      time + 999 >= createdAt &&
      time <= until
    )
  }

  it.prop(
    "never joins two with one, loses nothing, keeps the order, and joins all that is certain",
    [
      Schema.Array(DrawnIntent).pipe(Schema.check(Schema.isMaxLength(12))),
      Schema.Array(DrawnEntry).pipe(Schema.check(Schema.isMaxLength(12)))
    ],
    ([drawnIntents, drawnEntries]) => {
      let time = 0
      const intents = drawnIntents.map(({ after, grants, lasts, state }, index) => {
        time += after * 100
        const delta = Quantity.cny(grants ? 10 : -10)
        return intent(index, time, time + lasts * 100, { state, delta })
      })
      let second = 0
      const log = drawnEntries.map(({ after, kind, outcome }, index) => {
        second += after
        return entry(second * 1000, { kind, outcome, text: `entry ${index}` })
      })
      const items = joined(intents, log)
      const times = items.map((item) => item.at)
      assert.deepStrictEqual(
        times,
        times.toSorted((left, right) => left - right)
      )
      const sorted = (parts: ReadonlyArray<string>) => parts.toSorted()
      assert.deepStrictEqual(
        sorted(items.flatMap((item) => item.intent?.id ?? [])),
        sorted(intents.map(({ id }) => id))
      )
      assert.deepStrictEqual(
        sorted(items.flatMap((item) => item.entry?.text ?? [])),
        sorted(log.map(({ text }) => text))
      )
      const certain = intents.flatMap((one) => {
        const entries = log.filter((other) => mayBeSame(one, other))
        const [only] = entries
        if (only === undefined || entries.length > 1 || only.kind === "other" || only.outcome !== "succeeded")
          return []
        const others = intents.filter((other) => mayBeSame(other, only))
        const tookPlace = one.state === "applied" || one.state === "resolved-applied"
        return others.length === 1 && tookPlace ? [`${one.id}+${only.text}`] : []
      })
      assert.deepStrictEqual(sorted(shown(items).filter((text) => text.includes("+"))), sorted(certain))
    },
    { arbitrary: { runs: 500 } }
  )

  it("begins to give before it has read everything", () => {
    const read: Array<number> = []
    const log = Stream.range(1, 1000).pipe(
      Stream.rechunk(1),
      Stream.map((second) => {
        read.push(second)
        return entry(second * 10_000)
      })
    )
    const first = Effect.runSync(
      Stream.runCollect(Stream.take(join(Stream.make(intent(1, 10_000, 10_900)), log, options), 2))
    )
    assert.deepStrictEqual(shown(first), ["1+logged 10000", "logged 20000"])
    assert.isBelow(read.length, 10)
  })
})

/** An account of which the provider keeps this log. */
const logging = (log: ReadonlyArray<LogEntry>, journal = Journal.memory()) =>
  delta({
    journal,
    driver: ({ driver }): Driver => ({
      ...driver,
      listLog: ({ end, start }) =>
        Stream.fromIterable(log).pipe(
          Stream.filter((one) => !DateTime.isLessThan(one.at, start) && DateTime.isLessThan(one.at, end))
        )
    })
  })

/** Holds the account of a cloud, to write into its journal. */
const holding = ({ driver }: { readonly driver: Driver }, journal: Journal.Journal) =>
  journal.hold(AccountIdentity.key(driver.identity))

const everything: HistoryFilter = { period: Period.make(at(0), at(1_000_000_000)) }

const collected = (
  {
    history
  }: { readonly history: { readonly list: (filter: HistoryFilter) => Stream.Stream<HistoryEntry, unknown> } },
  filter: HistoryFilter = everything
) => Stream.runCollect(history.list(filter))

const lines = (entries: ReadonlyArray<HistoryEntry>) =>
  entries.map(({ delta, kind, member, outcome, source, text }) =>
    [source, kind, outcome, member, delta, text].filter((part) => part !== undefined).join(" ")
  )

describe("a history", () => {
  it.effect("is the log with the journal, oldest first", () =>
    Effect.gen(function* () {
      const cloud = yield* logging([
        entry(1000, { kind: "invite", text: "invited 张三" }),
        entry(60_000, { text: "granted" }),
        entry(200_000, { text: "granted in the console" })
      ])
      yield* TestClock.setTime(60_200)
      yield* cloud.quotas.change("m-1", { allowance: { adjust: "10 CNY" } }, run)
      yield* TestClock.setTime(300_000)
      yield* cloud.quotas.change("m-2", { allowance: { adjust: "-1 CNY" } }, { run: "less" })
      yield* TestClock.setTime(500_000)
      yield* cloud.quotas.change("m-1", { allowance: { topUpTo: "1 CNY" } }, { run: "enough" })
      yield* cloud.script("rejected")
      yield* cloud.quotas.change("m-1", { allowance: { adjust: "5 CNY" } }, { run: "refused" })
      const entries = yield* collected(cloud)
      assert.deepStrictEqual(
        lines(entries).map((line) => line.replace(/: .*/, "")),
        [
          "provider invite succeeded invited 张三",
          "both grant succeeded m-1 10.00 CNY granted",
          "provider grant succeeded granted in the console",
          "journal withdraw succeeded m-2 -1.00 CNY adjust -1.00 CNY (-1.00 CNY)",
          // What was so already is nothing that happened.
          "journal grant failed m-1 5.00 CNY adjust 5.00 CNY (+5.00 CNY)"
        ]
      )
      assert.deepStrictEqual(entries.map(({ change, run }) => [run, change]).slice(0, 2), [
        [undefined, undefined],
        ["test", "1"]
      ])
      assert.strictEqual(entries[1]?.metric, "allowance")
      assert.strictEqual(DateTime.toEpochMillis(entries[1]?.at ?? at(0)), 60_200)
    })
  )

  it.effect("tells what is open and what is in conflict from what is done", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("answer-lost")
      yield* cloud.quotas.change("m-1", { allowance: { adjust: "10 CNY" } }, { ...run, settle: "defer" })
      assert.deepStrictEqual(
        (yield* collected(cloud)).map(({ outcome, source }) => `${source} ${outcome}`),
        ["journal open"]
      )
      yield* cloud.changes.recover()
      assert.deepStrictEqual(
        (yield* collected(cloud)).map(({ outcome, source }) => `${source} ${outcome}`),
        ["journal succeeded"]
      )
    })
  )

  it.effect("of a cloud without differences says what was set, and has the journal alone", () =>
    Effect.gen(function* () {
      const cloud = yield* absolute()
      yield* cloud.quotas.change("m-1", { "video-minutes": { set: "90 min" } }, run)
      yield* cloud.quotas.change(
        "m-1",
        { "video-minutes": { set: "unlimited" } },
        { run: "more", waive: ["finite-to-unlimited"] }
      )
      assert.deepStrictEqual(lines(yield* collected(cloud)), [
        "journal set succeeded m-1 30 min set 90 min (+30 min)",
        "journal set succeeded m-1 set unlimited (90 min -> unlimited)"
      ])
    })
  )

  it.effect("of a period joins nothing whose entry may be beyond its edges", () =>
    Effect.gen(function* () {
      const cloud = yield* logging([entry(100_000, { text: "ours" }), entry(200_000, { text: "other" })])
      // Sent in one period, logged in the next one, and settled after that.
      yield* TestClock.setTime(99_900)
      yield* cloud.script("answer-lost")
      yield* cloud.quotas.change("m-1", { allowance: { adjust: "10 CNY" } }, run)
      const sources = (period: Period.Period) =>
        Effect.map(collected(cloud, { period }), (entries) =>
          entries.map(({ source, text }) => (source === "journal" ? source : `${source} ${text}`))
        )
      assert.deepStrictEqual(yield* sources(Period.make(at(0), at(100_000))), ["journal"])
      assert.deepStrictEqual(yield* sources(Period.make(at(100_000), at(1_000_000))), [
        "provider ours",
        "provider other"
      ])
      assert.deepStrictEqual(yield* sources(Period.make(at(0), at(1_000_000))), [
        "both ours",
        "provider other"
      ])
    })
  )

  it.effect("of a period joins nothing whose own entry may come after it", () =>
    Effect.gen(function* () {
      const cloud = yield* logging([entry(99_000, { text: "somebody's" }), entry(200_000, { text: "later" })])
      yield* TestClock.setTime(99_100)
      // Ours was logged in the next period, if at all.
      yield* cloud.script("answer-lost")
      yield* cloud.quotas.change("m-1", { allowance: { adjust: "10 CNY" } }, run)
      const first = yield* collected(cloud, { period: Period.make(at(0), at(100_000)) })
      assert.deepStrictEqual(
        first.map(({ source }) => source),
        ["provider", "journal"]
      )
    })
  )

  it.effect("of a period knows what was open before it began", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const cloud = yield* logging([entry(200_000)], journal)
      const hold = yield* holding(cloud, journal)
      const open = intent(0, 0, 0)
      yield* TestClock.setTime(50_000)
      const [first] = (yield* hold.insert([open])) ?? []
      yield* hold.advance({ id: first?.id ?? "", from: "prepared", to: "sending", fenced: true })
      yield* TestClock.setTime(200_000)
      const [second] = (yield* hold.insert([{ ...open, member: MemberId.make("m-2") }])) ?? []
      yield* hold.advance({ id: second?.id ?? "", from: "prepared", to: "sending", fenced: true })
      yield* hold.advance({ id: second?.id ?? "", from: "sending", to: "applied", fenced: true })
      const entries = yield* collected(cloud, { period: Period.make(at(100_000), at(1_000_000)) })
      assert.deepStrictEqual(
        entries.map(({ member, source }) => `${source} ${member ?? ""}`),
        ["journal m-2", "provider "]
      )
    })
  )

  it.effect("of a member has the entries that name them, and the rest of the log with a note", () =>
    Effect.gen(function* () {
      const cloud = yield* logging([
        entry(10_000, { text: "first" }),
        entry(20_000, { text: "second" }),
        entry(30_000, { text: "somebody's" })
      ])
      yield* TestClock.setTime(10_000)
      yield* cloud.quotas.change("m-1", { allowance: { adjust: "1 CNY" } }, { run: "1" })
      yield* TestClock.setTime(20_000)
      yield* cloud.quotas.change("m-2", { allowance: { adjust: "2 CNY" } }, { run: "2" })
      const noted = (member: string) =>
        Effect.map(collected(cloud, { ...everything, member }), (entries) =>
          entries.map(({ member, note, source, text }) => [source, member ?? "", text, note ?? ""].join("|"))
        )
      const mayBe = (id: string) => `the text does not name ${id}: the entry may be about another member`
      assert.deepStrictEqual(yield* noted("m-2"), [
        "both|m-2|second|",
        `provider||somebody's|${mayBe("m-2")}`
      ])
      assert.deepStrictEqual(yield* noted("m-3"), [`provider||somebody's|${mayBe("m-3")}`])
      const all = yield* collected(cloud)
      assert.isTrue(all.every(({ note }) => note === undefined))
    })
  )

  it.effect("of a member takes the id for one where it is a word of its own", () =>
    Effect.gen(function* () {
      const texts = ["成员m-1分配", "m-1", "(m-1) 300.00 元", "m-1, m-2"]
      const others = ["m-10", "am-1", "m-1-2", "m-1_x", "3.m-1", "m-1.50", "M-1", "nobody"]
      const cloud = yield* logging(
        [...texts, ...others].map((text, index) => entry((index + 1) * 1000, { text }))
      )
      const entries = yield* collected(cloud, { ...everything, member: "m-1" })
      assert.deepStrictEqual(
        entries.filter(({ note }) => note === undefined).map(({ text }) => text),
        texts
      )
      assert.lengthOf(entries, texts.length + others.length)
    })
  )

  it.effect("names persons, and finds members by them", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const journal = Journal.memory()
      const people = People.fromRecord({ "ada@example.com": { [cloud.driver.identity.provider]: "m-1" } })
      const account = yield* Effect.provideService(open(cloud.driver, journal), People.People, people)
      for (const member of ["m-1", "m-2"]) {
        yield* inTime(account.quotas.change(member, { allowance: { adjust: "1 CNY" } }, { run: member }))
      }
      assert.deepStrictEqual(
        (yield* collected(account)).map(({ person }) => person ?? "nobody"),
        ["ada@example.com", "nobody"]
      )
      const hers = yield* collected(account, { ...everything, member: "Ada@example.com" })
      assert.deepStrictEqual(
        hers.map(({ member }) => `${member}`),
        ["m-1"]
      )
    })
  )

  it.effect("refuses what is no period or no member, by its name, and passes the provider's failure on", () =>
    Effect.gen(function* () {
      const cloud = yield* delta({
        driver: ({ driver }) => ({ ...driver, listLog: () => Stream.fail(outage) })
      })
      const before = yield* cloud.requests
      const wrong: ReadonlyArray<readonly [unknown, RegExp]> = [
        [undefined, /history\.list: filter: give the period/],
        [{}, /history\.list: period: invalid period this undefined/],
        [{ period: "2026-11" }, /history\.list: period: invalid period "2026-11"/],
        [{ ...everything, member: "" }, /history\.list: member: /]
      ]
      for (const [filter, message] of wrong) {
        const error = yield* Effect.flip(Stream.runCollect(cloud.history.list(filter as HistoryFilter)))
        assert.match(error.message, message)
        assert.strictEqual(error.reason._tag, "InvalidRequest")
      }
      assert.strictEqual(yield* cloud.requests, before)
      const failure = yield* Effect.flip(Stream.runCollect(cloud.history.list(everything)))
      assert.deepStrictEqual(
        [failure.reason._tag, failure.account],
        ["Unavailable", cloud.driver.identity.provider]
      )
    })
  )
})

describe("reading", () => {
  const scratch = Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(joinPath(tmpdir(), "history-"))),
    (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true }))
  )

  it.live("finds nothing where there is no journal yet, and makes none", () =>
    Effect.gen(function* () {
      const directory = joinPath(yield* scratch, "state")
      const cloud = yield* delta({ journal: yield* SqliteJournal.make({ directory }) })
      assert.deepStrictEqual(yield* collected(cloud), [])
      assert.deepStrictEqual(yield* cloud.still.changes.pending, [])
      assert.isFalse(Fs.existsSync(directory))
      yield* cloud.still.changes.baseline()
      assert.isTrue(Fs.existsSync(directory))
      assert.deepStrictEqual(yield* collected(cloud), [])
    })
  )

  it.live("makes none where nobody has chosen one either", () =>
    Effect.gen(function* () {
      const state = yield* scratch
      const before = process.env["XDG_STATE_HOME"]
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          process.env["XDG_STATE_HOME"] = state
        }),
        () =>
          Effect.sync(() => {
            if (before === undefined) delete process.env["XDG_STATE_HOME"]
            else process.env["XDG_STATE_HOME"] = before
          })
      )
      const journal = yield* Journal.Journal
      assert.deepStrictEqual(yield* Stream.runCollect(journal.intents()), [])
      assert.deepStrictEqual(Fs.readdirSync(state), [])
    })
  )

  it.live("goes on where the file was taken away from under an open journal: that is not nothing", () =>
    Effect.gen(function* () {
      const directory = yield* scratch
      const journal = yield* SqliteJournal.make({ directory })
      const cloud = yield* delta({ journal })
      const hold = yield* holding(cloud, journal)
      yield* hold.insert([intent(0, 0, 0)])
      Fs.rmSync(joinPath(directory, "journal.sqlite"))
      assert.lengthOf(yield* Stream.runCollect(journal.intents()), 1)
      assert.lengthOf(yield* Stream.runCollect(journal.events()), 1)
    })
  )

  it.live("fails where there is a journal that cannot be read: that is not nothing", () =>
    Effect.gen(function* () {
      const directory = yield* scratch
      Fs.writeFileSync(
        joinPath(directory, "journal.sqlite"),
        "not a database, and long enough to be looked at"
      )
      const cloud = yield* delta({ journal: yield* SqliteJournal.make({ directory }) })
      const error = yield* Effect.flip(Stream.runCollect(cloud.history.list(everything)))
      assert.deepStrictEqual([error.operation, error.reason._tag], ["history.list", "JournalFailed"])
    })
  )
})
