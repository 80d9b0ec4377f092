/**
 * Who is a member, and how somebody comes to be one and ceases to be: find, invite, rename, remove.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import type { MemberInfo } from "@cloud-quota/core/Member"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import { unsupported } from "@cloud-quota/core/Capabilities"
import { open } from "./fixtures/clouds.ts"

const { member } = MemoryProvider
const active = { _tag: "active" } as const
const invited = { _tag: "invited" } as const

/** A cloud with these members, and how many requests have left. */
const cloud = Effect.fnUntraced(function* (
  infos: ReadonlyArray<MemberInfo> = team,
  change: (driver: Driver) => Driver = (driver) => driver
) {
  const provider = yield* MemoryProvider.delta({ members: infos.map((info) => ({ info })) })
  const { members } = yield* open(change(provider.driver))
  return { ...provider, members }
})

const team: ReadonlyArray<MemberInfo> = [
  { id: member(1), user: "u-1", name: "Ada", email: "ada@example.com", status: active },
  { id: member(2), user: "u-2", name: "Adam", status: active },
  { id: member(3), user: "u-3", name: "林晓", status: active },
  { user: "u-4", name: "Dora", email: "dora@example.com", status: invited },
  { user: "u-5", name: "Emil", status: { _tag: "candidate" } }
]

const names = (stream: Stream.Stream<MemberInfo, CloudQuotaError>) =>
  Effect.map(Stream.runCollect(stream), (all) => all.map(({ name }) => name))

/** Calls a method as JavaScript would. */
const untyped = (target: object, method: string, ...args: ReadonlyArray<unknown>): unknown =>
  Reflect.apply(Reflect.get(target, method), target, args)

const fieldOf = ({ reason }: CloudQuotaError) =>
  reason._tag === "InvalidRequest" ? reason.field : reason._tag

const without = (driver: Driver, capability: keyof Driver["capabilities"]): Driver => ({
  ...driver,
  capabilities: { ...driver.capabilities, [capability]: unsupported("not here") }
})

describe("search", () => {
  const found: ReadonlyArray<readonly [text: string, who: ReadonlyArray<string>]> = [
    ["ada", ["Ada"]],
    ["ADA@example.com", ["Ada"]],
    [" m-2 ", ["Adam"]],
    ["u-4", ["Dora"]],
    ["example.com", ["Ada", "Dora"]],
    ["晓", ["林晓"]],
    ["da", ["Ada", "Adam"]],
    ["u-", []],
    ["nobody", []]
  ]
  for (const [text, who] of found) {
    it.effect(`${JSON.stringify(text)} gives ${who.join(", ") || "nobody"}`, () =>
      Effect.gen(function* () {
        const { members } = yield* cloud()
        assert.deepStrictEqual(yield* names(members.search(text)), [...who])
      })
    )
  }

  it.effect("refuses what is no text, unsent", () =>
    Effect.gen(function* () {
      const { members, requests } = yield* cloud()
      for (const text of ["", "  ", null, 5]) {
        const call = untyped(members, "search", text) as Stream.Stream<unknown, CloudQuotaError>
        assert.strictEqual(fieldOf(yield* Effect.flip(Stream.runDrain(call))), "text")
      }
      assert.strictEqual(yield* requests, 0)
    })
  )
})

it.effect("a status that there is not is refused", () =>
  Effect.gen(function* () {
    const { members } = yield* cloud()
    assert.deepStrictEqual(yield* names(members.list({ status: "candidate" })), ["Emil"])
    const call = untyped(members, "list", { status: "joined" }) as Stream.Stream<unknown, CloudQuotaError>
    assert.strictEqual(fieldOf(yield* Effect.flip(Stream.runDrain(call))), "status")
  })
)

