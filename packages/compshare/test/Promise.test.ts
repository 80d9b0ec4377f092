/**
 * The Promise door over the emulator behind real HTTP.
 */
import { assert, describe, it } from "@effect/vitest"
import { CompShareEmulator } from "@cloud-quota/compshare/testing"
import { compshare, emulate } from "@cloud-quota/compshare/promise"
import type { Emulator } from "@cloud-quota/core/testing"
import { type Account, type ChangeEvent, CloudQuotaError, connect } from "@cloud-quota/core/promise"
import { Effect, Exit, Scope } from "effect"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"

const keys = {
  teamId: 1001,
  publicKey: CompShareEmulator.publicKey,
  privateKey: CompShareEmulator.privateKey
}

const members = [60001, 60002, 60003].map((virtualCompanyId) => ({
  virtualCompanyId,
  allocatedFen: 10_000n
}))

/** A team with 100 yuan for each of three members, as an account, and what can be done to its cloud. */
const team = async () => {
  const scope = Scope.makeUnsafe()
  const emulator = await Effect.runPromise(CompShareEmulator.make({ members }))
  const { origin } = await Effect.runPromise(Scope.provide(emulator.serve(), scope))
  const cloud = await connect({
    accounts: { gpu: compshare({ ...keys, endpoint: origin }) },
    journal: "memory"
  })
  return {
    cloud,
    gpu: cloud.account("gpu"),
    inject: (faults: Parameters<Emulator.Emulator["inject"]>[0]) =>
      Effect.runPromise(emulator.inject(faults)),
    /** Who was granted how much, in fen, in the order in which it took place. */
    granted: async () =>
      (await Effect.runPromise(emulator.ledger)).map(({ amountFen, member }) => `${member} ${amountFen}`),
    [Symbol.asyncDispose]: async () => {
      await cloud.close()
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}

const change = "SetCompShareTeamAmount"
const everybody = ["60001", "60002", "60003"]
const tenMore = { allowance: { adjust: "10 CNY" } }

/** What a promise rejects with. */
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => assert.fail(`it resolved with ${inspect(value)}`),
    (error: unknown) => error
  )

/** Aborts when an event is told. */
const abortAt = (isMeant: (event: ChangeEvent) => boolean) => {
  const aborting = new AbortController()
  const reason = new Error("enough")
  const onEvent = (event: ChangeEvent) => {
    if (isMeant(event)) aborting.abort(reason)
  }
  return { signal: aborting.signal, onEvent, reason }
}

const outcomes = (report: Awaited<ReturnType<Account["quotas"]["change"]>>) =>
  report.results.map(({ member, outcome }) => `${member} ${outcome}`)

describe("compshare", () => {
  it("shows no key", async () => {
    const account = compshare({ ...keys, privateKey: "a-secret-of-mine", securityToken: "a-token-of-mine" })
    const shown = `${inspect(account, { depth: Number.POSITIVE_INFINITY, showHidden: true })}${JSON.stringify(account)}`
    assert.notMatch(shown, /of-mine/)
    assert.include(shown, "compshare")
  })

  it("tells what is wrong with its options when somebody connects", async () => {
    const wrong = async (options: object, words: RegExp) => {
      const account = compshare({ ...keys, endpoint: "http://127.0.0.1:9", ...options })
      const error = await rejection(connect({ accounts: { gpu: account } }))
      assert.instanceOf(error, CloudQuotaError)
      assert.match(error.message, words)
      assert.notInclude(inspect(error), keys.privateKey)
    }
    await wrong({ teamId: undefined }, /give the team's number/)
    await wrong({ teamId: "GPU" }, /give the team's number/)
    await wrong({ privateKey: undefined }, /privateKey is missing/)
    await wrong({ privateKey: 5 }, /privateKey is missing/)
    await wrong({ publicKey: "my key" }, /publicKey is not a key/)
    await wrong({ endpoint: "http://example.com" }, /only https is allowed/)
    // Otherwise the keys of the environment and the real cloud would be taken instead of what was meant.
    await wrong({ endPoint: "http://127.0.0.1:9" }, /endPoint: is not known here: did you mean endpoint\?/)
    await wrong({ secret: keys.privateKey }, /secret: is not known here: the keys are teamId, publicKey/)
    const error = await rejection(connect({ accounts: { gpu: compshare(null as unknown as typeof keys) } }))
    assert.instanceOf(error, CloudQuotaError)
    assert.strictEqual(error.field, "options")
  })

  it("takes a profile, a rate limit and a time limit as a configuration file does", async () => {
    const { privateKey: _, publicKey: __, ...team } = keys
    const connecting = (options: object) =>
      rejection(connect({ accounts: { gpu: compshare({ ...team, ...options }) } }))
    const fields = async (options: object) => {
      const error = await connecting(options)
      assert.instanceOf(error, CloudQuotaError)
      return error.field ?? error.message
    }
    assert.match(await fields({ profile: "nobody" }), /nobody/)
    assert.strictEqual(await fields({ ...keys, profile: "nobody" }), "profile")
    assert.match(await fields({ ...keys, rateLimit: { requests: 0, perSeconds: 1 } }), /^rateLimit/)
    assert.match(await fields({ ...keys, rateLimit: "fast" }), /^rateLimit/)
    const odd = { requests: 5, perSeconds: 1, unheardOf: 1 }
    assert.strictEqual(await fields({ ...keys, rateLimit: odd }), "rateLimit.unheardOf")
    assert.match(await fields({ ...keys, timeout: 0 }), /^timeout/)
    const options = { ...keys, timeout: 5000, rateLimit: { requests: 5, perSeconds: 1 } } as const
    await using cloud = await connect({ accounts: { gpu: compshare(options) } })
    assert.strictEqual(cloud.account("gpu").provider, "compshare")
  })

  it("can be emulated", async () => {
    await using emulator = await emulate({ size: 4 })
    assert.strictEqual(emulator.environment["COMPSHARE_ENDPOINT"], emulator.origin)
    await using cloud = await connect({ accounts: { gpu: emulator.account } })
    const active = await cloud.members({ status: "active" }).toArray()
    const report = await cloud
      .account("gpu")
      .quotas.change(active, { allowance: { topUpTo: "2000 CNY" } }, { run: "a" })
    assert.isTrue(report.complete)
    for await (const { available } of cloud.quotas()) assert.strictEqual(`${available}`, "2000.00 CNY")
    const [order] = await cloud.orders({ period: "2026-10" }).toArray()
    assert.instanceOf(order?.createdAt, Date)
    assert.strictEqual(order.paid?.unit, "CNY")
    const totals = await cloud.account("gpu").billing.totals({ period: "2026-10" })
    assert.strictEqual(totals.verdict, "agrees")
    assert.isAbove(totals.count, 0)
    await Promise.all([emulator.close(), emulator.close()])
    const error = await rejection(cloud.account("gpu").quotas.get("60001"))
    assert.instanceOf(error, CloudQuotaError)
    assert.strictEqual(error.reason, "TransportFailed")
  })

  it("says what is wrong with how it is to be emulated", async () => {
    const wrong = async (options: unknown, field: string) => {
      const error = await rejection(emulate(options as object))
      assert.instanceOf(error, CloudQuotaError)
      assert.strictEqual(error.field, field)
    }
    await wrong(null, "options")
    await wrong({ members: 5 }, "members")
    await wrong({ size: 1e9 }, "size")
    await wrong({ size: "5" }, "size")
    await wrong({ seed: Number.NaN }, "seed")
    await wrong({ port: 70_000 }, "port")
  })

  it("says when it cannot be emulated on a port", async () => {
    await using emulator = await emulate({ size: 1 })
    const error = await rejection(emulate({ port: Number(new URL(emulator.origin).port) }))
    assert.instanceOf(error, CloudQuotaError)
    assert.strictEqual(error.field, "port")
  })
})

const memberOf = (event: ChangeEvent): string =>
  event.type === "Finished" ? event.result.member : event.member

describe("events", () => {
  it("come in order, with plain values", async () => {
    await using on = await team()
    const events: Array<ChangeEvent> = []
    const report = await on.gpu.quotas.change(everybody, tenMore, {
      run: "a",
      onEvent: (event) => events.push(event)
    })
    assert.deepStrictEqual(
      events.filter(({ type }) => type === "Sending").map(memberOf),
      everybody.map(String)
    )
    // A change is finished once its mark is durable, which may be with the next change.
    const finishes = events.filter(({ type }) => type === "Finished")
    assert.deepStrictEqual(finishes.map(memberOf), everybody.map(String))
    const [sending] = events
    const [finished] = finishes
    assert.strictEqual(sending?.type === "Sending" ? `${sending.delta}` : "", "10.00 CNY")
    assert.strictEqual(finished?.type === "Finished" ? finished.result.money : "", "moved")
    assert.deepStrictEqual(outcomes(report), ["60001 Applied", "60002 Applied", "60003 Applied"])
  })

  it("stop nothing when their watcher throws or rejects", async () => {
    await using on = await team()
    const warned: Array<string> = []
    const listen = (warning: Error) => warned.push(warning.message)
    process.on("warning", listen)
    try {
      let count = 0
      const report = await on.gpu.quotas.change(everybody, tenMore, {
        run: "a",
        onEvent: () => {
          count += 1
          if (count % 2 === 0) throw { it: "threw" }
          return Promise.reject(new Error("it rejected"))
        }
      })
      assert.isTrue(report.complete)
      await new Promise((resolve) => setImmediate(resolve))
      assert.strictEqual(warned.filter((words) => /: \{ it: 'threw' \}$/.test(words)).length, 3)
      assert.strictEqual(warned.filter((words) => /it rejected/.test(words)).length, 3)
    } finally {
      process.off("warning", listen)
    }
  })
})

describe("an abort", () => {
  it("before the call sends nothing", async () => {
    await using on = await team()
    const reason = new Error("too late")
    const signal = AbortSignal.abort(reason)
    assert.strictEqual(await rejection(on.gpu.quotas.change("60001", tenMore, { run: "a", signal })), reason)
    assert.strictEqual(await rejection(on.gpu.members.list({ signal }).toArray()), reason)
    assert.deepStrictEqual(await on.granted(), [])
  })

  it("gives up a read that hangs", async () => {
    await using on = await team()
    await on.inject({
      operation: "GetCompShareTeamInfo",
      fault: { _tag: "hang" },
      times: Number.POSITIVE_INFINITY
    })
    const aborting = new AbortController()
    const reads = [
      on.gpu.quotas.get("60001", { signal: aborting.signal }),
      on.gpu.members.list({ signal: aborting.signal }).toArray(),
      // Who is meant is read first, and nothing was sent.
      on.gpu.quotas.change(on.gpu.members.list(), tenMore, { run: "a", signal: aborting.signal })
    ].map(rejection)
    const reason = new Error("enough")
    setImmediate(() => aborting.abort(reason))
    assert.deepStrictEqual(await Promise.all(reads), [reason, reason, reason])
    assert.deepStrictEqual(await on.granted(), [])
  })

  it("between two members leaves the rest, and the run goes on later", async () => {
    await using on = await team()
    const { onEvent, signal } = abortAt(({ type }) => type === "Finished")
    const report = await on.gpu.quotas.change(everybody, tenMore, { run: "a", signal, onEvent })
    assert.isTrue(report.aborted)
    assert.isFalse(report.complete)
    assert.strictEqual(report.exitCode, 3)
    // The first change may finish while the second one is on its way already.
    const reached = outcomes(report)
    assert.deepStrictEqual(reached, ["60001 Applied", "60002 Applied"].slice(0, reached.length))
    assert.isNotEmpty(reached)
    assert.match(`${report}`, /run it again to continue/)
    const granted = ["60001 1000", "60002 1000"].slice(0, reached.length)
    assert.deepStrictEqual(await on.granted(), granted)

    const rest = await on.gpu.quotas.changeAll(
      everybody.slice(0, 1).map((member) => ({ member, metric: "allowance", action: { adjust: "10 CNY" } })),
      { run: "a" }
    )
    assert.isFalse(rest.aborted)
    assert.deepStrictEqual(await on.granted(), granted)
  })

  it("takes the answer of the request that is on its way", async () => {
    await using on = await team()
    // It is aborted before the request is written, and nothing is lost or left open.
    const { onEvent, signal } = abortAt(({ type }) => type === "Sending")
    const report = await on.gpu.quotas.change(everybody, tenMore, { run: "a", signal, onEvent })
    assert.isTrue(report.aborted)
    assert.deepStrictEqual(outcomes(report), ["60001 Applied"])
    assert.strictEqual(report.results[0]?.money, "moved")
    assert.deepStrictEqual(await on.granted(), ["60001 1000"])
    assert.deepStrictEqual(await on.gpu.changes.pending(), [])
  })

  it("does not wait for what became of a lost answer, and says that it is unknown", async () => {
    await using on = await team()
    await on.inject({ operation: change, fault: { _tag: "drop-after" } })
    const { onEvent, reason, signal } = abortAt(({ type }) => type === "Waiting")
    const report = await on.gpu.quotas.change(everybody, tenMore, { run: "a", signal, onEvent })
    assert.isTrue(report.aborted)
    assert.deepStrictEqual(outcomes(report), ["60001 Unknown"])
    const [lost] = report.results
    assert.strictEqual(lost?.money, "unknown")
    assert.strictEqual(lost?.next, "wait")
    assert.strictEqual(`${lost?.delta}`, "10.00 CNY")
    assert.strictEqual(report.exitCode, 4)
    assert.deepStrictEqual(await on.granted(), ["60001 1000"])
    const [open] = await on.gpu.changes.pending()
    assert.strictEqual(open?.state, "sending")
    assert.instanceOf(open?.createdAt, Date)
    // The same run waits first, and sends nothing for a member that it does not know about.
    assert.strictEqual(
      await rejection(on.gpu.quotas.change("60001", tenMore, { run: "a", signal, onEvent })),
      reason
    )
    const again = abortAt(({ type }) => type === "Waiting")
    assert.strictEqual(
      await rejection(
        on.gpu.quotas.change("60001", tenMore, { run: "a", signal: again.signal, onEvent: again.onEvent })
      ),
      again.reason
    )
    assert.strictEqual(await rejection(on.gpu.changes.recover(abortAtOnce(again))), again.reason)
    assert.deepStrictEqual(await on.granted(), ["60001 1000"])
  })

  it("of an offboarding says how far it came", async () => {
    await using on = await team()
    await on.inject({ operation: change, fault: { _tag: "drop-after" } })
    const { onEvent, signal } = abortAt(({ type }) => type === "Waiting")
    const leaving = await on.gpu.members.offboard("60001", { run: "offboard/60001", signal, onEvent })
    assert.isFalse(leaving.complete)
    assert.strictEqual(leaving.member, "60001")
    assert.strictEqual(leaving.membership, "kept")
    assert.deepStrictEqual(outcomes(leaving.report), ["60001 Unknown"])
    assert.deepStrictEqual(await on.granted(), ["60001 10000"])
  })

  it("is what closing does to a call that runs", async () => {
    const on = await team()
    await on.inject({ operation: change, fault: { _tag: "drop-after" } })
    let closed: Promise<void> | undefined
    const report = await on.gpu.quotas.change(everybody, tenMore, {
      run: "a",
      onEvent: ({ type }) => {
        if (type === "Waiting") closed = on.cloud.close()
      }
    })
    assert.deepStrictEqual(outcomes(report), ["60001 Unknown"])
    assert.isDefined(closed)
    await closed
    await on[Symbol.asyncDispose]()
  })

  it("of connecting holds for every call", async () => {
    await using emulator = await emulate({ size: 2 })
    const aborting = new AbortController()
    await using cloud = await connect({ accounts: { gpu: emulator.account }, signal: aborting.signal })
    assert.isAbove((await cloud.members().toArray()).length, 0)
    const reason = new Error("enough")
    aborting.abort(reason)
    assert.strictEqual(await rejection(cloud.members().toArray()), reason)
  })
})

const abortAtOnce = ({ signal }: { readonly signal: AbortSignal }) => ({ signal })

describe("a journal on disk", () => {
  it("is closed with the cloud, and the next one goes on with the run", async () => {
    await using emulator = await emulate({ size: 5 })
    const sqlite = mkdtempSync(join(tmpdir(), "cloud-quota-journal-"))
    try {
      const open = () => connect({ accounts: { gpu: emulator.account }, journal: { sqlite } })
      const topUp = (account: Account) =>
        account.quotas.change("60001", { allowance: { adjust: "10 CNY" } }, { run: "a" })
      const first = await open()
      assert.deepStrictEqual(readdirSync(sqlite), [])
      const refused = await rejection(topUp(first.account("gpu")))
      assert.instanceOf(refused, CloudQuotaError)
      assert.strictEqual(refused.reason, "PreconditionFailed")
      assert.match(refused.message, /baseline/)
      assert.isAbove((await first.account("gpu").changes.baseline()).length, 0)
      const [granted] = (await topUp(first.account("gpu"))).results
      assert.strictEqual(granted?.outcome, "Applied")
      await first.close()

      const second = await open()
      const [again] = (await topUp(second.account("gpu"))).results
      assert.match(again?.message ?? "", /done by an earlier call/)
      assert.strictEqual(again?.requestId, granted?.requestId)
      await second.close()
    } finally {
      rmSync(sqlite, { recursive: true })
    }
  })
})

describe("side by side", () => {
  it("calls do not disturb each other", async () => {
    await using on = await team()
    const [listed, quotas, first, second] = await Promise.all([
      on.gpu.members.list().toArray(),
      on.cloud.quotas().toArray(),
      on.gpu.quotas.change("60001", tenMore, { run: "a" }),
      on.gpu.quotas.change("60001", tenMore, { run: "a" })
    ])
    assert.strictEqual(listed.length, 3)
    assert.strictEqual(quotas.length, 3)
    assert.strictEqual(first.exitCode, 0)
    assert.strictEqual(second.exitCode, 0)
    assert.deepStrictEqual(await on.granted(), ["60001 1000"])
  })

  it("a walk that is left closes its request, and lets others go on", async () => {
    await using on = await team()
    await on.inject({ operation: "GetCompShareTeamInfo", fault: { _tag: "hang" } })
    const walk = on.gpu.members.list()[Symbol.asyncIterator]()
    const waiting = walk.next()
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepStrictEqual(await walk.return?.(), { done: true, value: undefined })
    assert.deepStrictEqual(await waiting, { done: true, value: undefined })
    assert.strictEqual((await on.gpu.members.list().toArray()).length, 3)
  })
})
