/**
 * The operate log as a witness: what it counts, and when it is none.
 */
import { assert, describe, it } from "@effect/vitest"
import * as AccountIdentity from "@cloud-quota/core/AccountIdentity"
import type * as Driver from "@cloud-quota/core/adapter/Driver"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { Transport } from "@cloud-quota/core/Transport"
import { Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as CompShareClient from "@cloud-quota/compshare/CompShareClient"
import * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import { makeDriver } from "../src/driver/driver.ts"
import { assertLike } from "../../../test/support/like.ts"

const options = {
  endpoint: "http://127.0.0.1:1",
  publicKey: CompShareEmulator.publicKey,
  privateKey: Redacted.make(CompShareEmulator.privateKey)
}

const logOf = (driver: Driver.Driver): Effect.Effect<Driver.DeltaLog> =>
  driver.write._tag === "Delta" && driver.write.log !== undefined
    ? Effect.succeed(driver.write.log)
    : Effect.die("the driver has no log")

const countLogged = (driver: Driver.Driver, since = 0) =>
  Effect.flatMap(logOf(driver), ({ count }) => Effect.map(count(since), (counted) => counted?.count))

/** An answer at a time of the provider's, in seconds; without a time if that is undefined. */
const answeredAt = (seconds: number | undefined, fields: object): TestTransport.Answer => ({
  ...TestTransport.json({ RetCode: 0, ...fields }),
  headers: seconds === undefined ? {} : { date: new Date(seconds * 1000).toUTCString() }
})

type Row = readonly [type: string, status: string]

/** What is counted in these pages, and how many were asked for. */
const counting = (...pages: ReadonlyArray<{ readonly Total: number; readonly rows: ReadonlyArray<Row> }>) =>
  Effect.gen(function* () {
    const transport = TestTransport.recording(
      TestTransport.scripted(
        pages.map(({ Total, rows }) =>
          answeredAt(1, {
            Total,
            Logs: rows.map(([OperateType, Status]) => ({ OperateType, Status, Content: "", CreateTime: 1 }))
          })
        )
      )
    )
    const client = yield* CompShareClient.make(options).pipe(Effect.provideService(Transport, transport))
    const count = yield* countLogged(makeDriver(client, 1001))
    return { count, asked: transport.requests.length }
  })

const grant: Row = ["分配金额", "成功"]
const times = (count: number, row: Row): ReadonlyArray<Row> => Array.from({ length: count }, () => row)

describe("the operate log", () => {
  it.effect("counts grants and withdrawals that succeeded, of the emulator too", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_700_000_000_000)
      const emulator = yield* CompShareEmulator.make({
        members: [{ virtualCompanyId: 60001, allocatedFen: 1000n }]
      })
      const client = yield* CompShareClient.make(options).pipe(
        Effect.provideService(Transport, emulator.transport)
      )
      const driver = makeDriver(client, 1001)
      assert.isTrue(AccountIdentity.isLoopback(driver.identity.endpoint))
      const { base, count } = yield* logOf(driver)
      yield* emulator.consoleAllocate(60001, 100n)
      const before = yield* base
      assert.deepStrictEqual(before, { since: 1_699_999_700_000, count: 1, newest: 1_700_000_000_000 })
      yield* emulator.consoleAllocate(60001, 500n)
      yield* emulator.consoleWithdraw(60001, 200n)
      assert.strictEqual((yield* count(before?.since ?? Number.NaN))?.count, 3)
    })
  )

  it.effect("does not count what failed, nor what is about something else", () =>
    Effect.gen(function* () {
      const rows: ReadonlyArray<Row> = [
        grant,
        ["提取金额", "失败"],
        ["发送邀请", "成功"],
        ["提取金额", "成功"]
      ]
      assert.deepStrictEqual(yield* counting({ Total: 4, rows }), { count: 2, asked: 1 })
    })
  )

  it.effect("reads on where the provider gives smaller pages than it was asked for", () =>
    Effect.gen(function* () {
      const pages = [
        { Total: 61, rows: times(50, grant) },
        { Total: 61, rows: times(11, grant) }
      ]
      assert.deepStrictEqual(yield* counting(...pages), { count: 61, asked: 2 })
    })
  )

  /** What a count asks for, answer by answer. */
  const asked = Effect.fnUntraced(function* (
    answers: ReadonlyArray<TestTransport.Answer>,
    call: (log: Driver.DeltaLog) => Effect.Effect<unknown, unknown>
  ) {
    const transport = TestTransport.recording(TestTransport.scripted(answers))
    const client = yield* CompShareClient.make(options).pipe(Effect.provideService(Transport, transport))
    const result = yield* Effect.flatMap(logOf(makeDriver(client, 1001)), call)
    const periods = transport.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
    return { result, periods }
  })
  const now = 1_700_000_100
  const entries = (at: number | undefined, rows: number, Total = rows) =>
    answeredAt(at, {
      Total,
      Logs: times(rows, grant).map(([OperateType, Status]) => ({ OperateType, Status }))
    })

  it.effect("is asked for oldest first, each page from where the one before it ended", () =>
    Effect.gen(function* () {
      const pages = [entries(now, 100, 150), entries(now, 50, 150)]
      const { periods, result } = yield* asked(pages, ({ count }) =>
        Effect.map(count(1_700_000_000_999), (counted) => counted?.count)
      )
      assert.strictEqual(result, 150)
      const common = {
        Action: "ListCompShareTeamOperateLog",
        TeamId: "1001",
        BeginTime: "1700000000",
        Limit: "100",
        OrderByASC: "true"
      }
      assertLike(periods, [
        { ...common, Offset: "0" },
        { ...common, Offset: "100" }
      ])
    })
  )

  it.effect("is counted in the provider's time, by a clock that is wrong by days too", () =>
    Effect.gen(function* () {
      for (const days of [-8, -20_000, 0, 8, 400]) {
        yield* TestClock.setTime((now + days * 86_400) * 1000)
        const { periods, result } = yield* asked(
          [entries(now, 0), entries(now, 2), entries(now + 60, 3)],
          ({ base, count }) =>
            Effect.flatMap(base, (before) =>
              Effect.map(count(before?.since ?? Number.NaN), (later) => [before, later?.count])
            )
        )
        assert.deepStrictEqual(result, [{ since: (now - 300) * 1000, count: 2 }, 3])
        for (const { BeginTime, EndTime } of periods.slice(1)) {
          assert.strictEqual(BeginTime, `${now - 300}`)
          assert.isAbove(Number(EndTime), now + 60)
        }
      }
    })
  )

  it.effect("is counted up to the provider's present time, however long ago it began", () =>
    Effect.gen(function* () {
      const later = now + 30 * 86_400
      const { periods, result } = yield* asked([entries(later, 1), entries(later, 2)], ({ count }) =>
        Effect.map(count(now * 1000), (counted) => counted?.count)
      )
      assert.strictEqual(result, 2)
      assert.isAbove(Number(periods[1]?.["EndTime"]), later)
    })
  )

  it.effect("is no witness without the provider's time, nor in a period that has not begun by it", () =>
    Effect.gen(function* () {
      assert.isUndefined((yield* asked([entries(undefined, 0)], ({ base }) => base)).result)
      for (const at of [undefined, now - 1]) {
        const { result } = yield* asked([entries(at, 0)], ({ count }) => count(now * 1000))
        assert.isUndefined(result)
      }
    })
  )

  it.effect("begins anew when an entry arrives between two pages, and gives up in the end", () =>
    Effect.gen(function* () {
      const first = { Total: 130, rows: times(100, grant) }
      const shifted = { Total: 131, rows: times(31, grant) }
      const whole = [
        { Total: 131, rows: times(100, grant) },
        { Total: 131, rows: times(31, grant) }
      ]
      assert.strictEqual((yield* counting(first, shifted, ...whole)).count, 131)
      assert.isUndefined((yield* counting(first, shifted, first, shifted, first, shifted)).count)
    })
  )

  it.effect("is no witness where a word is not known, or where it is too long", () =>
    Effect.gen(function* () {
      for (const row of [
        ["充值", "成功"],
        ["分配金额", "未成功"],
        ["AllocateAmount", "Unsuccessful"],
        // What becomes of somebody's allowance when they are removed is not documented.
        ["RemoveMember", "Success"],
        ["7", "1"]
      ] as const) {
        assert.isUndefined((yield* counting({ Total: 2, rows: [grant, row] })).count)
      }
      assert.isUndefined(
        (yield* counting(...times(3, grant).map(() => ({ Total: 50_000, rows: times(100, grant) })))).count
      )
    })
  )
})

describe("who has left", () => {
  it.effect("without any amounts keeps nobody from being read", () =>
    Effect.gen(function* () {
      const relation = { TeamId: 1001, UserCompanyId: 1, RemarkName: "a", CreateTime: 1 }
      const transport = TestTransport.scripted([
        TestTransport.json({
          RetCode: 0,
          Team: { Id: 1001, Name: "t", CompanyId: 1, Description: "" },
          TeamRelation: [
            {
              ...relation,
              VirtualCompanyId: 60001,
              Status: "Joined",
              AllocateAmount: 100,
              AvailableAmount: 80
            },
            { ...relation, VirtualCompanyId: 60002, Status: "Canceled" }
          ]
        })
      ])
      const client = yield* CompShareClient.make(options).pipe(Effect.provideService(Transport, transport))
      const { memberId, write } = makeDriver(client, 1001)
      const members = yield* Effect.forEach(["60001", "60002"], (id) => Effect.fromResult(memberId(id)))
      const snapshots = write._tag === "Delta" ? yield* write.snapshot(members) : []
      assert.deepStrictEqual(
        snapshots.map(({ member }) => member),
        ["60001"]
      )
    })
  )
})
