/**
 * What every journal promises, tried on each of them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Redacted, Scope, Stream } from "effect"
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { Limit, Quantity } from "@cloud-quota/core"
import * as Journal from "@cloud-quota/core/Journal"
import * as PostgresJournal from "@cloud-quota/core/PostgresJournal"
import * as SqliteJournal from "@cloud-quota/core/SqliteJournal"
import { intentOf, memberId, settledAt } from "./fixtures/intents.ts"
import { database, unreachable } from "./fixtures/postgres.ts"

const ana = memberId("1001")
const ben = memberId("1002")

const only = <A>(list: ReadonlyArray<A> | undefined): A => {
  assert.strictEqual(list?.length, 1)
  const [one] = list ?? []
  if (one === undefined) throw new Error("there is none")
  return one
}

/** For comparing: amounts as they are written, since `5` and `5.00` are equal. */
const plain = (value: unknown): unknown => {
  if (Quantity.isQuantity(value)) return String(value)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => (typeof part === "function" ? [] : [[key, plain(part)]]))
  )
}

const claims = ["applied", "rejected", "not-sent", "not-applied", "no-change"] as const

/** A hold that was given up, and whose account somebody else has held since. */
const lost = (journal: Journal.Journal, account: string) =>
  Effect.gen(function* () {
    const hold = yield* Effect.scoped(journal.hold(account))
    yield* Effect.scoped(journal.hold(account))
    return hold
  })