describe("invite", () => {
  it.effect("gives one result for each, in the order given, and asks for each user once", () =>
    Effect.gen(function* () {
      const sent: Array<string> = []
      const { members } = yield* cloud(team, ({ invite, ...driver }) => ({
        ...driver,
        invite: (invitations) => {
          sent.push(...invitations.map(({ user }) => user))
          return invite?.(invitations) ?? Effect.succeed([])
        }
      }))
      const results = yield* members.invite([
        { user: "u-404" },
        { user: "u-5", name: "Émile" },
        { user: "u-4" },
        { user: "u-5", name: "Émile" }
      ])
      assert.deepStrictEqual(
        results.map(({ invitation, outcome }) => `${invitation.user} ${outcome}`),
        ["u-404 rejected", "u-5 invited", "u-4 already", "u-5 invited"]
      )
      assert.strictEqual(results[0]?.reason?._tag, "NotFound")
      assert.deepStrictEqual(results[1]?.member, { user: "u-5", name: "Émile", status: invited })
      assert.match(results[0]?.message ?? "", /refused to invite User u-404\. there is no user u-404\.$/)
      assert.deepStrictEqual(sent, ["u-404", "u-5", "u-4"])
    })
  )

  it.effect("makes members at once where the cloud does", () =>
    Effect.gen(function* () {
      const { driver } = yield* MemoryProvider.absolute()
      const { members } = yield* open(driver)
      const [result] = yield* members.invite({ user: "u-5" })
      assert.strictEqual(result?.outcome, "joined")
      assert.strictEqual((yield* members.get(result?.member ?? "")).status._tag, "active")
    })
  )

  it.effect("reads back what no answer tells, and never sends it again", () =>
    Effect.gen(function* () {
      for (const [fate, outcome] of [
        ["answer-lost", "invited"],
        ["request-lost", "unknown"]
      ] as const) {
        const { members, requests, script } = yield* cloud()
        yield* script(fate)
        const [result] = yield* members.invite({ user: "u-5" })
        assert.strictEqual(result?.outcome, outcome)
        assert.strictEqual(result?.reason?._tag, outcome === "unknown" ? "Timeout" : undefined)
        assert.strictEqual(yield* requests, 2)
      }
    })
  )

  it.effect("takes an earlier invitation that came to nothing for no proof", () =>
    Effect.gen(function* () {
      const { members, script } = yield* cloud([{ user: "u-5", status: { _tag: "rejected" } }])
      yield* script("request-lost")
      const [result] = yield* members.invite({ user: "u-5" })
      assert.strictEqual(result?.outcome, "unknown")
      assert.match(result?.message ?? "", /Look again with members.list before inviting once more/)
    })
  )

  it.effect("keeps what was answered when nothing can be read afterwards", () =>
    Effect.gen(function* () {
      const { driver } = yield* MemoryProvider.delta()
      const listMembers = Stream.fromEffect(driver.getMember(member(404)))
      const { members } = yield* open({ ...driver, listMembers })
      const [result] = yield* members.invite([{ user: "u-5" }])
      assert.strictEqual(result?.outcome, "invited")
      assert.isUndefined(result?.member)
    })
  )

  it.effect("does not know of a user whom the answer leaves out", () =>
    Effect.gen(function* () {
      const { members } = yield* cloud(team, (driver) => ({ ...driver, invite: () => Effect.succeed([]) }))
      const results = yield* members.invite([{ user: "u-4" }, { user: "u-404" }])
      assert.deepStrictEqual(
        results.map(({ outcome }) => outcome),
        ["invited", "unknown"]
      )
    })
  )

  const wrong: ReadonlyArray<readonly [field: string, input: unknown]> = [
    ["invitations", null],
    ["invitations", "u-5"],
    ["invitations", []],
    ["user", [null]],
    ["user", {}],
    ["user", { user: 50_001 }],
    ["user", { user: " u-5" }],
    ["user", { user: "u\n5" }],
    ["name", { user: "u-5", name: "" }],
    ["name", { user: "u-5", name: "E\u0000" }],
    [
      "user",
      [
        { user: "u-5", name: "Emil" },
        { user: "u-5", name: "Émile" }
      ]
    ]
  ]
  for (const [field, input] of wrong) {
    it.effect(`refuses ${JSON.stringify(input)} unsent, naming ${field}`, () =>
      Effect.gen(function* () {
        const { members, requests } = yield* cloud()
        const call = untyped(members, "invite", input) as Effect.Effect<unknown, CloudQuotaError>
        assert.strictEqual(fieldOf(yield* Effect.flip(call)), field)
        assert.strictEqual(yield* requests, 0)
      })
    )
  }

  it.effect("refuses a name where the cloud has no names of the team's own", () =>
    Effect.gen(function* () {
      const { members, requests } = yield* cloud(team, (driver) => without(driver, "members.rename"))
      const error = yield* Effect.flip(members.invite({ user: "u-5", name: "Emil" }))
      assert.deepInclude(error.reason, { _tag: "Unsupported", capability: "members.rename" })
      assert.strictEqual(yield* requests, 0)
      assert.strictEqual((yield* members.invite({ user: "u-5" }))[0]?.outcome, "invited")
    })
  )
})

