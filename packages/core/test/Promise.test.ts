import { assert, describe, it } from "@effect/vitest"
import {
  type AccountDefinition,
  CloudQuotaError,
  type ConnectOptions,
  type MemberInfo,
  Period,
  type Spec,
  connect
} from "@cloud-quota/core/promise"
import { DateTime, Duration, Effect, Layer } from "effect"
import { inspect } from "node:util"
import * as Account from "@cloud-quota/core/Account"
import * as Definition from "@cloud-quota/core/adapter/AccountDefinition"
import type * as Billing from "@cloud-quota/core/Billing"
import type { Driver } from "@cloud-quota/core/adapter/Driver"
import * as MemoryProvider from "@cloud-quota/core/testing/MemoryProvider"
import { Settlement, defaults } from "@cloud-quota/core/Settlement"

/** An account whose readings are never old, and whose lost answers can be looked up at once. */
const quick = (driver: Driver) =>
  Account.layer(Effect.succeed(driver)).pipe(
    Layer.provide(Layer.succeed(Settlement, { ...defaults, own: Duration.zero, readLag: Duration.zero }))
  )

/** A team where allowances are money, and a project where limits are counted. */
const clouds = async () => {
  const delta = await Effect.runPromise(MemoryProvider.delta())
  const absolute = await Effect.runPromise(MemoryProvider.absolute())
  return {
    team: Definition.make("memory-delta", quick(delta.driver)),
    project: Definition.make("memory-absolute", quick(absolute.driver))
  }
}

/** What a promise rejects with. */
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => assert.fail(`it resolved with ${inspect(value)}`),
    (error: unknown) => error
  )

const failure = async (promise: Promise<unknown>): Promise<CloudQuotaError> => {
  const error = await rejection(promise)
  assert.instanceOf(error, CloudQuotaError)
  return error
}

