/**
 * The emulators' common ground, with a provider that only counts: `POST /add` adds one and tells
 * the sum. Every fault is tried at both doors, and the sum says how often it took effect.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Redacted, Scheduler, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as http from "node:http"
import * as net from "node:net"
import * as Emulator from "@cloud-quota/core/testing/Emulator"
import { type Request, type Response, Transport, type TransportError } from "@cloud-quota/core/Transport"

const counter = () => {
  const seen: Array<{ readonly sum: number; readonly at: number }> = []
  const machine: Emulator.Machine = {
    operation: (request) =>
      request.method === "POST" && request.target.startsWith("/add")
        ? "Add"
        : request.target === "/broken"
          ? "Broken"
          : "unknown",
    handle: (request, now) => {
      if (request.target === "/broken") throw new Error("the machine is broken")
      if (request.method !== "POST") return json(404, { error: "no such operation" })
      seen.push({ sum: seen.length + 1, at: now })
      return json(200, { sum: seen.length })
    }
  }
  return { machine, sum: () => seen.length, lastAt: () => seen.at(-1)?.at }
}

const json = (status: number, body: unknown): Emulator.WireResponse => ({
  status,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body)
})

const setUp = (options?: { readonly keepRequests?: number }) =>
  Effect.gen(function* () {
    const { machine, sum, lastAt } = counter()
    const emulator = yield* Emulator.make(machine, options)
    const inject = (fault: Emulator.Fault, times?: number) =>
      emulator.inject({ operation: "Add", fault, ...(times === undefined ? {} : { times }) })
    return { emulator, inject, sum, lastAt }
  })

const seconds = (n: number) => Duration.seconds(n)

/** A request that is held until it is released, and word of its arrival. */
const holding = Effect.gen(function* () {
  const begun = yield* Deferred.make<void>()
  const released = yield* Deferred.make<void>()
  const until = Effect.andThen(Deferred.succeed(begun, undefined), Deferred.await(released))
  const fault: Emulator.Fault = { _tag: "held", until }
  return { fault, begun: Deferred.await(begun), release: Deferred.succeed(released, undefined) }
})

/** Lets the real sockets work until it is so; the runner's own time limit is the only clock. */
const until = (condition: Effect.Effect<boolean>) =>
  Effect.gen(function* () {
    while (!(yield* condition)) yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
  })

const arrived = (emulator: Emulator.Emulator, n: number) =>
  until(Effect.map(emulator.count("Add"), (count) => count >= n))

