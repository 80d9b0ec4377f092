/**
 * How the client keeps to the provider's limits: one pace for reads, changes and the lines of changes, and
 * no reads while nobody answers.
 */
import { Account, Transport } from "@cloud-quota/core"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as CompShare from "@cloud-quota/compshare/CompShare"
import * as CompShareClient from "@cloud-quota/compshare/CompShareClient"
import * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import { options, text, untyped } from "./fixtures/clients.ts"
import { options as ofTeam, whileTimePasses } from "./fixtures/accounts.ts"
import { assertLike } from "../../../test/support/like.ts"

const fine = TestTransport.json({ RetCode: 0 })
const busy = (seconds: number) => text(`{"RetCode": 153}`, 200, { "retry-after": `${seconds}` })
const once = { retry: { attempts: 1 } }
const read = (client: CompShareClient.Service) => client.getCompShareTeamInfo({ TeamId: 1001 })
const change = {
  TeamId: 1001,
  VirtualCompanyId: [60001],
  Amount: Quantity.cny(10),
  OperateType: "AllocateAmount"
} as const

/** A client over a script, and what happened on its connections, and when. */
const watched = Effect.fnUntraced(function* (
  answers: ReadonlyArray<TestTransport.Answer>,
  more: Partial<CompShareClient.Options> = once
) {
  const happened: Array<string> = []
  const note = (what: string) =>
    Effect.map(Clock.currentTimeMillis, (at) => {
      happened.push(`${what} at ${at / 1000}`)
    })
  const inner = TestTransport.scripted(answers)
  const transport: Transport.Transport = {
    request: (request) => {
      const body = request.body === undefined ? "" : Redacted.value(request.body)
      return Effect.andThen(note(new URLSearchParams(body).get("Action") ?? "?"), inner.request(request))
    },
    open: (...origin) =>
      Effect.andThen(
        note("open"),
        Effect.map(inner.open(...origin), (line) => ({
          ...line,
          send: (...request: Parameters<typeof line.send>) =>
            Effect.andThen(note("change"), line.send(...request))
        }))
      )
  }
  const client = yield* Effect.provideService(
    CompShareClient.make({ ...options, ...more }),
    Transport.Transport,
    transport
  )
  return { client, happened }
})

describe("Retry-After", () => {
  it.effect("of one request is waited out by all: reads, calls, and the lines of changes", () =>
    Effect.gen(function* () {
      const { client, happened } = yield* watched([busy(7), fine, fine, fine])
      yield* Effect.exit(read(client))
      yield* TestClock.adjust("1 second")
      const fiber = yield* Effect.forkChild(
        Effect.all(
          [client.setCompShareTeamAmount(change), read(client), client.call("UpdateCompShareTeam", {})],
          { concurrency: 3 }
        )
      )
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.strictEqual(happened[0], "GetCompShareTeamInfo at 0")
      // Its turn is that of the line: once that is open, nothing waits any more.
      assert.deepStrictEqual(happened.slice(1, 3), ["open at 7", "change at 7"])
      for (const later of happened.slice(3)) assert.isAbove(Number(later.split(" at ")[1]), 7)
      assert.lengthOf(happened, 5)
    })
  )

  it.effect("never holds up a change whose line is open", () =>
    Effect.gen(function* () {
      const { client, happened } = yield* watched([busy(15), fine])
      yield* Effect.scoped(
        Effect.gen(function* () {
          const line = yield* client.connect
          yield* Effect.exit(read(client))
          yield* client.setCompShareTeamAmount(change, { line, check: () => true })
        })
      )
      assert.deepStrictEqual(happened, ["open at 0", "GetCompShareTeamInfo at 0", "change at 0"])
    })
  )

  it.effect("of a change is waited out by reads", () =>
    Effect.gen(function* () {
      const { client, happened } = yield* watched([busy(5), fine])
      yield* Effect.exit(client.setCompShareTeamAmount(change))
      const fiber = yield* Effect.forkChild(read(client))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(happened, ["open at 0", "change at 0", "GetCompShareTeamInfo at 5"])
    })
  )

  it.effect("that is long keeps a change from being connected, with the money where it was", () =>
    Effect.gen(function* () {
      const { client, happened } = yield* watched([busy(600)])
      yield* Effect.exit(read(client))
      const error = yield* Effect.flip(client.setCompShareTeamAmount(change))
      assertLike(error, {
        operation: "SetCompShareTeamAmount",
        money: "not-moved",
        reason: { _tag: "Throttled", retryAfterMillis: 600_000 }
      })
      assert.lengthOf(happened, 1)
    })
  )
})

