/**
 * Limits whose answers get lost, over the emulator: what a 5xx proves, what is sent again, and what waits.
 */
import { Account, Journal, Settlement, Transport } from "@cloud-quota/core"
import { MemberId } from "@cloud-quota/core/Member"
import * as SqliteJournal from "@cloud-quota/core/SqliteJournal"
import { MetaStudio } from "@cloud-quota/metastudio"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { accountOver, people, users, whileTimePasses } from "./fixtures/accounts.ts"
import { options, origin } from "./fixtures/clients.ts"

const put = "UpdateUserQuotas"
const run = { run: "december" }
const minutes = (count: number) => ({ "video-minutes": { set: `${count} min` } })

const answer = (status: number, code: string, effect: boolean) =>
  ({
    _tag: "answer",
    effect,
    response: { status, headers: {}, body: JSON.stringify({ error_code: code, error_msg: "said" }) }
  }) as const

const shown = ({
  results
}: {
  readonly results: ReadonlyArray<{ readonly outcome: { readonly _tag: string } }>
}) => results.map(({ outcome }) => outcome._tag)

const minutesOf = (emulator: MetaStudioEmulator.MetaStudioEmulator, user: string) =>
  Effect.map(emulator.user(user), (found) => found?.quota.video_time_2d_model)

const secondsOf = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.timed(effect), ([took, value]) => ({ seconds: Duration.toSeconds(took), value }))

/** An account over real HTTP, with the waiting times of production. */
const served = Effect.gen(function* () {
  const emulator = yield* MetaStudioEmulator.make({ users, iamUsers: people })
  const { origin: endpoint } = yield* emulator.serve()
  const account = yield* Account.Account.pipe(
    Effect.provide(MetaStudio.layer({ ...options, endpoint, iamEndpoint: endpoint, bssEndpoint: endpoint })),
    Effect.provideService(Journal.Journal, Journal.memory())
  )
  return { emulator, account }
})

describe("over real HTTP, in the times of production", { timeout: 240_000 }, () => {
  const puts = (emulator: MetaStudioEmulator.MetaStudioEmulator) => emulator.count(put)

  for (const [what, fault, sends] of [
    ["the documented 500, committed", answer(500, "MSS.00000004", true), 1],
    ["the documented 500, not committed", answer(500, "MSS.00000004", false), 2],
    ["a 500 with the code of a wrong parameter, committed", answer(500, "MSS.00000003", true), 1],
    ["a 500 with the code of a wrong parameter, not committed", answer(500, "MSS.00000003", false), 2],
    ["a 503 with the code of a rate limit, committed", answer(503, "APIGW.0308", true), 1],
    ["a 500 with the code of a stale token, committed", answer(500, "MSS.00000001", true), 1],
    ["a 504, committed", answer(504, "APIGW.0201", true), 1],
    ["a connection that was cut", { _tag: "drop-before" } as const, 2],
    ["the code of a wrong parameter in a success", answer(200, "MSS.00000003", true), 1],
    [
      "null, and no effect",
      { _tag: "answer", effect: false, response: { status: 200, headers: {}, body: "null" } } as const,
      2
    ],
    [
      "a page of a proxy with status 200, and no effect",
      { _tag: "answer", effect: false, response: { status: 200, headers: {}, body: "<html>" } } as const,
      2
    ],
    [
      "an empty page of a proxy with status 200, and no effect",
      {
        _tag: "answer",
        effect: false,
        response: { status: 200, headers: { "content-type": "text/html" }, body: "" }
      } as const,
      2
    ]
  ] as const) {
    it.live(`${what} is settled in seconds`, () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { account, emulator } = yield* served
          yield* emulator.inject({ operation: put, fault })
          const { seconds, value } = yield* secondsOf(account.quotas.change("lena", minutes(700), run))
          assert.deepStrictEqual(shown(value), ["Applied"], value.results[0]?.message)
          assert.isBelow(seconds, 30)
          assert.strictEqual(yield* puts(emulator), sends)
          assert.strictEqual(yield* minutesOf(emulator, "lena"), 700)
        })
      )
    )
  }

  it.live("two lost answers stop no batch that looking and sending again decide", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { account, emulator } = yield* served
        yield* emulator.inject([
          { operation: put, fault: answer(500, "MSS.00000004", true) },
          { operation: put, fault: answer(500, "MSS.00000004", false) }
        ])
        const { seconds, value } = yield* secondsOf(
          account.quotas.change(["lena", "wei"], { "video-minutes": { adjust: "10 min" } }, run)
        )
        assert.deepStrictEqual(shown(value), ["Applied", "Applied"])
        assert.isBelow(seconds, 30)
      })
    )
  )

  it.live("a refusal with status 400 is still a refusal", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { account, emulator } = yield* served
        yield* emulator.inject({ operation: put, fault: answer(400, "MSS.00000003", false) })
        const { results } = yield* account.quotas.change("lena", minutes(700), run)
        assert.deepStrictEqual(shown({ results }), ["Rejected"])
        assert.strictEqual(results[0]?.money, "not-moved")
      })
    )
  )
})

