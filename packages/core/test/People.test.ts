/**
 * One person on several clouds: found by name wherever a member is asked for, and named in listings.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as Account from "@cloud-quota/core/Account"
import * as Accounts from "@cloud-quota/core/Accounts"
import * as Journal from "@cloud-quota/core/Journal"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as People from "@cloud-quota/core/People"
import * as Period from "@cloud-quota/core/Period"
import { inTime, open, run } from "./fixtures/clouds.ts"

const people = People.fromRecord({
  "Ada@Example.com": { studio: "m-1", gpu: "m-2" },
  chen: { gpu: "m-3" },
  "broken@example.com": { gpu: "60001" }
})

const named = (
  name: string,
  provider: Effect.Effect<{ readonly driver: MemoryProvider.DeltaProvider["driver"] }>
) =>
  Effect.gen(function* () {
    const { driver } = yield* provider
    return yield* open(driver).pipe(
      Effect.provideService(People.People, people),
      Effect.provideService(Account.AccountName, name)
    )
  })
const gpu = named("gpu", MemoryProvider.delta())

const year = Period.between("2026-01-01", "2027-01-01", { zone: "Asia/Shanghai" })

describe("a person", () => {
  it.effect("is another member on each account", () =>
    Effect.gen(function* () {
      const { all } = yield* Accounts.Accounts
      const members = yield* Effect.forEach(all, ({ quotas }) =>
        Effect.map(quotas.get("ada@example.com"), (states) => [
          ...new Set(states.map(({ member }) => member))
        ])
      )
      assert.deepStrictEqual<unknown>(members, [["m-1"], ["m-2"]])
    }).pipe(
      Effect.provide(
        Accounts.layer({
          studio: Account.layer(Effect.map(MemoryProvider.absolute(), ({ driver }) => driver)),
          gpu: Account.layer(Effect.map(MemoryProvider.delta(), ({ driver }) => driver))
        })
      ),
      Effect.provideService(People.People, people)
    )
  )

  it.effect("serves wherever a member is asked for", () =>
    Effect.gen(function* () {
      const { billing, changes, members, quotas } = yield* gpu
      const ada = "ADA@example.com"
      assert.strictEqual((yield* members.get(ada)).name, "Bao")
      const change = yield* inTime(quotas.change(ada, { allowance: { adjust: "5 CNY" } }, run))
      assert.strictEqual(change.results[0]?.member, "m-2")
      const all = yield* inTime(
        quotas.changeAll([{ member: ada, metric: "allowance", action: { adjust: "5 CNY" } }], { run: "all" })
      )
      assert.strictEqual(all.results[0]?.member, "m-2")
      const orders = yield* Stream.runCollect(billing.orders({ member: ada, period: year }))
      assert.deepStrictEqual(
        orders.map(({ id }) => id),
        ["order-4"]
      )
      assert.strictEqual((yield* billing.totals({ member: ada, period: year })).count, 1)
      assert.lengthOf(yield* Stream.runCollect(billing.unpaid({ member: ada })), 1)
      assert.lengthOf(yield* Stream.runCollect(billing.usage({ member: ada, period: year })), 1)
      assert.lengthOf(yield* Stream.runCollect(billing.monthlyCost({ member: ada, month: "2026-12" })), 0)
      assert.lengthOf(yield* billing.refundQuotes({ member: ada }), 1)
      assert.deepStrictEqual<unknown>(
        (yield* inTime(changes.baseline([ada]))).map(({ member }) => member),
        ["m-2"]
      )
      yield* members.rename(ada, "Bao Li")
      assert.strictEqual((yield* members.get("m-2")).name, "Bao Li")
      const { member } = yield* inTime(members.offboard(ada, { run: "leave" }))
      assert.strictEqual<string>(member, "m-2")
      yield* members.remove(ada)
      assert.strictEqual((yield* Effect.flip(members.get(ada))).reason._tag, "NotFound")
    })
  )

  it.effect("and an id of the same member are one member twice", () =>
    Effect.gen(function* () {
      const { quotas } = yield* gpu
      const spec = { allowance: { adjust: "5 CNY" } }
      const error = yield* Effect.flip(quotas.change(["m-2", "ada@example.com"], spec, run))
      assert.match(error.message, /member: m-2 is named twice for allowance/)
    })
  )

  it.effect("is named in every listing, and looked up once for each member", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const counted: People.People = {
        ...people,
        personOf: (member, account) => {
          asked.push(member)
          return people.personOf(member, account)
        }
      }
      const { driver } = yield* MemoryProvider.delta()
      const { billing, members, quotas } = yield* open(driver).pipe(
        Effect.provideService(People.People, counted),
        Effect.provideService(Account.AccountName, "gpu")
      )
      assert.deepStrictEqual(
        (yield* Stream.runCollect(members.list())).map(({ person }) => person),
        [undefined, "Ada@Example.com", "chen", undefined, undefined]
      )
      assert.strictEqual((yield* members.get("m-3")).person, "chen")
      asked.length = 0
      const orders = yield* Stream.runCollect(billing.orders({ period: year }))
      assert.deepStrictEqual(
        orders.map(({ person }) => person),
        [undefined, undefined, undefined, "Ada@Example.com"]
      )
      assert.deepStrictEqual(asked, ["m-1", "m-9", "m-2"])
      asked.length = 0
      const states = yield* Stream.runCollect(quotas.list())
      assert.deepStrictEqual(
        new Set(states.map(({ member, person }) => `${member} ${person}`)),
        new Set(["m-1 undefined", "m-2 Ada@Example.com"])
      )
      assert.deepStrictEqual(asked, [...new Set(states.map(({ member }) => member))])
      assert.deepStrictEqual(
        (yield* quotas.get("m-2")).map(({ person }) => person),
        ["Ada@Example.com"]
      )
      assert.notProperty((yield* quotas.get("m-1"))[0], "person")
      const persons = (rows: Stream.Stream<{ readonly person?: string }, unknown>) =>
        Effect.map(Stream.runCollect(rows), (all) => all.map(({ person }) => person))
      assert.deepStrictEqual(yield* persons(billing.unpaid()), ["Ada@Example.com"])
      assert.deepStrictEqual(yield* persons(billing.usage({ period: year })), [undefined, "Ada@Example.com"])
    })
  )
})

it.effect("a person is found by a name that the mapping knows and no listing has", () =>
  Effect.gen(function* () {
    const { driver } = yield* MemoryProvider.delta()
    const directory: People.People = {
      memberOf: (person) => Effect.succeed(person === "ada.l" ? "m-1" : undefined),
      personOf: () => Effect.succeed("Ada Lovelace")
    }
    const { members } = yield* open(driver).pipe(Effect.provideService(People.People, directory))
    const found = yield* Stream.runCollect(members.search("ada.l"))
    assert.deepStrictEqual(
      found.map(({ id, person }) => `${id} ${person}`),
      ["m-1 Ada Lovelace"]
    )
  })
)

describe("an e-mail address that nobody mapped", () => {
  it.effect("is refused, with the account and the remedy, and nothing but the members is read", () =>
    Effect.gen(function* () {
      const { driver, requests } = yield* MemoryProvider.delta()
      const { quotas } = yield* open(driver)
      const error = yield* Effect.flip(quotas.get("bob@example.com"))
      assert.strictEqual(error.reason._tag, "InvalidRequest")
      assert.match(
        error.message,
        /"bob@example.com" is an e-mail address .* account "memory-delta": add it to People, give the member's id, or look for it with members.search/
      )
      assert.strictEqual(yield* requests, 1)
    })
  )
})

it.effect("a mapping to what is no id of the cloud says so", () =>
  Effect.gen(function* () {
    const { quotas } = yield* gpu
    const { message } = yield* Effect.flip(quotas.get("broken@example.com"))
    assert.match(message, /"broken@example.com" is mapped to it by People: "60001" is not a member id/)
  })
)

it.effect("a text that is one person's name and another one's id is neither of them", () =>
  Effect.gen(function* () {
    const { driver, requests } = yield* MemoryProvider.delta()
    const crossed = People.fromRecord({
      "m-1": { "memory-delta": "m-2" },
      ada: { "memory-delta": "m-1" },
      "m-3": { "memory-delta": "m-3" }
    })
    const { members, quotas } = yield* open(driver).pipe(Effect.provideService(People.People, crossed))
    const { message, reason } = yield* Effect.flip(
      quotas.change("m-1", { allowance: { topUpTo: "9 CNY" } }, run)
    )
    assert.strictEqual(reason._tag, "InvalidRequest")
    assert.match(
      message,
      /"m-1" fits more than one member \(the id of m-1, the person of m-2\): rename the other, or give the member as a listing gives it/
    )
    assert.strictEqual(yield* requests, 1)
    const id = MemoryProvider.member(1)
    assert.strictEqual<unknown>((yield* quotas.get({ id, status: { _tag: "active" } }))[0]?.member, "m-1")
    assert.strictEqual<unknown>((yield* members.get("m-3")).id, "m-3")
  })
)

describe("a table of people", () => {
  const wrong: ReadonlyArray<readonly [record: unknown, message: RegExp]> = [
    [{ ada: { gpu: "m-1" }, bao: { gpu: "m-1" } }, /ada and bao are both member m-1 of gpu/],
    [{ ada: { gpu: "m-1" }, ADA: { gpu: "m-2" } }, /ADA is there twice for gpu/],
    [{ ada: "m-1" }, /give the accounts of ada as/],
    [{ "ada ": { gpu: "m-1" } }, /"ada " holds characters .*: write "ada"/],
    [{ "": { gpu: "m-1" } }, /people: give a name of 1 to 256 characters/],
    [{ "ad\u0430": { gpu: "m-1" } }, /"ad\\u\{430\}" holds .*: write "ada"/],
    [{ "a\u0308da": { gpu: "m-1" } }, /write "\u00e4da"/],
    [
      { cop: { gpu: "m-1" }, "\u0441\u043e\u0440": { gpu: "m-2" } },
      /"cop" and "\\u\{441\}.*" look alike on gpu/
    ],
    [null, /give a table, as/],
    [{ ada: { gpu: 60001 } }, /give the id of ada on gpu as text/]
  ]
  for (const [record, message] of wrong) {
    it(`is refused: ${message.source}`, () => {
      assert.throws(() => People.fromRecord(record as People.Record), message)
    })
  }

  it.effect("knows nobody unless it is given", () =>
    Effect.gen(function* () {
      const { memberOf, personOf } = yield* People.People
      assert.isUndefined(yield* memberOf("ada", "gpu"))
      assert.isUndefined(yield* personOf("m-1", "gpu"))
    })
  )
})

it.effect("a layer tells all accounts below it", () =>
  Effect.gen(function* () {
    const { driver } = yield* MemoryProvider.delta()
    const [state] = yield* Effect.gen(function* () {
      return yield* (yield* Account.Account).quotas.get("ada.l")
    }).pipe(
      Effect.provide(Account.layer(Effect.succeed(driver))),
      Effect.provide(People.layer(People.fromRecord({ "ada.l": { "memory-delta": "m-2" } }))),
      Effect.provideService(Journal.Journal, Journal.memory())
    )
    assert.strictEqual<string | undefined>(state?.member, "m-2")
  })
)