describe("a served emulator", () => {
  it.live("is for programs on this machine, and not for web pages", () =>
    Effect.gen(function* () {
      const { emulator, sum } = yield* setUp()
      const { port } = yield* emulator.serve()
      const ask = (headers: Readonly<Record<string, string>>) =>
        Effect.callback<number | undefined>((resume) => {
          const request = { host: "127.0.0.1", port, path: "/add", method: "POST", headers }
          http
            .request(request, (response) => {
              response.resume()
              resume(Effect.succeed(response.statusCode))
            })
            .end()
        })
      for (const host of [
        "evil.test",
        `evil.test:${port}`,
        "127.0.0.1",
        `127.0.0.1:${port + 1}`,
        `127.0.0.2:${port}`
      ]) {
        assert.strictEqual(yield* ask({ host }), 403, host)
      }
      for (const origin of ["https://evil.test", "null", "http://localhost", `https://localhost:${port}`]) {
        assert.strictEqual(yield* ask({ origin }), 403, origin)
      }
      assert.strictEqual(sum(), 0)
      for (const host of [`127.0.0.1:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
        assert.strictEqual(yield* ask({ host }), 200, host)
      }
      assert.strictEqual(yield* ask({ origin: `http://localhost:${port}` }), 200)
    })
  )

  it.live("takes headers as large as a provider's", () =>
    Effect.gen(function* () {
      const { emulator } = yield* setUp()
      const { origin } = yield* emulator.serve()
      const url = new URL("/add", origin)
      const request: Request = { method: "POST", url, headers: { "x-auth-token": "t".repeat(16_384) } }
      assert.strictEqual((yield* (yield* Transport).request(request)).status, 200)
    })
  )
})

describe("in memory", () => {
  const origin = new URL("https://api.example.com")
  const add: Request = {
    method: "POST",
    url: new URL("/add?a=1%20#here", origin),
    headers: { "X-Token": Redacted.make("s3cret") },
    body: Redacted.make('{"é":1}')
  }
  const what = (error: TransportError) => ({ phase: error.phase, kind: error.kind })

  it.effect("hands the machine what a real client would send, and answers as a real server would", () =>
    Effect.gen(function* () {
      const { emulator } = yield* setUp()
      yield* TestClock.setTime(5000)
      const response = yield* emulator.transport.request(add)
      assert.deepStrictEqual(response, {
        status: 200,
        headers: {
          "content-type": "application/json",
          "content-length": "9",
          date: "Thu, 01 Jan 1970 00:00:05 GMT"
        },
        body: '{"sum":1}'
      })
      assert.deepStrictEqual(yield* emulator.requests, [
        {
          operation: "Add",
          request: {
            method: "POST",
            target: "/add?a=1%20",
            headers: {
              host: "api.example.com",
              "accept-encoding": "identity",
              "content-length": "8",
              "x-token": "s3cret"
            },
            body: '{"é":1}'
          },
          at: 5000
        }
      ])
    })
  )

  for (const [fault, effects] of [
    [{ _tag: "drop-before" }, 0],
    [{ _tag: "drop-after" }, 1],
    [{ _tag: "truncate" }, 1]
  ] as const) {
    it.effect(`${fault._tag}: closed, and ${effects} effects`, () =>
      Effect.gen(function* () {
        const { emulator, inject, sum } = yield* setUp()
        yield* inject(fault)
        const error = yield* Effect.flip(emulator.transport.request(add))
        assert.deepStrictEqual(what(error), { phase: "unknown", kind: "closed" })
        assert.strictEqual(sum(), effects)
        assert.strictEqual((yield* emulator.transport.request(add)).body, `{"sum":${effects + 1}}`)
      })
    )
  }

  it.effect("late: the effect and then the answer come after the delay, with the time of then", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum, lastAt } = yield* setUp()
      yield* inject({ _tag: "late", delay: seconds(10) })
      const client = yield* Effect.forkChild(emulator.transport.request(add))
      yield* TestClock.adjust(seconds(9))
      assert.strictEqual(sum(), 0)
      yield* TestClock.adjust(seconds(1))
      assert.strictEqual(sum(), 1)
      assert.strictEqual((yield* Fiber.join(client)).body, '{"sum":1}')
      assert.strictEqual(lastAt(), 10_000)
    })
  )

  it.effect("late: the effect comes even though the client timed out, as its own timeout has it", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum } = yield* setUp()
      yield* inject({ _tag: "late", delay: seconds(60) }, 2)
      const hasty = yield* Effect.forkChild(
        Effect.flip(emulator.transport.request({ ...add, timeout: seconds(5) }))
      )
      const usual = yield* Effect.forkChild(Effect.flip(emulator.transport.request(add)))
      yield* TestClock.adjust(seconds(5))
      assert.deepStrictEqual(what(yield* Fiber.join(hasty)), { phase: "unknown", kind: "timeout" })
      yield* TestClock.adjust(seconds(24))
      assert.isUndefined(usual.pollUnsafe())
      yield* TestClock.adjust(seconds(1))
      assert.deepStrictEqual(what(yield* Fiber.join(usual)), { phase: "unknown", kind: "timeout" })
      assert.strictEqual(sum(), 0)
      yield* TestClock.adjust(seconds(30))
      assert.strictEqual(sum(), 2)
    })
  )

  it.effect("late: the effect comes even though the client was interrupted", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum } = yield* setUp()
      yield* inject({ _tag: "late", delay: seconds(10) })
      const client = yield* Effect.forkChild(emulator.transport.request(add), { startImmediately: true })
      yield* Fiber.interrupt(client)
      assert.strictEqual(sum(), 0)
      yield* TestClock.adjust(seconds(10))
      assert.strictEqual(sum(), 1)
    })
  )

  it.effect("late: what arrived takes effect, at whatever step the client is interrupted", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum } = yield* setUp()
      yield* inject({ _tag: "late", delay: seconds(10) }, Number.POSITIVE_INFINITY)
      for (let steps = 0; steps < 60; steps++) {
        const client = yield* emulator.transport.request(add).pipe(
          // As many chances as possible to interrupt it in between.
          Effect.provideService(Scheduler.MaxOpsBeforeYield, 3),
          Effect.forkChild({ startImmediately: true })
        )
        for (let step = 0; step < steps; step++) yield* Effect.yieldNow
        yield* Fiber.interrupt(client)
      }
      // Twice, since the last provider may not have begun to wait before the first time.
      yield* TestClock.adjust(seconds(10))
      yield* TestClock.adjust(seconds(10))
      const count = yield* emulator.count("Add")
      assert.isTrue(0 < count && count < 60, "some were interrupted before and some after the arrival")
      assert.strictEqual(sum(), count)
    })
  )

  it.effect("a client that cannot be interrupted times out all the same", () =>
    Effect.gen(function* () {
      const { emulator, inject } = yield* setUp()
      yield* inject({ _tag: "hang" })
      const client = yield* Effect.forkChild(
        Effect.uninterruptible(Effect.flip(emulator.transport.request(add)))
      )
      yield* TestClock.adjust(seconds(30))
      assert.deepStrictEqual(what(yield* Fiber.join(client)), { phase: "unknown", kind: "timeout" })
    })
  )

  it.effect("lose-late: closed at once, and the effect comes after the delay", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum } = yield* setUp()
      yield* inject({ _tag: "lose-late", delay: seconds(10) })
      const error = yield* Effect.flip(emulator.transport.request(add))
      assert.deepStrictEqual(what(error), { phase: "unknown", kind: "closed" })
      yield* TestClock.adjust(seconds(9))
      assert.strictEqual(sum(), 0)
      yield* TestClock.adjust(seconds(1))
      assert.strictEqual(sum(), 1)
    })
  )

  it.effect("held: `until` begins with the request, and the effect and the answer come when it ends", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum, lastAt } = yield* setUp()
      const held = yield* holding
      yield* inject(held.fault)
      const client = yield* Effect.forkChild(emulator.transport.request(add))
      yield* held.begun
      yield* TestClock.adjust(seconds(20))
      assert.strictEqual(sum(), 0)
      yield* held.release
      assert.strictEqual((yield* Fiber.join(client)).body, '{"sum":1}')
      assert.strictEqual(lastAt(), 20_000)
    })
  )

  it.effect("held: the effect comes even though the client left", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum } = yield* setUp()
      const held = yield* holding
      yield* inject(held.fault)
      const client = yield* Effect.forkChild(emulator.transport.request(add), { startImmediately: true })
      yield* Fiber.interrupt(client)
      assert.strictEqual(sum(), 0)
      yield* held.release
      yield* until(Effect.sync(() => sum() === 1))
    })
  )

  it.effect("duplicate: two effects, one arrival, and the second answer", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum } = yield* setUp()
      yield* inject({ _tag: "duplicate" })
      assert.strictEqual((yield* emulator.transport.request(add)).body, '{"sum":2}')
      assert.strictEqual(sum(), 2)
      assert.strictEqual(yield* emulator.count("Add"), 1)
    })
  )

  it.effect("answer: the given one, with or without an effect", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum } = yield* setUp()
      const response = json(503, { error: "busy" })
      yield* inject({ _tag: "answer", response, effect: false })
      yield* inject({ _tag: "answer", response, effect: true })
      assert.strictEqual((yield* emulator.transport.request(add)).status, 503)
      assert.strictEqual(sum(), 0)
      assert.strictEqual((yield* emulator.transport.request(add)).body, '{"error":"busy"}')
      assert.strictEqual(sum(), 1)
    })
  )

  it.effect("huge: spaces after the answer, and too large above the client's limit", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum } = yield* setUp()
      yield* inject({ _tag: "huge", bytes: 91 }, 2)
      const whole = yield* emulator.transport.request({ ...add, maxResponseBytes: 100 })
      assert.strictEqual(whole.body, `{"sum":1}${" ".repeat(91)}`)
      assert.strictEqual(whole.headers["content-length"], "100")
      const error = yield* Effect.flip(emulator.transport.request({ ...add, maxResponseBytes: 99 }))
      assert.deepStrictEqual(what(error), { phase: "unknown", kind: "too-large" })
      assert.strictEqual(sum(), 2)
    })
  )

  it.effect("huge: too large above 64 MiB if the client sets no limit", () =>
    Effect.gen(function* () {
      const { emulator, inject } = yield* setUp()
      yield* inject({ _tag: "huge", bytes: 64 * 1024 * 1024 - 8 })
      assert.strictEqual((yield* Effect.flip(emulator.transport.request(add))).kind, "too-large")
    })
  )

  it.effect("hang: no effect, no answer, and a timeout", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum } = yield* setUp()
      yield* inject({ _tag: "hang" })
      const client = yield* Effect.forkChild(Effect.flip(emulator.transport.request(add)))
      yield* TestClock.adjust(seconds(29))
      assert.isUndefined(client.pollUnsafe())
      yield* TestClock.adjust(seconds(1))
      assert.deepStrictEqual(what(yield* Fiber.join(client)), { phase: "unknown", kind: "timeout" })
      assert.strictEqual(sum(), 0)
    })
  )

  it.effect("rewrite: the answer changed, and one effect", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum } = yield* setUp()
      yield* inject({ _tag: "rewrite", body: (body) => body.replace("1", '"one"') })
      const response = yield* emulator.transport.request(add)
      assert.strictEqual(response.body, '{"sum":"one"}')
      assert.strictEqual(response.headers["content-length"], "13")
      assert.strictEqual(sum(), 1)
    })
  )

  it.effect("a refused connection is not sent, and nothing arrives", () =>
    Effect.gen(function* () {
      const { emulator } = yield* setUp()
      yield* emulator.refuseConnections(2)
      const refused = { phase: "not-sent", kind: "connect" }
      const opening = yield* Effect.flip(Effect.scoped(emulator.transport.open(origin)))
      assert.deepStrictEqual(what(opening), refused)
      assert.strictEqual(opening.code, "ECONNREFUSED")
      assert.deepStrictEqual(what(yield* Effect.flip(emulator.transport.request(add))), refused)
      assert.deepStrictEqual(yield* emulator.requests, [])
      assert.strictEqual((yield* emulator.transport.request(add)).status, 200)
    })
  )

  it.effect("refuses the addresses that a real transport refuses", () =>
    Effect.gen(function* () {
      const { emulator, sum } = yield* setUp()
      const url = new URL("http://api.example.com/add")
      const refused = { phase: "not-sent", kind: "invalid-request" }
      assert.deepStrictEqual(what(yield* Effect.flip(emulator.transport.request({ ...add, url }))), refused)
      assert.deepStrictEqual(what(yield* Effect.flip(Effect.scoped(emulator.transport.open(url)))), refused)
      assert.strictEqual(sum(), 0)
    })
  )

  describe("a line", () => {
    it.effect("asks the check last, and only once, before the request arrives", () =>
      Effect.gen(function* () {
        const { emulator, sum } = yield* setUp()
        const line = yield* emulator.transport.open(origin)
        const sums: Array<number> = []
        const response = yield* line.send(add, () => {
          sums.push(sum())
          return true
        })
        assert.strictEqual(response.body, '{"sum":1}')
        assert.deepStrictEqual(sums, [0])
        assert.strictEqual(line.resetReaches, "provider")
      })
    )

    it.effect("sends nothing if the check says no", () =>
      Effect.gen(function* () {
        const { emulator, inject, sum } = yield* setUp()
        yield* inject({ _tag: "drop-after" })
        const line = yield* emulator.transport.open(origin)
        const error = yield* Effect.flip(line.send(add, () => false))
        assert.deepStrictEqual(what(error), { phase: "not-sent", kind: "refused-by-check" })
        assert.strictEqual(yield* emulator.count("Add"), 0)
        // What was not sent meets no fault: it waits for the next request.
        yield* Effect.flip(emulator.transport.request(add))
        assert.strictEqual(sum(), 1)
      })
    )

    it.effect("carries one request", () =>
      Effect.gen(function* () {
        const { emulator, sum } = yield* setUp()
        const line = yield* emulator.transport.open(origin)
        yield* line.send(add, () => true)
        const error = yield* Effect.flip(line.send(add, () => true))
        assert.deepStrictEqual(what(error), { phase: "not-sent", kind: "invalid-request" })
        assert.strictEqual(sum(), 1)
      })
    )

    it.effect("leads to its origin only", () =>
      Effect.gen(function* () {
        const { emulator, sum } = yield* setUp()
        const line = yield* emulator.transport.open(new URL("https://other.example.com"))
        const error = yield* Effect.flip(line.send(add, () => true))
        assert.deepStrictEqual(what(error), { phase: "not-sent", kind: "invalid-request" })
        assert.strictEqual(sum(), 0)
      })
    )

    it.effect("fails when it is reset, and the provider goes on with what it received", () =>
      Effect.gen(function* () {
        const { emulator, inject, sum } = yield* setUp()
        yield* inject({ _tag: "late", delay: seconds(10) })
        const line = yield* emulator.transport.open(origin)
        const client = yield* Effect.forkChild(Effect.flip(line.send(add, () => true)), {
          startImmediately: true
        })
        yield* line.reset
        assert.deepStrictEqual(what(yield* Fiber.join(client)), { phase: "unknown", kind: "closed" })
        yield* TestClock.adjust(seconds(10))
        assert.strictEqual(sum(), 1)
      })
    )

    it.effect("is gone with its scope", () =>
      Effect.gen(function* () {
        const { emulator, sum } = yield* setUp()
        const line = yield* Effect.scoped(emulator.transport.open(origin))
        const error = yield* Effect.flip(line.send(add, () => true))
        assert.deepStrictEqual(what(error), { phase: "not-sent", kind: "closed" })
        assert.strictEqual(sum(), 0)
      })
    )
  })

  it.effect("faults are met in order, by requests of their operation only", () =>
    Effect.gen(function* () {
      const { emulator } = yield* setUp()
      const answer = (status: number): Emulator.Fault => ({
        _tag: "answer",
        response: json(status, {}),
        effect: false
      })
      yield* emulator.inject([
        { operation: "Add", fault: answer(501), times: 2 },
        { operation: "unknown", fault: answer(505) },
        { operation: "Add", fault: answer(502) }
      ])
      yield* emulator.inject({ operation: "Add", fault: answer(503), times: Number.POSITIVE_INFINITY })
      const other: Request = { method: "GET", url: new URL("/nothing", origin), headers: {} }
      const statuses: Array<number> = []
      for (const request of [add, other, add, add, add, other, add]) {
        statuses.push((yield* emulator.transport.request(request)).status)
      }
      assert.deepStrictEqual(statuses, [501, 505, 501, 502, 503, 404, 503])
    })
  )

  it.effect("a fault that no request could meet is a mistake", () =>
    Effect.gen(function* () {
      const { inject } = yield* setUp()
      for (const times of [0, -1, 1.5, Number.NaN]) {
        const exit = yield* Effect.exit(inject({ _tag: "hang" }, times))
        assert.include(String(exit), "above 0")
      }
    })
  )

  it.effect("the log keeps the last requests, and the count knows all of them", () =>
    Effect.gen(function* () {
      const { emulator } = yield* setUp({ keepRequests: 3 })
      for (let i = 1; i <= 5; i++) {
        yield* emulator.transport.request({ ...add, url: new URL(`/add?n=${i}`, origin) })
      }
      assert.deepStrictEqual(
        (yield* emulator.requests).map((received) => received.request.target),
        ["/add?n=3", "/add?n=4", "/add?n=5"]
      )
      assert.strictEqual(yield* emulator.count("Add"), 5)
      assert.strictEqual(yield* emulator.count("unknown"), 0)
    })
  )
})