const suite = (fresh: () => Effect.Effect<Journal.Journal, never, Scope.Scope>) => {
  it.live("gives every holder a higher fence", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const fences = yield* Effect.forEach(["a", "a", "b", "a"], (account) =>
        Effect.scoped(Effect.map(journal.hold(account), ({ fence }) => fence))
      )
      assert.deepStrictEqual(fences, [1, 2, 1, 3])
    })
  )

  it.live("lets holders of one process wait for each other", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      let inside = 0
      let most = 0
      yield* Effect.forEach(
        [1, 2, 3, 4],
        () =>
          Effect.scoped(
            Effect.gen(function* () {
              const hold = yield* journal.hold("a")
              inside += 1
              most = Math.max(most, inside)
              yield* hold.intents()
              yield* Effect.yieldNow
              inside -= 1
            })
          ),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(most, 1)
    })
  )

  it.live("gives back what was written down, exactly", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const hold = yield* journal.hold("a")
      const full = intentOf({
        before: {
          limit: Limit.finite(Quantity.cny("9223372036854775807.01")),
          available: Quantity.cny("-0.005")
        },
        after: Limit.finite(Quantity.cny("123456789012345678901234567890.123456789")),
        delta: Quantity.cny("9007199254740993"),
        membership: "joined 2026-01-02",
        audit: { since: 1795233095203, count: 7 }
      })
      const { delta: _, ...absolute } = intentOf({
        member: ben,
        metric: "video-minutes",
        request: "set unlimited — 不限",
        before: { limit: Limit.finite(Quantity.minutes(60)) },
        after: Limit.unlimited,
        put: {
          before: new Map([["video-minutes", Limit.finite(Quantity.minutes("60.5"))]]),
          after: new Map([["video-minutes", Limit.unlimited]])
        }
      })
      const inserted = yield* hold.insert([full, absolute])
      const read = yield* hold.intents()
      for (const [index, wanted] of [full, absolute].entries()) {
        for (const intent of [inserted?.[index], read[index]]) {
          if (intent === undefined) throw new Error("there is none")
          const { createdAt, id, owner, updatedAt, ...rest } = intent
          assert.deepStrictEqual(plain(rest), {
            ...Object(plain(wanted)),
            account: "a",
            fence: 1,
            state: "prepared",
            unanswered: 0,
            armed: 0
          })
          assert.match(id, /^\d+$/)
          assert.isAbove(owner.length, 0)
          assert.isAbove(createdAt, 0)
          assert.strictEqual(updatedAt, createdAt)
          assert.isFalse("evidence" in intent || "requestId" in intent || "detail" in intent)
        }
      }
      assert.strictEqual(String(read[0]?.after), "123456789012345678901234567890.123456789 CNY")
      assert.strictEqual(read[1]?.after._tag, "Unlimited")
      assert.isFalse(read[1] !== undefined && "delta" in read[1])
    })
  )

  it.live("notes facts that leave the state as it is, and only in that state", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const hold = yield* journal.hold("a")
      const { id } = only(yield* hold.insert([intentOf()]))
      yield* hold.advance({ id, from: "prepared", to: "sending", fenced: true, unanswered: 1 })
      assert.isFalse(yield* hold.amend([{ id, state: "applied", fenced: false, closing: "due" }]))
      yield* hold.advance({ id, from: "sending", to: "applied", fenced: false, closing: "due" })
      assert.deepInclude(only(yield* hold.intents()), { closing: "due", unanswered: 1 })
      assert.isTrue(yield* hold.amend([{ id, state: "applied", fenced: true, closing: "drift" }]))
      assert.isTrue(yield* hold.amend([{ id, state: "applied", fenced: true, unanswered: 0 }]))
      assert.deepInclude(only(yield* hold.intents()), { state: "applied", closing: "drift", unanswered: 0 })
    })
  )

  it.live("arms intents as they are recorded, and records earlier facts with them", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const hold = yield* journal.hold("a")
      const first = only(yield* hold.insert([intentOf({ member: ana })], "sending"))
      assert.deepInclude(first, { state: "sending", armed: 1, unanswered: 0 })
      const mark = {
        id: first.id,
        from: "sending",
        to: "applied",
        fenced: false,
        evidence: "response"
      } as const
      const second = only(yield* hold.insert([intentOf({ member: ben })], "sending", [mark]))
      assert.deepInclude(only(yield* hold.intents({ id: first.id })), { state: "applied" })
      // The mark does not hold any more, so nothing is recorded.
      assert.isUndefined(yield* hold.insert([intentOf({ member: memberId("1003") })], "sending", [mark]))
      assert.deepStrictEqual(
        (yield* hold.intents({ states: ["prepared", "sending"] })).map(({ id }) => id),
        [second.id]
      )
      // The mark closes the intent of the member that is armed again.
      const own = { id: second.id, from: "sending", to: "rejected", fenced: false } as const
      const third = only(yield* hold.insert([intentOf({ member: ben, attempt: 2 })], "sending", [own]))
      assert.notStrictEqual(third.id, second.id)
      // Another holder has taken over: neither the intent nor the mark is recorded.
      const former = yield* lost(journal, "b")
      const mine = { id: third.id, from: "sending", to: "applied", fenced: false } as const
      assert.isUndefined(yield* former.insert([intentOf()], "sending", [mine]))
      assert.lengthOf(yield* former.intents(), 0)
    })
  )

  it.live("tells what the next change of a member depends on, and nothing else", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const hold = yield* journal.hold("a")
      const done = Effect.fnUntraced(function* (run: string, to: "applied" | "rejected") {
        const { id } = only(yield* hold.insert([intentOf({ run, member: ana })], "sending"))
        const settled = to === "applied" ? { settled: Quantity.cny(7) } : {}
        yield* hold.advance({ id, from: "sending", to, fenced: true, ...settled })
        return id
      })
      yield* done("r1", "applied")
      yield* done("r2", "rejected")
      const last = yield* done("r3", "applied")
      const own = yield* done("r4", "rejected")
      const other = only(yield* hold.insert([intentOf({ member: ben })], "sending"))
      const standing = yield* hold.standing(ana, "r4")
      assert.deepStrictEqual(
        standing.intents.map(({ id }) => id),
        [last, own]
      )
      assert.deepStrictEqual(
        standing.othersOpen.map(({ id }) => id),
        [other.id]
      )
      assert.deepStrictEqual(
        standing.facts.map(({ member, settled }) => [member, `${settled}`]),
        [[ana, "7.00 CNY"]]
      )
      assert.strictEqual(standing.account.withdrawal, "unknown")
      const late = only(yield* hold.insert([intentOf({ run: "r5", member: ana, unanswered: 1 })], "sending"))
      yield* hold.advance({ id: late.id, from: "sending", to: "not-applied", fenced: true })
      assert.deepStrictEqual(
        (yield* hold.standing(ana, "r4")).intents.map(({ id }) => id),
        [last, own, late.id]
      )
    })
  )

  it.live("takes steps, counts how often an intent was armed, and logs each step", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const hold = yield* journal.hold("a")
      const { id, owner } = only(yield* hold.insert([intentOf()]))
      const steps: ReadonlyArray<Journal.Step> = [
        { id, from: "prepared", to: "sending", fenced: true },
        { id, from: "sending", to: "sending", fenced: false, armed: 1 },
        {
          id,
          from: "sending",
          to: "applied",
          fenced: false,
          armed: 2,
          evidence: "response",
          requestId: "req-1",
          detail: "RetCode 0"
        },
        { id, from: "applied", to: "conflict", fenced: true, detail: "it was seen twice" },
        { id, from: "conflict", to: "resolved-applied", fenced: true, evidence: "human" }
      ]
      for (const step of steps) assert.isTrue(yield* hold.advance(step), step.to)
      const intent = only(yield* hold.intents())
      assert.deepInclude(intent, {
        state: "resolved-applied",
        armed: 2,
        evidence: "human",
        requestId: "req-1",
        detail: "it was seen twice"
      })
      const events = yield* Stream.runCollect(journal.events())
      assert.deepStrictEqual(
        events.map(({ at: _, ...event }) => event),
        [
          { intent: id, account: "a", owner, to: "prepared" },
          ...steps.map(({ detail, evidence, from, to }) => ({
            intent: id,
            account: "a",
            owner,
            from,
            to,
            ...(evidence === undefined ? {} : { evidence }),
            ...(detail === undefined ? {} : { detail })
          }))
        ]
      )
    })
  )

  it.live("refuses a step whose conditions do not hold, and changes nothing", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const hold = yield* journal.hold("a")
      const { id } = only(yield* hold.insert([intentOf()]))
      const other = yield* journal.hold("b")
      const step: Journal.Step = { id, from: "prepared", to: "sending", fenced: true }
      assert.isFalse(yield* hold.advance({ ...step, from: "sending", to: "applied" }))
      assert.isFalse(yield* hold.advance({ ...step, armed: 1 }))
      assert.isFalse(yield* hold.advance({ ...step, id: "999999" }))
      assert.isFalse(yield* hold.advance({ ...step, id: "1 OR 1=1" }))
      assert.isFalse(yield* other.advance(step))
      assert.deepInclude(only(yield* hold.intents()), { state: "prepared", armed: 0 })
      assert.lengthOf(yield* Stream.runCollect(journal.events()), 1)
      assert.lengthOf(yield* hold.members, 0)
    })
  )

  it.live("changes a claim only into a conflict, and a conflict only by a person's word", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const hold = yield* journal.hold("a")
      const allowed: Array<string> = []
      const tried = [
        ...claims,
        "prepared",
        "sending",
        "conflict",
        "resolved-applied",
        "resolved-not-applied"
      ] as const
      for (const from of [...claims, "conflict"] as const) {
        for (const to of tried) {
          const { id } = only(yield* hold.insert([intentOf({ metric: `${from} ${to}` })]))
          assert.isTrue(yield* hold.advance({ id, from: "prepared", to: from, fenced: true }))
          if (yield* hold.advance({ id, from, to, fenced: true })) allowed.push(`${from} > ${to}`)
        }
      }
      const { id } = only(yield* hold.insert([intentOf()]))
      for (const to of ["prepared", "resolved-applied", "resolved-not-applied"] as const) {
        if (yield* hold.advance({ id, from: "prepared", to, fenced: true })) allowed.push(`prepared > ${to}`)
      }
      assert.deepStrictEqual(allowed, [
        ...claims.map((claim) => `${claim} > conflict`),
        "conflict > resolved-applied",
        "conflict > resolved-not-applied"
      ])
    })
  )

  it.live("has one open intent for a member and metric", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const hold = yield* journal.hold("a")
      const { id } = only(yield* hold.insert([intentOf()]))
      assert.isUndefined(yield* hold.insert([intentOf({ member: ben }), intentOf({ run: "another" })]))
      assert.isUndefined(yield* hold.insert([intentOf()], "no-change"))
      assert.isUndefined(yield* hold.insert([intentOf({ member: ben }), intentOf({ member: ben })]))
      assert.lengthOf(yield* hold.intents(), 1)
      yield* hold.advance({ id, from: "prepared", to: "sending", fenced: true })
      assert.isUndefined(yield* hold.insert([intentOf()]))
      yield* hold.advance({ id, from: "sending", to: "applied", fenced: true })
      assert.strictEqual(only(yield* hold.insert([intentOf()], "no-change")).state, "no-change")
      assert.lengthOf(
        (yield* hold.insert([intentOf(), intentOf({ member: ben }), intentOf({ metric: "other" })])) ?? [],
        3
      )
      const elsewhere = yield* journal.hold("b")
      assert.lengthOf((yield* elsewhere.insert([intentOf()])) ?? [], 1)
    })
  )

  it.live("refuses a former holder, but for facts", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const { id } = only(
        yield* Effect.scoped(Effect.flatMap(journal.hold("a"), (hold) => hold.insert([intentOf()])))
      )
      const former = yield* lost(journal, "a")
      assert.isUndefined(yield* former.insert([intentOf({ member: ben })]))
      assert.isFalse(yield* former.advance({ id, from: "prepared", to: "sending", fenced: true }))
      assert.isFalse(yield* former.learn("lowers-limit", "it fell", settledAt("1001", 1)))
      assert.isFalse(yield* former.baseline([settledAt("1001", 1)]))
      assert.deepStrictEqual(yield* former.account, { withdrawal: "unknown" })
      assert.lengthOf(yield* former.members, 0)
      assert.strictEqual(only(yield* former.intents()).state, "prepared")
      assert.isTrue(yield* former.advance({ id, from: "prepared", to: "not-sent", fenced: false }))
    })
  )

  it.live("notes what a step settles, together with it", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const hold = yield* journal.hold("a")
      for (const [settled, membership] of [
        [Quantity.cny("559.5"), "first"],
        [Quantity.cny("600.01"), "second"]
      ] as const) {
        const { id } = only(yield* hold.insert([intentOf({ membership })]))
        assert.isFalse(yield* hold.advance({ id, from: "sending", to: "applied", fenced: true, settled }))
        assert.isTrue(yield* hold.advance({ id, from: "prepared", to: "applied", fenced: true, settled }))
        const { updatedAt, ...facts } = only(yield* hold.members)
        assert.deepStrictEqual(plain(facts), {
          member: ana,
          metric: "allowance",
          membership,
          settled: String(settled)
        })
        assert.isAbove(updatedAt, 0)
      }
    })
  )

  it.live("remembers a baseline and what was learnt, for its account alone", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const hold = yield* journal.hold("a")
      assert.deepStrictEqual(yield* hold.account, { withdrawal: "unknown" })
      const settled = Effect.map(hold.members, (members) =>
        members.map((facts) => `${facts.member} ${facts.settled}`).sort()
      )
      assert.isTrue(
        yield* hold.learn("lowers-limit", "it fell from 10.00 CNY to 7.00 CNY", settledAt("1001", 7))
      )
      assert.deepStrictEqual(yield* settled, ["1001 7.00 CNY"])
      assert.isTrue(yield* hold.baseline([settledAt("1001", 5), settledAt("1002", 6)]))
      const { baselinedAt = 0, ...facts } = yield* hold.account
      assert.isAbove(baselinedAt, 0)
      assert.deepStrictEqual(facts, {
        withdrawal: "lowers-limit",
        withdrawalEvidence: "it fell from 10.00 CNY to 7.00 CNY"
      })
      assert.deepStrictEqual(yield* settled, ["1001 5.00 CNY", "1002 6.00 CNY"])
      const other = yield* journal.hold("b")
      assert.deepStrictEqual(yield* other.account, { withdrawal: "unknown" })
      assert.lengthOf(yield* other.members, 0)
    })
  )

  it.live("lists intents and steps by what is asked for, oldest first", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const a = yield* journal.hold("a")
      const b = yield* journal.hold("b")
      yield* a.insert([intentOf(), intentOf({ member: ben })])
      yield* b.insert([intentOf()])
      const { id } = only(yield* a.insert([intentOf({ run: "topup/2", metric: "other" })]))
      yield* a.advance({ id, from: "prepared", to: "applied", fenced: true })
      const told = (intents: ReadonlyArray<Journal.Intent>) =>
        intents.map(({ account, member, metric }) => `${account} ${member} ${metric}`)
      const all = yield* Stream.runCollect(journal.intents())
      assert.deepStrictEqual(told(all), [
        "a 1001 allowance",
        "a 1002 allowance",
        "b 1001 allowance",
        "a 1001 other"
      ])
      assert.strictEqual(new Set(all.map((intent) => intent.id)).size, 4)
      assert.deepStrictEqual(told(yield* a.intents({ member: ana })), ["a 1001 allowance", "a 1001 other"])
      assert.deepStrictEqual(told(yield* a.intents({ run: "topup/1" })), [
        "a 1001 allowance",
        "a 1002 allowance"
      ])
      assert.deepStrictEqual(told(yield* a.intents({ states: ["applied", "conflict"] })), ["a 1001 other"])
      assert.lengthOf(yield* a.intents({ states: [] }), 0)
      assert.deepStrictEqual(told(yield* Stream.runCollect(journal.intents({ account: "b" }))), [
        "b 1001 allowance"
      ])
      assert.lengthOf(yield* Stream.runCollect(journal.events({ account: "a" })), 4)
      assert.lengthOf(yield* Stream.runCollect(journal.events()), 5)
      assert.lengthOf(yield* Stream.runCollect(journal.events({ account: "c" })), 0)
    })
  )

  it.live("lists more than fits in the memory of a page", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const hold = yield* journal.hold("a")
      yield* hold.insert(
        Array.from({ length: 1001 }, (_, index) => intentOf({ metric: `metric ${index}` })),
        "no-change"
      )
      const listed = yield* Stream.runCollect(journal.intents())
      assert.deepStrictEqual(
        listed.map(({ metric }) => metric),
        Array.from({ length: 1001 }, (_, index) => `metric ${index}`)
      )
      assert.lengthOf(yield* Stream.runCollect(journal.events()), 1001)
      assert.lengthOf(yield* hold.intents(), 1001)
    })
  )

  it.live("keeps texts as they are, whatever they look like", () =>
    Effect.gen(function* () {
      const journal = yield* fresh()
      const account = "compshare|https%3A%2F%2Fapi|'; DROP TABLE intent; --"
      const hold = yield* journal.hold(account)
      const run = "发放/2026 $1 ? \\ \" ' 😀"
      const { id } = only(yield* hold.insert([intentOf({ run })]))
      assert.isTrue(
        yield* hold.advance({ id, from: "prepared", to: "not-sent", fenced: true, detail: "a\nb ? $2" })
      )
      assert.deepInclude(only(yield* hold.intents({ run })), { run, detail: "a\nb ? $2", account })
    })
  )
}

describe("memory", () => {
  suite(() => Effect.sync(Journal.memory))
})

describe("sqlite", () => {
  suite(() =>
    Effect.flatMap(
      Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "journal-"))),
        (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
      ),
      (directory) => SqliteJournal.make({ directory })
    )
  )
})

describe.skipIf(unreachable !== undefined)(`postgres${unreachable ? ` (${unreachable})` : ""}`, () => {
  const scope = Scope.makeUnsafe()
  let url = ""
  beforeAll(async () => {
    url = await Effect.runPromise(Scope.provide(database, scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  suite(() =>
    Effect.map(
      Layer.build(
        PostgresJournal.layer({ url: Redacted.make(url), schema: `s_${randomBytes(6).toString("hex")}` })
      ),
      (context) => Context.get(context, Journal.Journal)
    )
  )
})