describe("cancelInvite", () => {
  for (const ref of ["u-4", "dora", "dora@example.com", { user: "u-4", status: invited } as const]) {
    it.effect(`withdraws the invitation of ${JSON.stringify(ref)}`, () =>
      Effect.gen(function* () {
        const { members } = yield* cloud()
        yield* members.cancelInvite(ref)
        assert.deepStrictEqual(yield* names(members.list({ status: "canceled" })), ["Dora"])
      })
    )
  }

  it.effect("takes the one that is invited among several of the name", () =>
    Effect.gen(function* () {
      const former = { id: member(7), user: "u-7", name: "Dora", status: active } as const
      const { members } = yield* cloud([former, ...team])
      yield* members.cancelInvite("Dora")
      assert.lengthOf(yield* names(members.list({ status: "canceled" })), 1)
    })
  )

  it.effect("takes a user id for the user's, whatever others are called", () =>
    Effect.gen(function* () {
      const other: MemberInfo = { user: "u-9", name: "u-4", status: invited }
      const { members } = yield* cloud([...team, other, { user: "u-8", name: "u-1", status: invited }])
      yield* members.cancelInvite(" u-4")
      assert.deepStrictEqual(yield* names(members.list({ status: "canceled" })), ["Dora"])
      assert.strictEqual((yield* Effect.flip(members.cancelInvite("u-1"))).reason._tag, "NotFound")
    })
  )

  it.effect("refuses a name that several invited people have, naming them", () =>
    Effect.gen(function* () {
      const other: MemberInfo = { user: "u-9", name: "Dora", status: invited }
      const { members } = yield* cloud([...team, other])
      const error = yield* Effect.flip(members.cancelInvite("Dora"))
      assert.strictEqual(fieldOf(error), "member")
      assert.match(error.message, /Dora \(user u-4, invited\); Dora \(user u-9, invited\)$/)
      assert.lengthOf(yield* names(members.list({ status: "invited" })), 2)
    })
  )

  it.effect("is NotFound where there is no open invitation, saying what there is", () =>
    Effect.gen(function* () {
      const { members } = yield* cloud()
      const joined = yield* Effect.flip(members.cancelInvite("ada"))
      assert.strictEqual(joined.reason._tag, "NotFound")
      assert.match(joined.message, /no open invitation to withdraw: Ada \(id m-1, user u-1, active\)$/)
      assert.match(
        (yield* Effect.flip(members.cancelInvite("zoe"))).message,
        /nobody of that name is listed$/
      )
    })
  )

  it.effect("says so where the listing does not tell the user id", () =>
    Effect.gen(function* () {
      const { members } = yield* cloud([{ name: "Dora", status: invited }])
      assert.match((yield* Effect.flip(members.cancelInvite("Dora"))).message, /does not tell the user id/)
    })
  )

  it.effect("refuses nobody, unsent", () =>
    Effect.gen(function* () {
      const { members, requests } = yield* cloud()
      for (const ref of ["", null, {}, 5]) {
        const call = untyped(members, "cancelInvite", ref) as Effect.Effect<unknown, CloudQuotaError>
        assert.strictEqual(fieldOf(yield* Effect.flip(call)), "member")
      }
      assert.strictEqual(yield* requests, 0)
    })
  )
})