describe("over HTTP", () => {
  interface Answer {
    readonly status: number
    readonly headers: http.IncomingHttpHeaders
    readonly body: string
  }

  /** What a client sees on a connection of its own: a whole answer, or how it broke off. */
  const exchange = (
    origin: string,
    options: { readonly path?: string; readonly body?: string; readonly signal?: AbortSignal } = {}
  ): Promise<Answer | { readonly broken: "before the answer" | "in the answer" }> =>
    new Promise((resolve) => {
      const { path = "/add", body = "", signal } = options
      const request = http.request(
        origin + path,
        { method: "POST", agent: false, ...(signal === undefined ? {} : { signal }) },
        (response) => {
          const chunks: Array<Buffer> = []
          response.on("data", (chunk: Buffer) => chunks.push(chunk))
          response.on("error", () => resolve({ broken: "in the answer" }))
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString()
            })
          )
        }
      )
      request.on("error", () => resolve({ broken: "before the answer" }))
      request.end(body)
    })

  const post = (...args: Parameters<typeof exchange>) => Effect.promise(() => exchange(...args))

  const serving = (options?: { readonly keepRequests?: number }) =>
    Effect.gen(function* () {
      const all = yield* setUp(options)
      const { origin, port } = yield* all.emulator.serve()
      return { ...all, origin, port }
    })

  const broken = (where: "before the answer" | "in the answer") => ({ broken: where })
  const bodyOf = (answer: object) => ("body" in answer ? answer.body : answer)

  it.effect("passes the request as it came, and the answer with its length", () =>
    Effect.gen(function* () {
      const { emulator, origin, port } = yield* serving()
      yield* TestClock.setTime(7000)
      const response = yield* Effect.promise(() =>
        fetch(`${origin}/add?a=1%20`, { method: "POST", headers: { "X-Token": "s3cret" }, body: '{"é":1}' })
      )
      assert.strictEqual(yield* Effect.promise(() => response.text()), '{"sum":1}')
      assert.strictEqual(response.headers.get("content-type"), "application/json")
      assert.strictEqual(response.headers.get("content-length"), "9")
      assert.strictEqual(response.headers.get("date"), "Thu, 01 Jan 1970 00:00:07 GMT")
      const [received] = yield* emulator.requests
      assert.strictEqual(received?.operation, "Add")
      assert.strictEqual(received?.at, 7000)
      assert.strictEqual(received?.request.method, "POST")
      assert.strictEqual(received?.request.target, "/add?a=1%20")
      assert.strictEqual(received?.request.body, '{"é":1}')
      assert.strictEqual(received?.request.headers["x-token"], "s3cret")
      assert.strictEqual(received?.request.headers["content-length"], "8")
      assert.strictEqual(received?.request.headers["host"], `127.0.0.1:${port}`)
      assert.strictEqual(origin, `http://127.0.0.1:${port}`)
    })
  )

  it.effect("drop-before and drop-after: no answer; none and one effect", () =>
    Effect.gen(function* () {
      const { inject, origin, sum } = yield* serving()
      yield* inject({ _tag: "drop-before" })
      yield* inject({ _tag: "drop-after" })
      assert.deepStrictEqual(yield* post(origin), broken("before the answer"))
      assert.strictEqual(sum(), 0)
      assert.deepStrictEqual(yield* post(origin), broken("before the answer"))
      assert.strictEqual(sum(), 1)
      assert.strictEqual(bodyOf(yield* post(origin)), '{"sum":2}')
    })
  )

  it.effect("late: the effect and then the answer come after the delay", () =>
    Effect.gen(function* () {
      const { emulator, inject, origin, sum, lastAt } = yield* serving()
      yield* inject({ _tag: "late", delay: seconds(10) })
      const client = yield* Effect.forkChild(post(origin), { startImmediately: true })
      yield* arrived(emulator, 1)
      yield* TestClock.adjust(seconds(9))
      assert.strictEqual(sum(), 0)
      yield* TestClock.adjust(seconds(1))
      assert.strictEqual(bodyOf(yield* Fiber.join(client)), '{"sum":1}')
      assert.strictEqual(sum(), 1)
      assert.strictEqual(lastAt(), 10_000)
    })
  )

  it.effect("late: the effect comes even though the client left", () =>
    Effect.gen(function* () {
      const { emulator, inject, origin, sum } = yield* serving()
      yield* inject({ _tag: "late", delay: seconds(10) })
      const leave = new AbortController()
      const client = yield* Effect.forkChild(post(origin, { signal: leave.signal }), {
        startImmediately: true
      })
      yield* arrived(emulator, 1)
      leave.abort()
      assert.deepStrictEqual(yield* Fiber.join(client), broken("before the answer"))
      yield* TestClock.adjust(seconds(10))
      yield* until(Effect.sync(() => sum() === 1))
      assert.strictEqual(bodyOf(yield* post(origin)), '{"sum":2}')
    })
  )

  it.effect("lose-late: no answer, and the effect comes after the delay", () =>
    Effect.gen(function* () {
      const { inject, origin, sum } = yield* serving()
      yield* inject({ _tag: "lose-late", delay: seconds(10) })
      assert.deepStrictEqual(yield* post(origin), broken("before the answer"))
      yield* TestClock.adjust(seconds(9))
      assert.strictEqual(sum(), 0)
      yield* TestClock.adjust(seconds(1))
      assert.strictEqual(sum(), 1)
    })
  )

  it.effect("held: `until` begins with the request, and the effect and the answer come when it ends", () =>
    Effect.gen(function* () {
      const { inject, origin, sum, lastAt } = yield* serving()
      const held = yield* holding
      yield* inject(held.fault)
      const client = yield* Effect.forkChild(post(origin), { startImmediately: true })
      yield* held.begun
      yield* TestClock.adjust(seconds(20))
      assert.strictEqual(sum(), 0)
      yield* held.release
      assert.strictEqual(bodyOf(yield* Fiber.join(client)), '{"sum":1}')
      assert.strictEqual(lastAt(), 20_000)
    })
  )

  it.effect("held: the effect comes even though the client left", () =>
    Effect.gen(function* () {
      const { inject, origin, sum } = yield* serving()
      const held = yield* holding
      yield* inject(held.fault)
      const leave = new AbortController()
      const client = yield* Effect.forkChild(post(origin, { signal: leave.signal }), {
        startImmediately: true
      })
      yield* held.begun
      leave.abort()
      assert.deepStrictEqual(yield* Fiber.join(client), broken("before the answer"))
      assert.strictEqual(sum(), 0)
      yield* held.release
      yield* until(Effect.sync(() => sum() === 1))
    })
  )

  it.effect("duplicate: two effects, one arrival, and the second answer", () =>
    Effect.gen(function* () {
      const { emulator, inject, origin, sum } = yield* serving()
      yield* inject({ _tag: "duplicate" })
      assert.strictEqual(bodyOf(yield* post(origin)), '{"sum":2}')
      assert.strictEqual(sum(), 2)
      assert.strictEqual(yield* emulator.count("Add"), 1)
    })
  )

  it.effect("answer: the given one, with or without an effect", () =>
    Effect.gen(function* () {
      const { inject, origin, sum } = yield* serving()
      const response = json(503, { error: "busy" })
      yield* inject({ _tag: "answer", response, effect: false })
      yield* inject({ _tag: "answer", response, effect: true })
      assert.deepInclude(yield* post(origin), { status: 503, body: '{"error":"busy"}' })
      assert.strictEqual(sum(), 0)
      assert.deepInclude(yield* post(origin), { status: 503 })
      assert.strictEqual(sum(), 1)
    })
  )

  it.effect("truncate: half an answer, and one effect", () =>
    Effect.gen(function* () {
      const { inject, origin, sum, port } = yield* serving()
      yield* inject({ _tag: "truncate" }, 2)
      assert.deepStrictEqual(yield* post(origin), broken("in the answer"))
      assert.strictEqual(sum(), 1)
      const raw = yield* Effect.promise(() => rawPost(port))
      assert.include(raw, "content-length: 9\r\n")
      assert.isTrue(raw.endsWith('\r\n\r\n{"su'), raw)
      assert.strictEqual(sum(), 2)
    })
  )

  it.effect("truncate: an empty answer is cut as well", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({
        operation: () => "Add",
        handle: () => ({ status: 200, headers: {}, body: "" })
      })
      yield* emulator.inject({ operation: "Add", fault: { _tag: "truncate" } })
      const { origin } = yield* emulator.serve()
      assert.deepStrictEqual(yield* post(origin), broken("in the answer"))
      assert.deepInclude(yield* post(origin), { status: 200, body: "" })
    })
  )

  it.effect("huge: the answer, and so many spaces", () =>
    Effect.gen(function* () {
      const { inject, origin, sum } = yield* serving()
      const bytes = 3 * 1024 * 1024 + 1
      yield* inject({ _tag: "huge", bytes })
      const answer = yield* post(origin)
      assert.isTrue(bodyOf(answer) === `{"sum":1}${" ".repeat(bytes)}`)
      assert.strictEqual("headers" in answer && answer.headers["content-length"], String(bytes + 9))
      assert.strictEqual(sum(), 1)
    })
  )

  it.effect("huge: a client that has had enough may leave", () =>
    Effect.gen(function* () {
      const { inject, origin, port } = yield* serving()
      yield* inject({ _tag: "huge", bytes: 1024 ** 4 })
      yield* Effect.promise(() => rawPost(port, 1024 * 1024))
      assert.strictEqual(bodyOf(yield* post(origin)), '{"sum":2}')
    })
  )

  it.effect("hang: no effect and no answer until the client leaves", () =>
    Effect.gen(function* () {
      const { emulator, inject, origin, sum } = yield* serving()
      yield* inject({ _tag: "hang" })
      const leave = new AbortController()
      const client = yield* Effect.forkChild(post(origin, { signal: leave.signal }), {
        startImmediately: true
      })
      yield* arrived(emulator, 1)
      // Another request goes all the way meanwhile.
      assert.strictEqual(bodyOf(yield* post(origin)), '{"sum":1}')
      assert.isUndefined(client.pollUnsafe())
      leave.abort()
      assert.deepStrictEqual(yield* Fiber.join(client), broken("before the answer"))
      assert.strictEqual(sum(), 1)
    })
  )

  it.effect("rewrite: the answer changed, with its new length, and one effect", () =>
    Effect.gen(function* () {
      const { inject, origin, sum } = yield* serving()
      yield* inject({ _tag: "rewrite", body: (body) => body.replace("1", '"é"') })
      const answer = yield* post(origin)
      assert.strictEqual(bodyOf(answer), '{"sum":"é"}')
      assert.strictEqual("headers" in answer && answer.headers["content-length"], "12")
      assert.strictEqual(sum(), 1)
    })
  )

  it.effect("a body of 1 MiB arrives; a larger one is refused, and never arrives", () =>
    Effect.gen(function* () {
      const { emulator, origin } = yield* serving()
      const mebibyte = "x".repeat(1024 * 1024)
      assert.deepInclude(yield* post(origin, { body: mebibyte }), { status: 200 })
      assert.deepInclude(yield* post(origin, { body: `${mebibyte}x` }), { status: 413 })
      assert.strictEqual(yield* emulator.count("Add"), 1)
    })
  )

  it.effect("a request that breaks off before its end never arrives", () =>
    Effect.gen(function* () {
      const { emulator, origin, port, sum } = yield* serving()
      yield* Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            const socket = net.connect(port, "127.0.0.1", () => {
              socket.write(
                `POST /add HTTP/1.1\r\nhost: localhost:${port}\r\ncontent-length: 10\r\n\r\nabc`,
                () => socket.end()
              )
            })
            socket.on("close", () => resolve())
            socket.resume()
          })
      )
      assert.strictEqual(bodyOf(yield* post(origin)), '{"sum":1}')
      assert.strictEqual(yield* emulator.count("Add"), 1)
      assert.strictEqual(sum(), 1)
    })
  )

  it.effect("a machine that throws answers 500, and the server goes on", () =>
    Effect.gen(function* () {
      const { origin } = yield* serving()
      const answer = yield* post(origin, { path: "/broken" })
      assert.deepInclude(answer, { status: 500 })
      assert.include(bodyOf(answer), "the machine is broken")
      assert.strictEqual(bodyOf(yield* post(origin)), '{"sum":1}')
    })
  )

  it.effect("shares state, script and log with the in-memory door", () =>
    Effect.gen(function* () {
      const { emulator, inject, origin } = yield* serving()
      const request: Request = { method: "POST", url: new URL("https://api.example.com/add"), headers: {} }
      yield* inject({ _tag: "drop-after" }, 2)
      yield* Effect.flip(emulator.transport.request(request))
      assert.deepStrictEqual(yield* post(origin), broken("before the answer"))
      assert.strictEqual((yield* emulator.transport.request(request)).body, '{"sum":3}')
      assert.strictEqual(yield* emulator.count("Add"), 3)
    })
  )

  it.effect("stops while a request hangs, another is late, a third is held, and connections idle", () =>
    Effect.gen(function* () {
      const { emulator, inject, sum } = yield* setUp()
      const scope = yield* Scope.make()
      const { origin, port } = yield* Scope.provide(emulator.serve(), scope)
      yield* inject({ _tag: "hang" })
      yield* inject({ _tag: "late", delay: seconds(10) })
      const held = yield* holding
      yield* inject(held.fault)
      const clients = yield* Effect.forEach([1, 2, 3], () =>
        Effect.forkChild(post(origin), { startImmediately: true })
      )
      const idleClosed = yield* Deferred.make<void>()
      yield* Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            const socket = net.connect(port, "127.0.0.1", resolve)
            socket.on("error", () => {})
            socket.on("close", () => Deferred.doneUnsafe(idleClosed, Exit.void))
          })
      )
      yield* arrived(emulator, 3)
      yield* Scope.close(scope, Exit.void)
      for (const client of clients) {
        assert.deepStrictEqual(yield* Fiber.join(client), broken("before the answer"))
      }
      yield* Deferred.await(idleClosed)
      assert.deepStrictEqual(yield* post(origin), broken("before the answer"))
      yield* TestClock.adjust(seconds(10))
      yield* held.release
      assert.strictEqual(sum(), 0)
    })
  )

  it.effect("a port in use is an error that names it; once free, it can be had", () =>
    Effect.gen(function* () {
      const { emulator } = yield* setUp()
      const scope = yield* Scope.make()
      const { port } = yield* Scope.provide(emulator.serve(), scope)
      const error = yield* Effect.flip(emulator.serve({ port }))
      assert.strictEqual(error._tag, "EmulatorError")
      assert.strictEqual(error.code, "EADDRINUSE")
      assert.strictEqual(
        error.message,
        `port ${port} on 127.0.0.1 is in use; choose another one, or 0 for any free port`
      )
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* emulator.serve({ port })).port, port)
    })
  )

  it.effect("what is no port is an error, too", () =>
    Effect.gen(function* () {
      const { emulator } = yield* setUp()
      for (const port of [-1, 70_000, 1.5]) {
        const error = yield* Effect.flip(emulator.serve({ port }))
        assert.include(error.message, `port ${port} on 127.0.0.1 is no port`)
      }
    })
  )

  // On Linux the whole of 127/8 is this machine: a server on all addresses would accept 127.0.0.2, too.
  it.effect.skipIf(process.platform !== "linux")("only 127.0.0.1 is listened on", () =>
    Effect.gen(function* () {
      const { port } = yield* serving()
      const code = yield* Effect.promise(
        () =>
          new Promise<string | undefined>((resolve) => {
            const socket = net.connect(port, "127.0.0.2", () => resolve("connected"))
            socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code))
          })
      )
      assert.strictEqual(code, "ECONNREFUSED")
    })
  )

  /** Sends a request by hand, and gives what comes back until the end, or so many bytes of it. */
  const rawPost = (port: number, enough = Number.POSITIVE_INFINITY): Promise<string> =>
    new Promise((resolve) => {
      let text = ""
      const socket = net.connect(port, "127.0.0.1", () => {
        socket.write(`POST /add HTTP/1.1\r\nhost: localhost:${port}\r\ncontent-length: 0\r\n\r\n`)
      })
      socket.on("data", (chunk) => {
        text += chunk.toString()
        if (text.length >= enough) socket.destroy()
      })
      socket.on("error", () => {})
      socket.on("close", () => resolve(text))
    })
})

