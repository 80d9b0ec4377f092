/**
 * The transports that other tests lean on: they must mean the same as the real one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Redacted } from "effect"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import * as Transport from "@cloud-quota/core/Transport"

const origin = new URL("https://provider.test")
const post: Transport.Request = {
  method: "POST",
  url: new URL("/pay?a=1", origin),
  headers: { "X-Key": Redacted.make("k"), accept: "text/plain" },
  body: Redacted.make("b")
}
const sent: TestTransport.SentRequest = {
  method: "POST",
  url: "https://provider.test/pay?a=1",
  headers: { "x-key": "k", accept: "text/plain" },
  body: "b"
}

const overLine = (transport: Transport.Transport, check: () => boolean) =>
  Effect.scoped(Effect.flatMap(transport.open(origin), (line) => line.send(post, check)))

const failure = (phase: "not-sent" | "unknown") =>
  new Transport.TransportError({ phase, kind: "closed", message: "scripted" })

describe("scripted", () => {
  it.effect("answers in order, by the pool or over a line, with answers, failures and functions", () =>
    Effect.gen(function* () {
      const lost = failure("unknown")
      const transport = TestTransport.scripted([
        TestTransport.json({ n: 1 }),
        lost,
        (request) => TestTransport.json({ to: request.url, body: request.body }, 201)
      ])
      assert.deepStrictEqual(yield* transport.request(post), {
        status: 200,
        headers: { "content-type": "application/json" },
        body: '{"n":1}'
      })
      assert.strictEqual(yield* Effect.flip(transport.request(post)), lost)
      const third = yield* overLine(transport, () => true)
      assert.deepStrictEqual([third.status, JSON.parse(third.body)], [201, { to: sent.url, body: "b" }])
    })
  )

  it.effect("a request beyond the script is a defect that names it", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(TestTransport.scripted([]).request(post))
      assert.isTrue(Exit.hasDies(exit))
      assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", `POST ${sent.url}`)
    })
  )

  it.effect("a check that says no leaves the answer for the next request", () =>
    Effect.gen(function* () {
      const transport = TestTransport.scripted([TestTransport.json(1)])
      const error = yield* Effect.flip(overLine(transport, () => false))
      assert.deepStrictEqual([error.phase, error.kind], ["not-sent", "refused-by-check"])
      assert.strictEqual((yield* overLine(transport, () => true)).body, "1")
    })
  )

  it.effect("a request that never begins does not ask the check", () =>
    Effect.gen(function* () {
      let asked = 0
      const transport = TestTransport.scripted([failure("not-sent")])
      yield* Effect.flip(overLine(transport, () => ++asked > 0))
      assert.strictEqual(asked, 0)
    })
  )

  it.effect("a line sends one request", () =>
    Effect.gen(function* () {
      const line = yield* TestTransport.scripted([TestTransport.json(1), TestTransport.json(2)]).open(origin)
      yield* line.send(post, () => true)
      const error = yield* Effect.flip(line.send(post, () => true))
      assert.deepStrictEqual([error.phase, error.kind], ["not-sent", "invalid-request"])
    })
  )
})

describe("recording", () => {
  it.effect("keeps what was sent, revealed, and passes it on", () =>
    Effect.gen(function* () {
      const transport = TestTransport.recording(
        TestTransport.scripted([TestTransport.json(1), TestTransport.json(2)])
      )
      assert.strictEqual((yield* transport.request(post)).body, "1")
      assert.strictEqual((yield* overLine(transport, () => true)).body, "2")
      assert.deepStrictEqual(transport.requests, [sent, sent])
    })
  )

  it.effect("does not count what a check refused", () =>
    Effect.gen(function* () {
      const transport = TestTransport.recording(TestTransport.scripted([TestTransport.json(1)]))
      yield* Effect.flip(overLine(transport, () => false))
      assert.deepStrictEqual(transport.requests, [])
    })
  )

  it.effect("is provided like any transport", () =>
    Effect.gen(function* () {
      const transport = TestTransport.recording(TestTransport.scripted([TestTransport.json(1)]))
      const program = Effect.flatMap(Transport.Transport, ({ request }) => request(post))
      yield* Effect.provideService(program, Transport.Transport, transport)
      assert.strictEqual(transport.requests.length, 1)
    })
  )
})
