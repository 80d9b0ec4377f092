/** What scripts use most, in the form with promises. */
import { assert, describe, it } from "@effect/vitest"
import { CloudQuotaError, connect } from "@cloud-quota/core/promise"
import { Duration, Effect, Layer, Stream } from "effect"
import * as Account from "@cloud-quota/core/Account"
import * as Accounts from "@cloud-quota/core/Accounts"
import * as Definition from "@cloud-quota/core/adapter/AccountDefinition"
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import * as Quota from "@cloud-quota/core/Quota"
import { Settlement, defaults } from "@cloud-quota/core/Settlement"

const quick = (driver: Driver) =>
  Account.layer(Effect.succeed(driver)).pipe(
    Layer.provide(Layer.succeed(Settlement, { ...defaults, own: Duration.zero, readLag: Duration.zero }))
  )

const opened = async () => {
  const delta = await Effect.runPromise(MemoryProvider.delta())
  const absolute = await Effect.runPromise(MemoryProvider.absolute())
  const accounts = {
    team: Definition.make("memory-delta", quick(delta.driver)),
    project: Definition.make("memory-absolute", quick(absolute.driver))
  }
  return { cloud: await connect({ accounts, journal: "memory" }), delta, absolute }
}

const failure = async (promise: Promise<unknown>): Promise<CloudQuotaError> => {
  const error = await promise.then(
    () => assert.fail("it resolved"),
    (reason: unknown) => reason
  )
  assert.instanceOf(error, CloudQuotaError)
  return error
}

const addTen = { allowance: { adjust: "10 CNY" } }

describe("a script", () => {
  it("goes through the accounts, and asks whether they have a feature", async () => {
    await using cloud = (await opened()).cloud
    const seen: Array<readonly [string, boolean, boolean]> = []
    for await (const account of cloud) {
      seen.push([account.name, account.supports("quotas.unlimited"), account.supports("orders")])
    }
    assert.deepStrictEqual(seen, [
      ["team", false, true],
      ["project", true, true]
    ])
    assert.throws(() => cloud.account("team").supports("order" as "orders"), /there is no feature "order"/)
  })

  it("finds one member, or none, or the candidates", async () => {
    const { cloud } = await opened()
    await using _ = cloud
    const { members } = cloud.account("team")
    assert.strictEqual((await members.find("ada"))?.id, "m-1")
    assert.strictEqual((await members.find("u-2"))?.id, "m-2")
    // A part of a name is no name.
    assert.strictEqual(await members.find("ad"), undefined)
    await members.rename("m-2", "Ada")
    const error = await failure(members.find("Ada"))
    assert.match(
      error.message,
      /fits more than one member, so give the id of one: Ada \(id m-1, .*Ada \(id m-2/
    )
    assert.lengthOf(await members.search("Ada").toArray(), 2)
  })

  it("invites one user with one result, and several with several", async () => {
    await using cloud = (await opened()).cloud
    const { members } = cloud.account("team")
    assert.strictEqual((await members.invite("u-5")).outcome, "invited")
    assert.strictEqual((await members.invite({ user: "u-5" })).outcome, "already")
    const all = await members.invite([{ user: "u-5" }, { user: "u-77" }])
    assert.deepStrictEqual(
      all.map(({ outcome }) => outcome),
      ["already", "rejected"]
    )
    assert.strictEqual((await failure(members.invite(""))).field, "user")
  })

  it("writes counts as numbers, and nothing else", async () => {
    await using cloud = (await opened()).cloud
    const { quotas } = cloud.account("project")
    const report = await quotas.change("m-1", { "avatar-models": { set: 12, expected: 10 } })
    assert.strictEqual(`${report.results[0]?.target}`, "12")
    const minutes = { "video-minutes": { set: 60 } } as object
    assert.match((await failure(quotas.change("m-1", minutes))).message, /60 has no unit.*as "60 min"/)
    const half = { "avatar-models": { set: 1.5 } }
    assert.match((await failure(quotas.change("m-1", half))).message, /1.5 has no unit/)
  })

  it("reads a report in one line, and what needs it", async () => {
    await using cloud = (await opened()).cloud
    const { quotas } = cloud.account("team")
    const report = await quotas.change(["m-1", "m-2", "m-77"], addTen, { run: "a", cap: "10 CNY" })
    assert.match(report.summary, /^1 changed, 1 refused, 1 not sent; \+10\.00 CNY$/)
    assert.deepStrictEqual(
      report.attention.map(({ member, outcome }) => [member, outcome]),
      [
        ["m-2", "Refused"],
        ["m-77", "NotSent"]
      ]
    )
  })

  it("previews an offboarding, and sends nothing", async () => {
    const { absolute, cloud, delta } = await opened()
    await using _ = cloud
    const options = { run: "leave", preview: true, remove: true }
    const team = await cloud.account("team").members.offboard("Ada", options)
    assert.deepStrictEqual([team.member, team.membership, team.report.preview], ["m-1", "kept", true])
    assert.deepStrictEqual(
      team.report.results.map(({ delta, outcome }) => [outcome, `${delta}`]),
      [["Planned", "-376.55 CNY"]]
    )
    assert.match(team.message, /^Preview of offboarding m-1: nothing was sent/)
    const project = await cloud.account("project").members.offboard("Ada", options)
    assert.isTrue(project.complete, project.message)
    assert.lengthOf(await Effect.runPromise(delta.writes), 0)
    assert.lengthOf(await Effect.runPromise(absolute.writes), 0)
  })

  it("chooses waiting times in milliseconds, by their names", async () => {
    const { driver } = await Effect.runPromise(MemoryProvider.delta())
    const accounts = { team: Definition.make("memory-delta", Account.layer(Effect.succeed(driver))) }
    await using cloud = await connect({ accounts, settlement: { own: 10, takeover: 10, readLag: 1 } })
    assert.strictEqual(
      (await cloud.account("team").quotas.change("m-1", addTen, { run: "a" })).complete,
      true
    )
    const wrong = (settlement: object) => failure(connect({ accounts, settlement }))
    assert.strictEqual((await wrong({ owm: 1 })).field, "settlement.owm")
    assert.strictEqual((await wrong({ own: "1s" })).field, "settlement.own")
  })
})

it.effect("an effect runs with the services of one of several accounts", () =>
  Effect.gen(function* () {
    const { provide } = yield* Accounts.Accounts
    const first = Effect.flatMap(Quota.Quota, ({ list }) => Stream.runHead(list()))
    const metricOf = (name: string) =>
      Effect.map(provide(name, first), (state) => (state._tag === "Some" ? state.value.metric.id : ""))
    assert.strictEqual(yield* metricOf("team"), "allowance")
    assert.strictEqual(yield* metricOf("project"), "avatar-models")
    assert.strictEqual((yield* Effect.flip(provide("none", first))).reason._tag, "NotFound")
  }).pipe(
    Effect.provide(
      Accounts.layer({
        team: Account.layer(Effect.map(MemoryProvider.delta(), ({ driver }) => driver)),
        project: Account.layer(Effect.map(MemoryProvider.absolute(), ({ driver }) => driver))
      })
    )
  )
)