describe("both doors give a client of the library the same", () => {
  const faults: ReadonlyArray<readonly [string, Emulator.Fault | undefined]> = [
    ["no fault", undefined],
    ["drop-before", { _tag: "drop-before" }],
    ["drop-after", { _tag: "drop-after" }],
    ["late", { _tag: "late", delay: seconds(10) }],
    ["lose-late", { _tag: "lose-late", delay: seconds(10) }],
    ["held", { _tag: "held", until: Effect.sleep(seconds(5)) }],
    ["duplicate", { _tag: "duplicate" }],
    ["answer", { _tag: "answer", response: json(503, { error: "é" }), effect: true }],
    ["truncate", { _tag: "truncate" }],
    ["huge, within the limit", { _tag: "huge", bytes: 100_000 - 9 }],
    ["huge, above the limit", { _tag: "huge", bytes: 100_000 - 8 }],
    ["hang", { _tag: "hang" }],
    ["rewrite", { _tag: "rewrite", body: () => "null" }]
  ]

  /** What the sender learns, what the machine saw, and how often it took effect. */
  const outcome = Effect.fnUntraced(function* (
    fault: Emulator.Fault | undefined,
    request: Request,
    transport: Transport | "its own",
    way: "request" | "line"
  ) {
    yield* TestClock.setTime(0)
    const { emulator, inject, sum } = yield* setUp()
    const { origin, port } = yield* emulator.serve()
    if (fault !== undefined) yield* inject(fault)
    const real = { ...request, url: new URL(request.url.pathname, origin) }
    const { request: pooled, open } = transport === "its own" ? emulator.transport : transport
    const sending =
      way === "request" ? pooled(real) : Effect.flatMap(open(real.url), (line) => line.send(real, () => true))
    const client = yield* Effect.match(sending, {
      onFailure: ({ phase, kind }) => ({ phase, kind }),
      onSuccess: ({ status, headers, body }: Response) => ({
        status,
        // How long a connection is kept is a matter of sockets only.
        headers: { ...headers, connection: "", "keep-alive": "" },
        body
      })
    }).pipe(Effect.forkChild({ startImmediately: true }))
    yield* arrived(emulator, 1)
    if (fault !== undefined && "delay" in fault) yield* TestClock.adjust(fault.delay)
    if (fault?._tag === "held") yield* TestClock.adjust(seconds(5))
    if (fault?._tag === "hang") yield* TestClock.adjust(seconds(30))
    const learned = yield* Fiber.join(client)
    const seen = (yield* emulator.requests).map(({ operation, request }) => ({
      operation,
      request: {
        ...request,
        headers: {
          ...request.headers,
          host: request.headers["host"]?.replace(String(port), "port"),
          connection: ""
        }
      }
    }))
    return { learned, seen, sum: sum() }
  })

  for (const way of ["request", "line"] as const) {
    for (const [name, fault] of faults) {
      it.effect(`${name}, by ${way}`, () =>
        Effect.gen(function* () {
          const request: Request = {
            method: "POST",
            url: new URL("http://127.0.0.1/add"),
            headers: { "X-Token": "token" },
            maxResponseBytes: 100_000,
            ...(name === "no fault" ? {} : { body: Redacted.make("é") })
          }
          assert.deepStrictEqual(
            yield* outcome(fault, request, "its own", way),
            yield* outcome(fault, request, yield* Transport, way)
          )
        })
      )
    }
  }
})
