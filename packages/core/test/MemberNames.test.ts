/**
 * The text that names a member: an exact id, else a person, else the name of one active member. What fits several is
 * refused, since one of them would be paid in place of the other.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as Account from "@cloud-quota/core/Account"
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import { CloudQuotaError, MalformedResponse } from "@cloud-quota/core/CloudQuotaError"
import * as Journal from "@cloud-quota/core/Journal"
import type { MemberInfo } from "@cloud-quota/core/Member"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Limit from "@cloud-quota/core/Limit"
import * as People from "@cloud-quota/core/People"
import * as Quantity from "@cloud-quota/core/Quantity"
import { inTime, open } from "./fixtures/clouds.ts"

const id = MemoryProvider.member
const active = { _tag: "active" } as const

const listed: ReadonlyArray<MemberInfo> = [
  { id: id(1), user: "u-1", name: "Li Lei", status: active },
  { id: id(2), user: "u-2", name: "Han Meimei", email: "han@example.com", status: active },
  { id: id(3), user: "u-3", name: "m-1", status: active },
  { id: id(4), user: "u-4", name: "Twin", status: active },
  { id: id(5), user: "u-5", name: "TWIN", status: active },
  { id: id(6), user: "u-6", name: "Gone", status: { _tag: "disabled" } },
  { user: "u-7", name: "Lucy", email: "lucy@example.com", status: { _tag: "invited" } },
  { id: id(8), user: "u-8", name: "Jim", status: { _tag: "candidate" } },
  { id: id(9), user: "u-9", name: "Ро", status: active }
]

const people = People.fromRecord({
  "li.lei@corp": { team: "m-1" },
  "Han Meimei": { team: "m-2" },
  Twin: { team: "m-9" }
})

const hundred = Quantity.cny(100)
const quotas = { allowance: { limit: Limit.finite(hundred), available: hundred } }

const opened = (
  change: (driver: Driver) => Driver = (driver) => driver,
  options: { readonly journal?: Journal.Journal; readonly members?: ReadonlyArray<MemberInfo> } = {}
) =>
  Effect.gen(function* () {
    const seeds = (options.members ?? listed).map((info) => ({ info, quotas }))
    const provider = yield* MemoryProvider.delta({ members: seeds })
    const account = yield* open(change(provider.driver), options.journal).pipe(
      Effect.provideService(People.People, people),
      Effect.provideService(Account.AccountName, "team")
    )
    return { ...account, requests: provider.requests }
  })

const grant = { allowance: { adjust: "5 CNY" } }

describe("a member is named", () => {
  it.effect.each([
    ["m-2", "m-2"],
    ["li.lei@corp", "m-1"],
    ["LI LEI", "m-1"],
    ["Li Lei", "m-1"],
    ["Han Meimei", "m-2"],
    ["han@example.com", "m-2"]
  ] as const)("by %s", ([text, member]) =>
    Effect.gen(function* () {
      const { members, quotas } = yield* opened()
      assert.strictEqual<string | undefined>((yield* members.get(text)).id, member)
      const [result] = (yield* inTime(quotas.change(text, grant, { run: "a" }))).results
      assert.strictEqual<string | undefined>(result?.member, member)
      assert.strictEqual(result?.outcome._tag, "Applied")
      assert.strictEqual(result?.named, text === member ? undefined : text)
    })
  )

  it.effect.each([
    ["m-1", /"m-1" fits more than one member \(the id of m-1, the name of m-3\): rename the other, or give/],
    [
      "twin",
      /"twin" fits more than one member \(the person of m-9, the name of m-4, the name of m-5\): give an id/
    ],
    ["Lucy", /"Lucy" \(user u-7\) was invited and has not accepted yet/],
    ["lucy@example.com", /\(user u-7\) was invited and has not accepted yet/],
    ["Jim", /"Jim" \(m-8\) has no quotas here yet: invite the user first/],
    ["Gone", /"Gone" \(m-6\) is disabled: give the id/],
    ["u-2", /"u-2" is the user id of the member m-2: give the member's id/],
    ["Po", /looks like .*, the name of m-9: give the id/],
    ["Nobody", /"Nobody" is not a member id.*; and no active member has the name "Nobody"/],
    ["a@example.com", /is an e-mail address that is mapped to no member of the account "team"/]
  ] as const)("by nothing like %s", ([text, message]) =>
    Effect.gen(function* () {
      const { quotas, requests } = yield* opened()
      const error = yield* Effect.flip(quotas.change(text, grant, { run: "a" }))
      assert.deepStrictEqual([error.reason._tag, error.money], ["InvalidRequest", "not-moved"])
      assert.match(error.message, message)
      assert.isAtMost(yield* requests, 1)
    })
  )

  it.effect("once in a call, whatever the text", () =>
    Effect.gen(function* () {
      const { quotas } = yield* opened()
      const error = yield* Effect.flip(quotas.change(["Li Lei", "li.lei@corp"], grant, { run: "a" }))
      assert.match(error.message, /m-1 is named twice for allowance, in two ways/)
    })
  )

  it.effect("by one list of the members for all of a call", () =>
    Effect.gen(function* () {
      let lists = 0
      const { quotas } = yield* opened((driver) => ({
        ...driver,
        listMembers: Stream.suspend(() => {
          lists++
          return driver.listMembers
        })
      }))
      yield* inTime(quotas.change(["Li Lei", "m-2", "m-9"], grant, { run: "a" }))
      assert.strictEqual(lists, 1)
    })
  )
})

describe("while members cannot be read", () => {
  const partly = (driver: Driver): Driver => ({
    ...driver,
    listMembers: Stream.concat(
      driver.listMembers,
      Stream.fail(
        new CloudQuotaError({
          provider: "memory-delta",
          operation: "list",
          money: "not-moved",
          reason: new MalformedResponse({ message: "1 row cannot be read", unreadableRows: 1 })
        })
      )
    )
  })

  it.effect("a name decides nothing, and an id does", () =>
    Effect.gen(function* () {
      const { quotas } = yield* opened(partly)
      const error = yield* Effect.flip(quotas.get("Li Lei"))
      assert.match(error.message, /members that cannot be read may have the same: give the id/)
      assert.strictEqual((yield* quotas.get("m-2"))[0]?.member, "m-2")
    })
  )

  it.effect("no text is looked up if there is no list at all", () =>
    Effect.gen(function* () {
      const { quotas } = yield* opened((driver) => ({
        ...driver,
        listMembers: Stream.fail(
          new CloudQuotaError({
            provider: "memory-delta",
            operation: "list",
            money: "not-moved",
            reason: new MalformedResponse({ message: "nothing" })
          })
        )
      }))
      assert.strictEqual((yield* Effect.flip(quotas.get("m-2"))).reason._tag, "MalformedResponse")
    })
  )
})

describe("a run", () => {
  it.effect("keeps the text, and is refused where it names another member later", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const before = yield* opened(undefined, { journal })
      yield* inTime(before.quotas.change("Li Lei", grant, { run: "a" }))
      const [intent] = yield* Stream.runCollect(journal.intents())
      assert.deepStrictEqual([intent?.member as string, intent?.named], ["m-1", "Li Lei"])

      // Somebody else has the name now.
      const members = listed.map((info) => ({
        ...info,
        ...(info.id === "m-1" && { name: "Li L." }),
        ...(info.id === "m-2" && { name: "Li Lei" })
      }))
      const after = yield* opened(undefined, { journal, members })
      const error = yield* Effect.flip(inTime(after.quotas.change("Li Lei", grant, { run: "a" })))
      assert.deepStrictEqual([error.reason._tag, error.money], ["RunReused", "not-moved"])
      assert.match(error.message, /changed m-1 under the name "Li Lei", which is m-2 now. Nothing was sent/)
      const ids = yield* inTime(after.quotas.change(members.slice(0, 2), grant, { run: "a" }))
      assert.deepStrictEqual(
        ids.results.map(({ doneAt, outcome }) => [outcome._tag, doneAt !== undefined]),
        [
          ["Applied", true],
          ["Applied", false]
        ]
      )
    })
  )

  /** A run that has changed a member by this text, and the same team after its members were renamed. */
  const renamed = Effect.fnUntraced(function* (text: string, names: Readonly<Record<string, string>>) {
    const journal = Journal.memory()
    const before = yield* opened(undefined, { journal })
    assert.strictEqual(
      (yield* inTime(before.quotas.change(text, grant, { run: "a" }))).results[0]?.outcome._tag,
      "Applied"
    )
    const members = listed.flatMap((info) => {
      const name = names[info.id ?? ""]
      return name === "gone" ? [] : [{ ...info, ...(name !== undefined && { name }) }]
    })
    return yield* opened(undefined, { journal, members })
  })

  it.effect("knows a text whatever its case", () =>
    Effect.gen(function* () {
      const { quotas } = yield* renamed("Li Lei", { "m-1": "Li L.", "m-2": "Li Lei" })
      const error = yield* Effect.flip(inTime(quotas.change("LI LEI", grant, { run: "a" })))
      assert.strictEqual(error.reason._tag, "RunReused")
    })
  )

  it.effect("knows the text of an id, which may be a name later", () =>
    Effect.gen(function* () {
      const { quotas } = yield* renamed("m-4", { "m-4": "gone", "m-2": "m-4" })
      const error = yield* Effect.flip(inTime(quotas.change("m-4", grant, { run: "a" })))
      assert.match(error.message, /changed m-4 under the name "m-4", which is m-2 now/)
    })
  )

  it.effect("keeps each text where several name one member", () =>
    Effect.gen(function* () {
      const journal = Journal.memory()
      const { driver } = yield* MemoryProvider.absolute()
      const { quotas } = yield* open(driver, journal)
      const change = (member: string, metric: string) => ({ member, metric, action: { set: "30" } })
      yield* quotas.changeAll(
        [change("Ada", "avatar-models"), { ...change("m-1", "video-minutes"), action: { set: "70 min" } }],
        { run: "a" }
      )
      const intents = yield* Stream.runCollect(journal.intents())
      assert.deepStrictEqual(
        intents.map(({ metric, named }) => [metric, named]),
        [
          ["avatar-models", "Ada"],
          ["video-minutes", undefined]
        ]
      )
    })
  )
})

it.effect("the quotas of a listed member need no list of the members, not even for a name", () =>
  Effect.gen(function* () {
    const failing = Stream.die(new Error("the members were listed"))
    const members = [{ id: id(2), status: active }]
    const { quotas } = yield* opened((driver) => ({ ...driver, listMembers: failing }), { members })
    assert.strictEqual((yield* quotas.get({ id: id(2), status: active }))[0]?.member, "m-2")
  })
)