describe("connect", () => {
  it("makes the accounts that a program names", async () => {
    await using cloud = await connect({ accounts: await clouds() })
    assert.deepStrictEqual(
      cloud.accounts.map(({ name }) => name),
      ["team", "project"]
    )
    const team = cloud.account("team")
    assert.strictEqual(team.provider, "memory-delta")
    assert.strictEqual(team.capabilities["quotas.adjust"]?.support, "native")
    assert.strictEqual(`${team.metrics[0]?.step}`, "0.01 CNY")
    const quotas = await cloud.quotas().toArray()
    assert.deepStrictEqual([...new Set(quotas.map(({ account }) => account))], ["team", "project"])
    const ofTeam = quotas.find(({ account }) => account === "team")
    assert.isUndefined(ofTeam?.share)
    assert.instanceOf(ofTeam?.observedAt, Date)
    assert.match(`${ofTeam}`, /^team m-1 allowance: [\d.]+ CNY of [\d.]+ CNY available$/)
  })

  it("gives values of which each has a line for people as its text, which is not part of its data", async () => {
    const delta = await Effect.runPromise(MemoryProvider.delta({ log: true }))
    const accounts = { team: Definition.make("memory-delta", quick(delta.driver)) }
    await using cloud = await connect({ accounts, journal: "memory" })
    const team = cloud.account("team")
    const { billing, changes, history, members, quotas } = team
    const period = "2026-01-01..2027-01-01"
    const events: Array<unknown> = []
    const onEvent = (event: unknown) => void events.push(event)
    await changes.baseline()
    const spec = { allowance: { adjust: "10 CNY" } }
    const report = await quotas.change(["m-1", "m-9"], spec, { run: "a", onEvent })
    const entries = await history({ period: "this-month" }).toArray()
    const [order] = await billing.orders({ period }).toArray()
    const values: ReadonlyArray<unknown> = [
      report,
      ...report,
      ...events,
      ...entries,
      order,
      ...(await quotas.list().toArray()),
      ...(await quotas.list().toArray()).map(({ metric }) => metric),
      ...(await members.list().toArray()),
      await members.invite({ user: "u-9" }),
      await members.offboard("m-2", { run: "leave", onEvent }),
      await billing.totals({ period }),
      ...(await billing.unpaid().toArray()),
      ...(await billing.entitlements().toArray()),
      await billing.balance(),
      ...(await billing.usage({ period }).toArray()),
      ...(await billing.monthlyCost({ month: "2026-11" }).toArray()),
      ...(await billing.refundQuotes({ zone: "z", resourceIds: ["uhost-1"] }).catch(() => [])),
      ...(await changes.baseline()),
      ...(await changes.verify()),
      ...team.metrics
    ]
    for (const value of values) {
      const text = `${value}`
      assert.notInclude(text, "[object", inspect(value))
      assert.isNotEmpty(text)
      assert.notInclude(JSON.stringify(value), "toString")
      assert.notInclude(Object.keys(value as object), "toString")
    }
    const [entry] = entries
    assert.strictEqual(
      `${entry}`,
      `${entry?.at.toISOString()} grant both succeeded m-1 allowance 10.00 CNY a 1 10.00 CNY for m-1 Ada`
    )
    assert.strictEqual(`${report.results[0]}`, report.results[0]?.message)
    assert.strictEqual(`${[...report]}`, report.results.map(({ message }) => message).join(","))
  })

  it("refuses wrong options, by their names", async () => {
    const accounts = await clouds()
    const wrong = async (options: unknown, field: string, words: RegExp) => {
      const error = await failure(connect(options as ConnectOptions as { config: string }))
      assert.strictEqual(error.reason, "InvalidRequest")
      assert.strictEqual(error.field, field)
      assert.match(error.message, words)
      assert.strictEqual(error.money, "not-moved")
    }
    await wrong({ accounts: {} }, "accounts", /at least one/)
    await wrong({ accounts: { gpu: { teamId: 1001 } } }, "accounts.gpu", /compshare\(…\)/)
    await wrong({ accounts, config: "x.yaml" }, "config", /either/)
    await wrong({ accounts, zone: "Mars" }, "zone", /time zone/)
    await wrong({ accounts, journal: { sqlite: 5 } }, "journal", /folder/)
    await wrong({ accounts, people: { ada: { team: 5 } } }, "people", /: people: give the id of ada/)
    await wrong({ accounts, people: { ada: null } }, "people", /the accounts of ada/)
    for (const people of [null, 5, "ada", [], () => undefined]) {
      await wrong({ accounts, people }, "people", /give a table, .* or two functions/)
    }
    for (const zone of [null, 8, ""]) await wrong({ accounts, zone }, "zone", /time zone/)
    await wrong({ accounts: null }, "accounts", /at least one/)
    await wrong({ accounts, journal: null }, "journal", /folder/)
    await wrong({ acounts: accounts }, "acounts", /did you mean accounts\?/)
    await wrong({ people: {} }, "people", /goes with accounts/)
    await wrong(null, "options", /accounts/)
    await wrong({ accounts, signal: "now" }, "signal", /AbortController/)
  })

  it("names the accounts there are", async () => {
    const accounts: Record<string, AccountDefinition> = await clouds()
    await using cloud = await connect({ accounts })
    assert.throws(() => cloud.account("gpu"), CloudQuotaError, '"gpu": the accounts are team, project')
  })

  it("rejects at once with an aborted signal's own reason", async () => {
    const reason = { own: "reason" }
    const accounts = await clouds()
    assert.strictEqual(await rejection(connect({ accounts, signal: AbortSignal.abort(reason) })), reason)
  })

  it("knows people from a table, and from functions", async () => {
    const accounts = await clouds()
    await using table = await connect({ accounts, people: { "ada@example.com": { team: "m-1" } } })
    const [quota] = await table.account("team").quotas.get("Ada@example.com")
    assert.strictEqual(quota?.member, "m-1")
    const people = {
      memberOf: async (person: string) => (person === "ada" ? "m-1" : undefined),
      personOf: (member: string) => (member === "m-1" ? "ada" : undefined)
    }
    await using functions = await connect({ accounts, people })
    assert.strictEqual((await functions.account("team").members.get("ada")).person, "ada")
    const broken = new Error("the directory is down")
    await using none = await connect({
      accounts,
      people: {
        ...people,
        memberOf: () => {
          throw broken
        }
      }
    })
    assert.strictEqual(await rejection(none.account("team").members.get("ada")), broken)
  })
})