describe("rename", () => {
  it.effect("changes the name", () =>
    Effect.gen(function* () {
      const { members } = yield* cloud()
      yield* members.rename("m-3", "林晓 (视频组)")
      assert.strictEqual((yield* members.get("m-3")).name, "林晓 (视频组)")
    })
  )

  for (const name of ["", " x", "a\tb", "a\u2028b", "x".repeat(257), null, 5]) {
    it.effect(`refuses ${JSON.stringify(name)?.slice(0, 20)}, unsent`, () =>
      Effect.gen(function* () {
        const { members, requests } = yield* cloud()
        const call = untyped(members, "rename", "m-1", name) as Effect.Effect<unknown, CloudQuotaError>
        assert.strictEqual(fieldOf(yield* Effect.flip(call)), "name")
        assert.strictEqual(yield* requests, 0)
      })
    )
  }
})

/** The writes that end in a state that can be seen. */
const writes = {
  "members.cancel-invite": (members: Members) => members.cancelInvite("u-4"),
  "members.rename": (members: Members) => members.rename("m-1", "Ada Lin"),
  "members.remove": (members: Members) => members.remove("m-1")
} as const
type Members = Effect.Success<ReturnType<typeof cloud>>["members"]

for (const [capability, call] of Object.entries(writes)) {
  describe(capability, () => {
    it.effect("succeeds where no answer came and reading shows that it took place", () =>
      Effect.gen(function* () {
        const { members, script } = yield* cloud()
        yield* script("answer-lost")
        yield* call(members)
      })
    )

    it.effect("is unknown where reading does not show it", () =>
      Effect.gen(function* () {
        const { members, script } = yield* cloud()
        yield* script("request-lost")
        const { money, reason } = yield* Effect.flip(call(members))
        assert.deepStrictEqual([money, reason._tag], ["unknown", "Timeout"])
      })
    )

    it.effect("fails as the provider says", () =>
      Effect.gen(function* () {
        const { members, script } = yield* cloud()
        yield* script("rejected")
        const { money, reason } = yield* Effect.flip(call(members))
        assert.deepStrictEqual([money, reason._tag], ["not-moved", "ProviderFailed"])
      })
    )
  })
}

describe("remove", () => {
  it.effect("ends a membership", () =>
    Effect.gen(function* () {
      const { members } = yield* cloud()
      yield* members.remove("m-1")
      assert.strictEqual((yield* Effect.flip(members.get("m-1"))).reason._tag, "NotFound")
    })
  )
})

describe("what a cloud does not offer", () => {
  const calls: ReadonlyArray<
    readonly [keyof Driver["capabilities"], (members: Members) => Effect.Effect<unknown, CloudQuotaError>]
  > = [
    ["members.invite", (members) => members.invite({ user: "u-5" })],
    ["members.cancel-invite", writes["members.cancel-invite"]],
    ["members.rename", writes["members.rename"]],
    ["members.remove", writes["members.remove"]],
    ["quotas.reclaim", (members) => members.offboard("m-1", { run: "leave" })]
  ]
  for (const [capability, call] of calls) {
    it.effect(`${capability} is refused unsent`, () =>
      Effect.gen(function* () {
        const { members, requests } = yield* cloud(team, (driver) => without(driver, capability))
        const error = yield* Effect.flip(call(members))
        assert.deepInclude(error.reason, { _tag: "Unsupported", capability })
        assert.match(error.message, /not here$/)
        assert.strictEqual(yield* requests, 0)
      })
    )
  }
})