describe("a known limit", () => {
  it.effect("is waited for before the allowance is read, so that no difference is to an old one", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ members: [{ virtualCompanyId: 60001 }] })
      const rateLimit = { requests: 4, per: Duration.hours(1) }
      const account = yield* Account.Account.pipe(
        Effect.provide(CompShare.layer({ ...ofTeam, rateLimit })),
        Effect.provideService(Transport.Transport, emulator.transport)
      )
      // Two more are there for the log and the allowance: a change after them has to wait for an hour.
      yield* account.quotas.get("60001")
      yield* account.quotas.get("60001")
      const topUp = account.quotas.change("60001", { allowance: { topUpTo: "500 CNY" } }, { run: "top-up" })
      const fiber = yield* Effect.forkChild(whileTimePasses(topUp))
      yield* TestClock.adjust("30 minutes")
      yield* emulator.consoleAllocate(60001, 500_00n)
      const report = yield* Fiber.join(fiber)
      assert.deepStrictEqual(
        report.results.map(({ outcome }) => outcome._tag),
        ["NoChange"]
      )
      assert.strictEqual((yield* emulator.state).members[0]?.allocatedFen, 500_00n)
    })
  )

  it.effect("is shared by reads and changes", () =>
    Effect.gen(function* () {
      const { client, happened } = yield* watched([fine, fine, fine], {
        rateLimit: { requests: 1, per: Duration.seconds(10) }
      })
      const all = Effect.all([read(client), client.setCompShareTeamAmount(change), read(client)])
      const fiber = yield* Effect.forkChild(all)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(happened, [
        "GetCompShareTeamInfo at 0",
        "open at 10",
        "change at 10",
        "GetCompShareTeamInfo at 20"
      ])
    })
  )
})

describe("while nobody answers", () => {
  const down = text("", 503)

  it.effect("reads are not sent, and changes are", () =>
    Effect.gen(function* () {
      const { client, happened } = yield* watched([down, down, down, down, down, fine, fine])
      for (let failed = 0; failed < 5; failed++) yield* Effect.exit(read(client))
      const error = yield* Effect.flip(client.describeCompShareSupportZone())
      assertLike(error, {
        operation: "DescribeCompShareSupportZone",
        money: "not-moved",
        reason: { _tag: "Unavailable", retryAfterMillis: 10_000 }
      })
      assert.lengthOf(happened, 5)
      yield* client.setCompShareTeamAmount(change)
      assert.deepStrictEqual(happened.slice(5), ["open at 0", "change at 0"])
      yield* TestClock.adjust("10 seconds")
      yield* read(client)
      assert.lengthOf(happened, 8)
    })
  )

  it.effect("reads are sent if that is what is wanted", () =>
    Effect.gen(function* () {
      const { client, happened } = yield* watched(
        Array.from({ length: 9 }, () => down),
        { ...once, circuitBreaker: "off" }
      )
      for (let failed = 0; failed < 9; failed++) yield* Effect.exit(read(client))
      assert.lengthOf(happened, 9)
    })
  )
})

describe("options", () => {
  it.effect.each<[Partial<CompShareClient.Options>, string]>([
    [{ rateLimit: untyped("fast") }, "rateLimit"],
    [{ rateLimit: { requests: 0, per: Duration.seconds(1) } }, "rateLimit.requests"],
    [{ circuitBreaker: { failures: 0 } }, "circuitBreaker.failures"]
  ])("%j are refused by name", ([wrong, field]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(CompShareClient.make({ ...options, ...wrong }))
      assertLike(error, { operation: "configure", reason: { _tag: "InvalidRequest", field } })
    })
  )
})