describe("errors", () => {
  it("are ordinary ones that point at the caller", async () => {
    await using cloud = await connect({ accounts: await clouds() })
    const team = cloud.account("team")
    const here = async () => await team.quotas.get("m-99")
    const error = await failure(here())
    assert.instanceOf(error, Error)
    assert.strictEqual(error.reason, "NotFound")
    assert.strictEqual(error.account, "team")
    assert.strictEqual(error.provider, "memory-delta")
    assert.isFalse(error.retryable)
    assert.match(
      error.stack ?? "",
      /^CloudQuotaError: memory-delta\/team .*m-99.*\n +at here .*Promise\.test\.ts/
    )
    assert.notMatch(inspect(error, { depth: 9, showHidden: true }), /effect\/|Fiber|_tag/)
  })

  it("name the field that is wrong, before anything is sent", async () => {
    await using cloud = await connect({ accounts: await clouds() })
    const { billing, members, quotas } = cloud.account("team")
    const topUp = (value: unknown, options: object = { run: "r" }) =>
      quotas.change("m-1", { allowance: { topUpTo: value as string } }, options)
    assert.strictEqual((await failure(topUp(5))).field, "allowance")
    assert.strictEqual((await failure(topUp("5 CNY", {}))).field, "run")
    assert.strictEqual((await failure(topUp("5 CNY", { run: "r", onEvent: "loud" }))).field, "onEvent")
    assert.strictEqual((await failure(topUp("5 CNY", { run: "r", signal: {} }))).field, "signal")
    assert.strictEqual((await failure(quotas.change("m-1", null as unknown as Spec))).field, "spec")
    assert.strictEqual((await failure(quotas.changeAll(5 as unknown as []))).field, "changes")
    assert.strictEqual((await failure(members.get(null as unknown as string))).field, "member")
    const orders = (filter: unknown) => billing.orders(filter as { period: string }).toArray()
    assert.strictEqual((await failure(orders(undefined))).field, "period")
    assert.strictEqual((await failure(orders({ period: "whenever" }))).field, "period")
    assert.strictEqual((await failure(orders({ period: new Date() }))).field, "period")
  })

  it("refuse a word that is no option, so that none goes unnoticed", async () => {
    await using cloud = await connect({ accounts: await clouds() })
    const { billing, changes, history, members, quotas } = cloud.account("team")
    const [before] = await quotas.get("m-1")
    const tenMore = { allowance: { adjust: "10 CNY" } }
    const wrong = async (promise: Promise<unknown>, field: string, words: RegExp) => {
      const error = await failure(promise)
      assert.strictEqual(error.reason, "InvalidRequest")
      assert.strictEqual(error.money, "not-moved")
      assert.strictEqual(error.field, field)
      assert.match(error.message, words)
    }
    const changeWith = (options: unknown) => quotas.change("m-1", tenMore, options as object)
    await wrong(changeWith({ run: "r", dryRun: true }), "dryRun", /the keys are run, preview, cap/)
    await wrong(changeWith({ run: "r", previw: true }), "previw", /did you mean preview\?/)
    await wrong(changeWith({ run: "r", Cap: "5 CNY" }), "Cap", /did you mean cap\?/)
    await wrong(changeWith(null), "options", /give an object with any of run/)
    await wrong(changeWith("r"), "options", /or leave it out/)
    await wrong(changeWith(["r"]), "options", /or leave it out/)
    const change = { member: "m-1", metric: "allowance", action: tenMore.allowance } as const
    await wrong(quotas.changeAll([change], { run: "r", dryRun: true } as object), "dryRun", /not known here/)
    await wrong(
      members.offboard("m-1", { run: "r", removed: true } as { run: string }),
      "removed",
      /remove\?/
    )
    const listed = (filter: unknown) => quotas.list(filter as object).toArray()
    await wrong(listed({ metrics: "allowance" }), "metrics", /did you mean metric\?/)
    await wrong(listed("allowance"), "options", /metric/)
    await wrong(members.list({ state: "active" } as object).toArray(), "state", /not known here/)
    const period = { period: "2026-10" }
    await wrong(billing.orders({ ...period, kind: ["buy"] } as typeof period).toArray(), "kind", /kinds\?/)
    await wrong(
      billing.totals({ ...period, chargeType: ["Month"] } as typeof period),
      "chargeType",
      /chargeTypes\?/
    )
    await wrong(history({ ...period, members: ["m-1"] } as typeof period).toArray(), "members", /member\?/)
    await wrong(changes.recover({ sginal: 1 } as object), "sginal", /did you mean signal\?/)
    assert.deepStrictEqual((await quotas.get("m-1"))[0]?.limit, before?.limit)
  })

  it("tell a metric that there is not from one that nobody has any of", async () => {
    await using cloud = await connect({ accounts: await clouds() })
    const { quotas } = cloud.account("team")
    const error = await failure(quotas.list({ metric: "alowance" as "allowance" }).toArray())
    assert.strictEqual(error.field, "metric")
    assert.match(error.message, /no metric "alowance": it has allowance/)
    assert.strictEqual(
      (await failure(cloud.quotas({ metric: "alowance" as "allowance" }).toArray())).field,
      "metric"
    )
    const lowest = await cloud.quotas({ below: "1000000 CNY", sort: "available", limit: 2 }).toArray()
    assert.strictEqual(lowest.length, 2)
    assert.isTrue(lowest[0]?.available?.lessThan(lowest[1]?.available ?? "0 CNY"))
    const inTeam = await cloud.quotas({ metric: "allowance" }).toArray()
    assert.deepStrictEqual([...new Set(inTeam.map(({ account }) => account))], ["team"])
  })

  it("refuse what is no member here", async () => {
    await using cloud = await connect({ accounts: await clouds() })
    const { billing, changes, members, quotas } = cloud.account("team")
    const wrong = async (member: unknown, words: RegExp) => {
      const ref = member as MemberInfo
      const calls = [
        quotas.get(ref),
        quotas.change(ref, { allowance: { adjust: "1 CNY" } }, { run: "r" }),
        quotas.change([ref], { allowance: { adjust: "1 CNY" } }, { run: "r" }),
        quotas.changeAll([{ member: ref, metric: "allowance", action: { adjust: "1 CNY" } }], { run: "r" }),
        members.get(ref),
        members.offboard(ref, { run: "r" }),
        billing.orders({ member: ref, period: "2026-10" }).toArray(),
        billing.refundQuotes({ member: ref }),
        changes.baseline([ref])
      ]
      for (const call of calls) {
        const error = await failure(call)
        assert.strictEqual(error.field, "member")
        assert.match(error.message, words)
      }
    }
    const [mine] = await members.list().toArray()
    // The same id, as another account lists it: there it may be somebody else's.
    await wrong({ ...mine, account: "project" }, /listed by the account "project".* on "team"/)
    await wrong(members.get("m-1"), /is a promise: wait for it with await/)
    const [quota] = await quotas.get("m-1")
    await wrong(quota, /give a member's id as text, or a member as a listing gives it/)
    await wrong({ name: "Ada" }, /give a member's id as text/)
    assert.strictEqual((await quotas.get(mine as MemberInfo)).length, 1)
  })
})

describe("listings", () => {
  it("ask anew with each walk, and nothing before", async () => {
    const asked: Array<string> = []
    const people = {
      memberOf: () => undefined,
      personOf: (member: string) => {
        asked.push(member)
        return undefined
      }
    }
    await using cloud = await connect({ accounts: await clouds(), people })
    const members = cloud.account("team").members.list()
    assert.deepStrictEqual(asked, [])
    const first = await members.toArray()
    const afterOne = asked.length
    assert.isAbove(afterOne, 0)
    assert.deepStrictEqual(await members.toArray(), first)
    assert.strictEqual(asked.length, 2 * afterOne)
  })

  it("can be left", async () => {
    await using cloud = await connect({ accounts: await clouds() })
    const seen: Array<MemberInfo> = []
    for await (const member of cloud.members()) {
      seen.push(member)
      break
    }
    assert.strictEqual(seen.length, 1)
    assert.strictEqual(seen[0]?.status, "active")
  })

  it("reject with the reason of their signal", async () => {
    await using cloud = await connect({ accounts: await clouds() })
    const aborting = new AbortController()
    const members = cloud.members({ signal: aborting.signal })
    const walk = members[Symbol.asyncIterator]()
    assert.isFalse((await walk.next()).done)
    const reason = new Error("enough")
    aborting.abort(reason)
    assert.strictEqual(await rejection(walk.next()), reason)
    assert.strictEqual(await rejection(members.toArray()), reason)
  })

  it("find who is meant", async () => {
    await using cloud = await connect({ accounts: await clouds() })
    const [found, ...others] = await cloud.account("team").members.search("m-2").toArray()
    assert.strictEqual(found?.id, "m-2")
    assert.strictEqual(others.length, 0)
  })
})

describe("close", () => {
  it("is for good, and may be said twice", async () => {
    const cloud = await connect({ accounts: await clouds() })
    const { members } = cloud.account("team")
    const walk = members.list()[Symbol.asyncIterator]()
    await walk.next()
    await Promise.all([cloud.close(), cloud.close()])
    await cloud[Symbol.asyncDispose]()
    for (const promise of [members.get("m-1"), walk.next(), cloud.quotas().toArray()]) {
      assert.match((await failure(promise)).message, /was closed/)
    }
  })
})

describe("a change", () => {
  it("takes members as they are named: ids, listed ones, lists of any kind", async () => {
    await using cloud = await connect({ accounts: await clouds(), journal: "memory" })
    const { members, quotas } = cloud.account("team")
    const spec = { allowance: { adjust: "1 CNY" } }
    const listed = await members.get("m-1")
    const named = async function* () {
      yield "m-1"
      yield listed.id === undefined ? "" : "m-2"
    }
    const done = async (who: Parameters<typeof quotas.change>[0], run: string) =>
      [...(await quotas.change(who, spec, { run }))].map(({ member, outcome }) => `${member} ${outcome}`)
    assert.deepStrictEqual(await done(listed, "a"), ["m-1 Applied"])
    assert.deepStrictEqual(await done(["m-1", "m-2"], "b"), ["m-1 Applied", "m-2 Applied"])
    assert.deepStrictEqual(await done(new Set([listed]), "c"), ["m-1 Applied"])
    assert.deepStrictEqual(await done(named(), "d"), ["m-1 Applied", "m-2 Applied"])
    assert.include(await done(members.list({ status: "active" }), "e"), "m-2 Applied")
  })

  it("rejects with what the caller's own list throws", async () => {
    await using cloud = await connect({ accounts: await clouds(), journal: "memory" })
    const broken = new Error("the list is broken")
    const named = async function* () {
      yield "m-1"
      throw broken
    }
    const { quotas } = cloud.account("team")
    const spec = { allowance: { adjust: "1 CNY" } }
    assert.strictEqual(await rejection(quotas.change(named(), spec, { run: "a" })), broken)
  })

  it("says what became of it", async () => {
    await using cloud = await connect({ accounts: await clouds(), journal: "memory" })
    const { quotas } = cloud.account("team")
    const [before] = await quotas.get("m-1")
    const report = await quotas.changeAll(
      [{ member: "m-1", metric: "allowance", action: { set: before?.limit ?? "unlimited" } }],
      { cap: "10 CNY" }
    )
    const [result] = report.results
    assert.strictEqual(result?.outcome, "NoChange")
    assert.strictEqual(result?.money, "not-moved")
    assert.isTrue(report.complete)
    assert.strictEqual(report.exitCode, 0)
    assert.strictEqual(`${report}`, result?.message)
    const preview = await quotas.change(
      ["m-1", "m-2"],
      { allowance: { adjust: "100 CNY" } },
      { run: "p", preview: true, cap: "150 CNY" }
    )
    assert.deepStrictEqual(
      preview.results.map(({ outcome }) => outcome),
      ["Planned", "Refused"]
    )
    assert.strictEqual(preview.exitCode, 3)
    const refused = preview.results[1]
    assert.strictEqual(refused?.outcome === "Refused" ? refused.check : "", "cap")
    assert.deepStrictEqual(JSON.parse(JSON.stringify(preview.results[0])).delta, {
      unit: "CNY",
      amount: "100.00"
    })
  })
})

describe("what is left open", () => {
  it("is told, settled and checked", async () => {
    const delta = await Effect.runPromise(MemoryProvider.delta())
    const accounts = { team: Definition.make("memory-delta", quick(delta.driver)) }
    const people = { "ada@example.com": { team: "m-1" } }
    await using cloud = await connect({ accounts, people, journal: "memory" })
    const { changes, history, quotas } = cloud.account("team")
    assert.deepStrictEqual(await cloud.review().toArray(), [])

    await Effect.runPromise(delta.script("answer-lost"))
    const spec = { allowance: { adjust: "10 CNY" } }
    const report = await quotas.change("ada@example.com", spec, { run: "a", settle: "defer" })
    const [lost] = report.results
    assert.strictEqual(lost?.outcome === "Unknown" ? lost.failure.retryable : undefined, true)
    assert.strictEqual(report.exitCode, 4)
    assert.isFalse(report.aborted)

    const [pending, ...others] = await changes.pending()
    assert.deepStrictEqual(others, [])
    assert.strictEqual(pending?.request, "adjust 10.00 CNY")
    assert.strictEqual(pending?.state, "sending")
    assert.instanceOf(pending?.createdAt, Date)
    const [open] = await cloud.review().toArray()
    assert.strictEqual(open?.kind, "unsettled")
    assert.strictEqual(open?.person, "ada@example.com")
    assert.strictEqual(`${open?.delta}`, "10.00 CNY")
    assert.instanceOf(open?.since, Date)

    const [settled] = await changes.recover()
    assert.strictEqual(settled?.state, "applied")
    assert.strictEqual(settled?.id, pending?.id)
    assert.strictEqual(`${settled?.after}`, `${quotasAfter(await quotas.get("m-1"))}`)
    assert.deepStrictEqual(
      (await changes.verify()).map(({ member, verdict }) => `${member} ${verdict}`),
      ["m-1 as-settled"]
    )
    const [entry] = await history({ period: "this-month" }).toArray()
    assert.strictEqual(entry?.run, "a")
    assert.instanceOf(entry?.at, Date)
  })

  it("can be vouched for, by names and by lists", async () => {
    await using cloud = await connect({ accounts: await clouds(), journal: "memory" })
    const { changes, members } = cloud.account("team")
    const all = await changes.baseline()
    assert.deepStrictEqual(
      all.map(({ member }) => member),
      ["m-1", "m-2", "m-3"]
    )
    assert.strictEqual(all[0]?.limit.unit, "CNY")
    const [one, ...others] = await changes.baseline(members.search("m-2"))
    assert.strictEqual(one?.member, "m-2")
    assert.deepStrictEqual(others, [])
  })
})

const quotasAfter = ([quota]: ReadonlyArray<{ readonly limit: unknown }>) => quota?.limit

describe("bills", () => {
  it("have plain values, whichever way their period is given", async () => {
    await using cloud = await connect({ accounts: await clouds(), zone: "UTC" })
    const { billing } = cloud.account("team")
    const period = Period.between("2026-11-01", new Date("2027-01-01T00:00:00Z"), { zone: "UTC" })
    const orders = await billing.orders({ period }).toArray()
    assert.isAbove(orders.length, 0)
    assert.deepStrictEqual(
      (await billing.orders({ period: "2026-11-01..2027-01-01" }).toArray()).map(({ id }) => id),
      orders.map(({ id }) => id)
    )
    assert.instanceOf(orders[0]?.createdAt, Date)
    const totals = await billing.totals({ period })
    assert.strictEqual(totals.count, orders.length)
    assert.strictEqual(totals.paid[0]?.unit, "CNY")
    assert.instanceOf((await billing.balance()).observedAt, Date)
    for await (const { total } of billing.entitlements()) assert.isDefined(total?.unit)
    assert.isAbove((await billing.usage({ period }).toArray()).length, 0)
    const costs = await billing.monthlyCost({ month: "2026-12" }).toArray()
    assert.strictEqual(costs[0]?.cost.unit, "CNY")
    assert.doesNotThrow(() => JSON.stringify([orders, costs, totals]))
  })

  it("are told in the zone that was chosen, which is Beijing's by default", async () => {
    const createdAt = DateTime.makeUnsafe("2026-10-31T17:00:00Z")
    const order: Billing.Order = {
      id: "o-1",
      kind: "buy",
      status: "done",
      createdAt,
      details: { big: 2n ** 60n }
    }
    const { driver } = await Effect.runPromise(MemoryProvider.delta({ books: { orders: [order] } }))
    const accounts = { team: Definition.make("memory-delta", quick(driver)) }
    const inNovember = async (options: { readonly zone?: string }) => {
      await using cloud = await connect({ accounts, ...options })
      return await cloud.orders({ period: "2026-11" }).toArray()
    }
    const [found] = await inNovember({})
    assert.deepStrictEqual(found?.createdAt, new Date("2026-10-31T17:00:00Z"))
    assert.deepStrictEqual(found?.details, { big: "1152921504606846976" })
    assert.deepStrictEqual(await inNovember({ zone: "UTC" }), [])
  })
})