describe("the budget of retries", () => {
  it.effect("ends the sends of a lost put, too: then it is waited out", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(MetaStudioEmulator.seedTime)
      const emulator = yield* MetaStudioEmulator.make({ users, iamUsers: people })
      const account = yield* accountOver(emulator.transport, { circuitBreaker: "off" })
      // 20 retries, of 7 readings that fail, have used it up.
      yield* emulator.inject([
        { operation: "ListUserQuotas", fault: answer(503, "APIGW.0613", false), times: 27 },
        { operation: put, fault: { _tag: "drop-before" } }
      ])
      // As a listing gives it: a lookup that succeeds would earn a retry.
      const lena = { id: MemberId.make("lena"), status: { _tag: "active" } } as const
      yield* whileTimePasses(
        Effect.forEach(Array.from({ length: 7 }), () => Effect.exit(account.quotas.get(lena)))
      )
      const value = yield* whileTimePasses(account.quotas.change(lena, minutes(700), run))
      assert.deepStrictEqual(shown(value), ["NotApplied"], value.results[0]?.message)
      assert.strictEqual(yield* emulator.count(put), 1)
    })
  )
})

describe("a late put, over a journal on disk", () => {
  /** A gateway that answers 504 at once where the service is lost, with a code that it has no right to. */
  const throughGateway = (transport: Transport.Transport): Transport.Transport => ({
    ...transport,
    request: (request) => {
      const body = JSON.stringify({ error_code: "MSS.00000003", error_msg: "gave up" })
      return Effect.orElseSucceed(transport.request(request), () => ({ status: 504, headers: {}, body }))
    }
  })

  /** A process: its own journal over the folder, and its own account. It ends with the effect. */
  const inProcess = <A, E>(
    emulator: MetaStudioEmulator.MetaStudioEmulator,
    directory: string,
    work: (account: Account.Account["Service"]) => Effect.Effect<A, E>
  ) =>
    Effect.flatMap(Account.Account, work).pipe(
      Effect.provide(
        MetaStudio.layer({ ...options, endpoint: origin }).pipe(
          Layer.provideMerge(SqliteJournal.layer({ directory })),
          Layer.fresh
        )
      ),
      Effect.provideService(Transport.Transport, throughGateway(emulator.transport)),
      Effect.provideService(Settlement.Settlement, Settlement.defaults)
    )

  const setting = Effect.gen(function* () {
    yield* TestClock.setTime(MetaStudioEmulator.seedTime)
    const emulator = yield* MetaStudioEmulator.make({ users, iamUsers: people })
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "lost-puts-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    )
    return { emulator, directory }
  })

  /** The gateway gives up early, and the put is carried out 60 seconds later. */
  const early504 = [{ operation: put, fault: { _tag: "lose-late", delay: Duration.seconds(60) } as const }]

  it.effect("does not overwrite what is set after it, in the same process or in the next one", () =>
    Effect.scoped(
      Effect.gen(function* () {
        for (const sameProcess of [true, false]) {
          const { directory, emulator } = yield* setting
          yield* emulator.inject(early504)
          const first = (account: Account.Account["Service"]) =>
            account.quotas.change("lena", minutes(700), run)
          const second = (account: Account.Account["Service"]) =>
            account.quotas.change("lena", minutes(900), { run: "january" })
          const [before, after] = yield* whileTimePasses(
            sameProcess
              ? inProcess(emulator, directory, (account) => Effect.all([first(account), second(account)]))
              : Effect.all([inProcess(emulator, directory, first), inProcess(emulator, directory, second)])
          )
          yield* TestClock.adjust("10 minutes")
          assert.deepStrictEqual([shown(before), shown(after)], [["Applied"], ["Applied"]])
          assert.strictEqual(yield* minutesOf(emulator, "lena"), 900)
        }
      })
    )
  )

  it.effect("is counted on disk, and no longer once it was waited out", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { directory, emulator } = yield* setting
        yield* emulator.inject(early504)
        const counts = Effect.flatMap(Journal.Journal, (journal) =>
          Stream.runCollect(
            Stream.map(journal.intents(), ({ closing, state, unanswered }) => [state, closing, unanswered])
          )
        ).pipe(Effect.provide(Layer.fresh(SqliteJournal.layer({ directory }))))
        yield* whileTimePasses(
          inProcess(emulator, directory, (account) => account.quotas.change("lena", minutes(700), run))
        )
        assert.deepStrictEqual(yield* counts, [["applied", "as-asked", 1]])
        yield* whileTimePasses(
          inProcess(emulator, directory, (account) =>
            account.quotas.change("lena", minutes(700), { run: "same" })
          )
        )
        assert.deepStrictEqual(yield* counts, [
          ["applied", "as-asked", 0],
          ["no-change", undefined, 0]
        ])
      })
    )
  )
})
