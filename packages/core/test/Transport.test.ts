/**
 * The transport over real sockets on loopback: what is sent, how often, and what an error proves.
 */
import { readFileSync } from "node:fs"
import * as Http from "node:http"
import * as Http2 from "node:http2"
import * as Https from "node:https"
import * as Net from "node:net"
import * as Tls from "node:tls"
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as Transport from "@cloud-quota/core/Transport"

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")
const ca = fixture("ca.pem")
const identity = { key: fixture("server-key.pem"), cert: fixture("server.pem") }

const yes = () => true

afterEach(() => {
  vi.unstubAllEnvs()
})

/** Listens on a free port of loopback for as long as the scope is open. */
const listening = <S extends Net.Server>(server: S) =>
  Effect.acquireRelease(
    Effect.callback<number>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as Net.AddressInfo).port)))
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const socket of sockets.get(server) ?? []) socket.destroy()
      })
  )

// Closing a server waits for its connections, so they are remembered, and ended with it.
const sockets = new WeakMap<Net.Server, Set<Net.Socket>>()
const remember = <S extends Net.Server>(server: S): S => {
  const open = new Set<Net.Socket>()
  sockets.set(server, open)
  server.on("connection", (socket: Net.Socket) => {
    open.add(socket)
    socket.on("error", () => {})
  })
  return server
}

interface Wire {
  readonly origin: URL
  /** What came, as text, of all connections in order. */
  readonly received: () => string
  readonly connections: () => number
  /** The server, too, has the first connection: in TLS, the client is ready before it. */
  readonly accepted: Effect.Effect<void>
  /** The first bytes came. */
  readonly firstBytes: Effect.Effect<void>
  /** How the first connection ended: the code of its error, or `closed` without one. */
  readonly ending: Effect.Effect<string>
}

/** A server at the level of bytes, plain or TLS: `talk` is called with each connection's first bytes. */
const wire = (
  protocol: "http" | "https",
  talk: (socket: Net.Socket) => void = () => {},
  greet: (socket: Net.Socket) => void = () => {}
) =>
  Effect.gen(function* () {
    let received = ""
    let connections = 0
    const ending = yield* Deferred.make<string>()
    const accepted = yield* Deferred.make<void>()
    const firstBytes = yield* Deferred.make<void>()
    const serve = (socket: Net.Socket) => {
      connections++
      let failed: string | undefined
      socket.on("error", (error: NodeJS.ErrnoException) => {
        failed = error.code ?? error.message
      })
      socket.on("close", () => Deferred.doneUnsafe(ending, Exit.succeed(failed ?? "closed")))
      socket.on("data", (chunk) => {
        const first = received === ""
        received += chunk.toString()
        if (first) talk(socket)
        Deferred.doneUnsafe(firstBytes, Exit.void)
      })
      greet(socket)
      // Whoever waits goes on in a turn of its own, outside of the handshake's callback.
      setImmediate(() => Deferred.doneUnsafe(accepted, Exit.void))
    }
    const server = remember(protocol === "http" ? Net.createServer(serve) : Tls.createServer(identity, serve))
    const port = yield* listening(server)
    return {
      origin: new URL(`${protocol}://localhost:${port}`),
      received: () => received,
      connections: () => connections,
      accepted: Deferred.await(accepted),
      firstBytes: Deferred.await(firstBytes),
      ending: Deferred.await(ending)
    } satisfies Wire
  })

const answering = (text: string) => (socket: Net.Socket) => void socket.write(text)
const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-request-id: r-1\r\n\r\nhi"

const post = (origin: URL, more: Partial<Transport.Request> = {}): Transport.Request => ({
  method: "POST",
  url: new URL("/pay?a=1", origin),
  headers: { "content-type": "text/plain", "x-key": Redacted.make("k-secret") },
  body: Redacted.make("b-secret"),
  ...more
})

const count = (text: string, part: string) => text.split(part).length - 1

/** Runs with a transport of its own that trusts the test's authority. */
const live = <E>(
  name: string,
  test: (transport: Transport.Transport) => Effect.Effect<void, E, import("effect").Scope.Scope>
) =>
  it.live(name, () =>
    Effect.flatMap(Transport.Transport, (transport) => Effect.scoped(test(transport))).pipe(
      Effect.provide(Transport.layer({ ca }))
    )
  )

/** The same in a time that passes only where the test says so. */
const timeless = <E>(
  name: string,
  test: (transport: Transport.Transport) => Effect.Effect<void, E, import("effect").Scope.Scope>
) =>
  it.effect(name, () =>
    Effect.flatMap(Transport.Transport, (transport) => Effect.scoped(test(transport))).pipe(
      Effect.provide(Transport.layer({ ca }))
    )
  )

/** A request that waits no longer than five seconds. */
const hasty = (origin: URL) => post(origin, { timeout: Duration.seconds(5) })

/** What becomes of it if nobody gives a whole answer until then. */
const unanswered = Effect.fnUntraced(function* <A, E>(sending: Effect.Effect<A, E>, server: Wire) {
  const fiber = yield* Effect.forkChild(Effect.flip(sending))
  yield* server.firstBytes
  yield* TestClock.adjust("5 seconds")
  return yield* Fiber.join(fiber)
})

const failed = (error: Transport.TransportError, phase: string, kind: string) => {
  assert.strictEqual(`${error.phase}/${error.kind}`, `${phase}/${kind}`, error.message)
  assert.notInclude(JSON.stringify(error) + error.message, "secret")
}

/** One POST over a line, as its user would do it. */
const overLine = (transport: Transport.Transport, request: Transport.Request, check = yes) =>
  Effect.scoped(
    Effect.flatMap(
      transport.open(request.url, request.timeout === undefined ? {} : { timeout: request.timeout }),
      (line) => line.send(request, check)
    )
  )

const doors = [
  ["request", (transport, request) => transport.request(request)],
  ["line", (transport, request) => overLine(transport, request)]
] as const satisfies ReadonlyArray<
  readonly [
    string,
    (
      transport: Transport.Transport,
      request: Transport.Request
    ) => Effect.Effect<Transport.Response, Transport.TransportError>
  ]
>

for (const protocol of ["http", "https"] as const) {
  for (const [door, send] of doors) {
    describe(`${protocol} ${door}`, () => {
      live("sends a request and gives its whole answer", (transport) =>
        Effect.gen(function* () {
          const server = yield* wire(protocol, answering(ok))
          const response = yield* send(transport, post(server.origin))
          assert.deepStrictEqual(response, {
            status: 200,
            headers: { "content-length": "2", "x-request-id": "r-1" },
            body: "hi"
          })
          const [head = "", body] = server.received().split("\r\n\r\n")
          assert.strictEqual(body, "b-secret")
          assert.strictEqual(head.split("\r\n")[0], "POST /pay?a=1 HTTP/1.1")
          assert.include(head, "x-key: k-secret")
          assert.include(head, "accept-encoding: identity")
          assert.include(head, `host: ${server.origin.host}\r\n`)
        })
      )

      live(
        "a body comes whole, in pieces, in several bytes per character, without its byte order mark",
        (transport) =>
          Effect.gen(function* () {
            const server = yield* wire(protocol, (socket) => {
              socket.write(
                "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
              )
              for (const byte of Buffer.from("\ufeff张三")) {
                socket.write("1\r\n")
                socket.write(Buffer.from([byte]))
                socket.write("\r\n")
              }
              socket.write("0\r\n\r\n")
            })
            const response = yield* send(transport, post(server.origin))
            assert.strictEqual(response.status, 200)
            assert.strictEqual(response.body, "张三")
          })
      )

      live("a connection closed after the request was read is unknown, and not tried again", (transport) =>
        Effect.gen(function* () {
          const server = yield* wire(protocol, (socket) => socket.destroy())
          failed(yield* Effect.flip(send(transport, post(server.origin))), "unknown", "closed")
          assert.strictEqual(server.connections(), 1)
          assert.strictEqual(count(server.received(), "POST"), 1)
        })
      )

      live("a truncated body is unknown: too short, or without its last chunk", (transport) =>
        Effect.gen(function* () {
          for (const text of [
            "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhi",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n"
          ]) {
            const server = yield* wire(protocol, (socket) => socket.end(text))
            failed(yield* Effect.flip(send(transport, post(server.origin))), "unknown", "closed")
            assert.strictEqual(count(server.received(), "POST"), 1)
          }
        })
      )

      live("an answer above the limit is refused, whether or not it says its length", (transport) =>
        Effect.gen(function* () {
          for (const head of ["content-length: 100000", "transfer-encoding: chunked", "connection: close"]) {
            const data = "x".repeat(100_000)
            const server = yield* wire(protocol, (socket) => {
              socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`)
              socket.write(head.includes("chunked") ? `${data.length.toString(16)}\r\n${data}\r\n` : data)
            })
            const request = post(server.origin, { maxResponseBytes: 99_999 })
            failed(yield* Effect.flip(send(transport, request)), "unknown", "too-large")
            yield* server.ending
          }
        })
      )

      live("an answer just within the limit is taken", (transport) =>
        Effect.gen(function* () {
          const server = yield* wire(protocol, answering(ok))
          assert.strictEqual(
            (yield* send(transport, post(server.origin, { maxResponseBytes: 2 }))).body,
            "hi"
          )
        })
      )

      live("an answer that is compressed, or is not HTTP, is unreadable", (transport) =>
        Effect.gen(function* () {
          for (const text of [
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nhi",
            "hello\r\n"
          ]) {
            const server = yield* wire(protocol, answering(text))
            failed(yield* Effect.flip(send(transport, post(server.origin))), "unknown", "unreadable")
          }
        })
      )

      live("a redirect is an answer like any other", (transport) =>
        Effect.gen(function* () {
          const elsewhere = yield* wire(protocol, answering(ok))
          const server = yield* wire(
            protocol,
            answering(
              `HTTP/1.1 307 Temporary Redirect\r\nlocation: ${elsewhere.origin.href}\r\ncontent-length: 0\r\n\r\n`
            )
          )
          assert.strictEqual((yield* send(transport, post(server.origin))).status, 307)
          assert.strictEqual(elsewhere.connections(), 0)
        })
      )

      live("loopback is never proxied", (transport) =>
        Effect.gen(function* () {
          const proxy = yield* wire("http")
          for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"]) {
            vi.stubEnv(name, proxy.origin.href)
          }
          const server = yield* wire(protocol, answering(ok))
          assert.strictEqual((yield* send(transport, post(server.origin))).status, 200)
          assert.strictEqual(proxy.connections(), 0)
        })
      )

      live("nobody listening is not-sent", (transport) =>
        Effect.gen(function* () {
          const port = yield* Effect.scoped(listening(remember(Net.createServer())))
          const error = yield* Effect.flip(send(transport, post(new URL(`${protocol}://127.0.0.1:${port}`))))
          failed(error, "not-sent", "connect")
          assert.strictEqual(error.code, "ECONNREFUSED")
        })
      )

      timeless("no answer in time is unknown", (transport) =>
        Effect.gen(function* () {
          const server = yield* wire(protocol)
          failed(yield* unanswered(send(transport, hasty(server.origin)), server), "unknown", "timeout")
          yield* server.ending
          assert.strictEqual(count(server.received(), "POST"), 1)
        })
      )

      timeless("half an answer in time is unknown", (transport) =>
        Effect.gen(function* () {
          for (const head of ["content-length: 10", "connection: close"]) {
            const server = yield* wire(protocol, answering(`HTTP/1.1 200 OK\r\n${head}\r\n\r\nhi`))
            failed(yield* unanswered(send(transport, hasty(server.origin)), server), "unknown", "timeout")
            yield* server.ending
          }
        })
      )

      timeless("a timeout works where interruption is switched off", (transport) =>
        Effect.gen(function* () {
          const server = yield* wire(protocol)
          const sending = Effect.uninterruptible(send(transport, hasty(server.origin)))
          failed(yield* unanswered(sending, server), "unknown", "timeout")
        })
      )

      live("headers that HTTP does not allow, or that are not ours to set, are refused", (transport) =>
        Effect.gen(function* () {
          const server = yield* wire(protocol, answering(ok))
          for (const headers of [
            { "x-key": Redacted.make("secret\r\nx: y") },
            { "transfer-encoding": "chunked" },
            { "content-length": "3" },
            { host: "example.com" }
          ] as ReadonlyArray<Transport.Request["headers"]>) {
            failed(
              yield* Effect.flip(send(transport, post(server.origin, { headers }))),
              "not-sent",
              "invalid-request"
            )
          }
          assert.strictEqual(server.received(), "")
          const host = { host: server.origin.host }
          assert.strictEqual((yield* send(transport, post(server.origin, { headers: host }))).status, 200)
          assert.strictEqual(count(server.received(), "\r\nhost:"), 1)
        })
      )
    })
  }

  describe(`${protocol} line`, () => {
    live("opening writes not one byte of HTTP", (transport) =>
      Effect.gen(function* () {
        const server = yield* wire(protocol)
        yield* Effect.scoped(transport.open(server.origin))
        yield* server.ending
        assert.strictEqual(server.connections(), 1)
        assert.strictEqual(server.received(), "")
      })
    )

    live("a check that says no sends nothing", (transport) =>
      Effect.gen(function* () {
        const server = yield* wire(protocol, answering(ok))
        const error = yield* Effect.flip(overLine(transport, post(server.origin), () => false))
        failed(error, "not-sent", "refused-by-check")
        yield* server.ending
        assert.strictEqual(server.received(), "")
      })
    )

    live("a check that throws sends nothing, and is a defect", (transport) =>
      Effect.gen(function* () {
        const server = yield* wire(protocol, answering(ok))
        const broken = () => {
          throw new Error("broken")
        }
        const exit = yield* Effect.exit(overLine(transport, post(server.origin), broken))
        assert.isTrue(Exit.hasDies(exit))
        yield* server.ending
        assert.strictEqual(server.received(), "")
      })
    )

    live("the check is asked once, before anything is written", (transport) =>
      Effect.gen(function* () {
        const server = yield* wire(protocol, answering(ok))
        const seen: Array<string> = []
        yield* overLine(transport, post(server.origin), () => {
          seen.push(server.received())
          return true
        })
        assert.deepStrictEqual(seen, [""])
      })
    )

    live("a line sends one request, and only to its own origin", (transport) =>
      Effect.gen(function* () {
        const server = yield* wire(protocol, answering(ok))
        const other = yield* wire(protocol, answering(ok))
        const line = yield* transport.open(server.origin)
        assert.strictEqual(line.resetReaches, "provider")
        failed(yield* Effect.flip(line.send(post(other.origin), yes)), "not-sent", "invalid-request")
        yield* line.send(post(server.origin), yes)
        failed(yield* Effect.flip(line.send(post(server.origin), yes)), "not-sent", "invalid-request")
        assert.strictEqual(count(server.received(), "POST"), 1)
        assert.strictEqual(other.connections(), 0)
      })
    )

    live("a line that the server closed is not-sent, and is not opened again", (transport) =>
      Effect.gen(function* () {
        let close = () => {}
        const server = yield* wire(protocol, undefined, (socket) => {
          close = () => socket.end()
        })
        const line = yield* transport.open(server.origin)
        yield* server.accepted
        close()
        yield* server.ending
        failed(yield* Effect.flip(line.send(post(server.origin), yes)), "not-sent", "closed")
        assert.strictEqual(server.connections(), 1)
        assert.strictEqual(server.received(), "")
      })
    )

    live("closing and sending at the same moment never sends twice", (transport) =>
      Effect.gen(function* () {
        let close = () => {}
        const server = yield* wire(protocol, undefined, (socket) => {
          close = () => socket.destroy()
        })
        const line = yield* transport.open(server.origin)
        yield* server.accepted
        close()
        failed(yield* Effect.flip(line.send(post(server.origin), yes)), "unknown", "closed")
        assert.strictEqual(server.connections(), 1)
        assert.isAtMost(count(server.received(), "POST"), 1)
      })
    )

    live("reset before sending: not-sent, and the server sees an RST", (transport) =>
      Effect.gen(function* () {
        const server = yield* wire(protocol)
        const line = yield* transport.open(server.origin)
        yield* server.accepted
        yield* line.reset
        assert.strictEqual(yield* server.ending, "ECONNRESET")
        failed(yield* Effect.flip(line.send(post(server.origin), yes)), "not-sent", "closed")
        assert.strictEqual(server.received(), "")
      })
    )

    timeless("a timeout resets the connection", (transport) =>
      Effect.gen(function* () {
        const server = yield* wire(protocol)
        const line = yield* transport.open(server.origin)
        failed(yield* unanswered(line.send(hasty(server.origin), yes), server), "unknown", "timeout")
        assert.strictEqual(yield* server.ending, "ECONNRESET")
      })
    )

    live("interruption resets the connection", (transport) =>
      Effect.gen(function* () {
        const server = yield* wire(protocol)
        const line = yield* transport.open(server.origin)
        const fiber = yield* Effect.forkChild(line.send(post(server.origin), yes))
        yield* server.firstBytes
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(yield* server.ending, "ECONNRESET")
      })
    )

    live("closing the scope while a request waits resets the connection", (transport) =>
      Effect.gen(function* () {
        const server = yield* wire(protocol)
        const error = yield* Effect.scoped(
          Effect.gen(function* () {
            const line = yield* transport.open(server.origin)
            const fiber = yield* Effect.forkDetach(Effect.flip(line.send(post(server.origin), yes)))
            yield* server.firstBytes
            return fiber
          })
        ).pipe(Effect.flatMap(Fiber.join))
        failed(error, "unknown", "closed")
        assert.strictEqual(yield* server.ending, "ECONNRESET")
      })
    )

    live("closing the scope of a line that is done closes its connection", (transport) =>
      Effect.gen(function* () {
        const server = yield* wire(protocol, answering(ok))
        yield* overLine(transport, post(server.origin))
        assert.strictEqual(yield* server.ending, "closed")
      })
    )
  })

  live(`${protocol} request: interruption ends the connection`, (transport) =>
    Effect.gen(function* () {
      const server = yield* wire(protocol)
      const fiber = yield* Effect.forkChild(transport.request(post(server.origin)))
      yield* server.firstBytes
      yield* Fiber.interrupt(fiber)
      yield* server.ending
      assert.strictEqual(count(server.received(), "POST"), 1)
    })
  )

  live(`${protocol} request: connections are kept and used again`, (transport) =>
    Effect.gen(function* () {
      let connections = 0
      const server = remember(
        protocol === "http"
          ? Http.createServer((_request, response) => response.end("hi"))
          : Https.createServer(identity, (_request, response) => response.end("hi"))
      )
      server.on("connection", () => connections++)
      const port = yield* listening(server)
      for (let i = 0; i < 10; i++) yield* transport.request(post(new URL(`${protocol}://localhost:${port}`)))
      // Two, not one: the next request may come before undici is quite done with the last.
      assert.isAtMost(connections, 2)
    })
  )
}

describe("connecting", () => {
  for (const [door, send] of [
    ...doors,
    [
      "open",
      (
        transport: Transport.Transport,
        { url, timeout }: Transport.Request
      ): Effect.Effect<unknown, Transport.TransportError> =>
        Effect.scoped(transport.open(url, timeout === undefined ? {} : { timeout }))
    ]
  ] as const) {
    live(`${door}: a name that does not exist is not-sent`, (transport) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(send(transport, post(new URL("https://nobody.invalid"))))
        failed(error, "not-sent", "connect")
        assert.oneOf(error.code, ["ENOTFOUND", "EAI_AGAIN"])
      })
    )

    live(`${door}: a certificate that is not trusted is not-sent`, () =>
      Effect.gen(function* () {
        const server = yield* wire("https", answering(ok))
        const transport = yield* Transport.Transport.pipe(Effect.provide(Transport.layer({})))
        const error = yield* Effect.flip(send(transport, post(server.origin)))
        failed(error, "not-sent", "connect")
        assert.strictEqual(server.received(), "")
      })
    )

    live(`${door}: a certificate for another name is not-sent`, (transport) =>
      Effect.gen(function* () {
        const server = yield* wire("https", answering(ok))
        const url = new URL(`https://127.0.0.2:${server.origin.port}`)
        const error = yield* Effect.flip(send(transport, post(url)))
        failed(error, "not-sent", "connect")
        assert.strictEqual(server.received(), "")
      })
    )

    live(`${door}: a connection reset in the TLS handshake is not-sent`, (transport) =>
      Effect.gen(function* () {
        const server = yield* wire("http", (socket) => socket.resetAndDestroy())
        const url = new URL(`https://localhost:${server.origin.port}`)
        const error = yield* Effect.flip(send(transport, post(url)))
        failed(error, "not-sent", "connect")
        assert.strictEqual(error.code, "ECONNRESET")
      })
    )

    live(`${door}: a TLS handshake that hangs times out, not-sent`, (transport) =>
      Effect.gen(function* () {
        const server = yield* wire("http")
        const url = new URL(`https://localhost:${server.origin.port}`)
        const error = yield* Effect.flip(send(transport, post(url, { timeout: Duration.millis(300) })))
        failed(error, "not-sent", "timeout")
      })
    )

    live(`${door}: plain http is for loopback only`, (transport) =>
      Effect.gen(function* () {
        for (const url of [
          "http://example.com",
          "http://128.0.0.1",
          "http://localhost.example.com",
          "ftp://localhost"
        ]) {
          failed(yield* Effect.flip(send(transport, post(new URL(url)))), "not-sent", "invalid-request")
        }
        failed(
          yield* Effect.flip(send(transport, post(new URL("https://user:secret@example.com")))),
          "not-sent",
          "invalid-request"
        )
      })
    )
  }

  live("a request given up while it waited for a connection is never sent", (transport) =>
    Effect.gen(function* () {
      // The server speaks TLS only after the request was given up.
      const proceed = yield* Deferred.make<void>()
      let received = ""
      const arrived = yield* Deferred.make<void>()
      const secured = Tls.createServer(identity, (socket) => {
        socket.on("data", (chunk) => {
          received += chunk.toString()
          Deferred.doneUnsafe(arrived, Exit.void)
        })
      })
      const server = remember(
        Net.createServer({ pauseOnConnect: true }, (socket) => {
          Effect.runFork(
            Effect.andThen(
              Deferred.await(proceed),
              Effect.sync(() => secured.emit("connection", socket))
            )
          )
        })
      )
      const port = yield* listening(server)
      const shaken = Effect.callback<void>((resume) => {
        secured.once("secureConnection", () => resume(Effect.void))
      })
      const url = new URL(`https://localhost:${port}`)
      const error = yield* Effect.flip(transport.request(post(url, { timeout: Duration.millis(300) })))
      failed(error, "not-sent", "timeout")
      const waiting = yield* Effect.forkChild(shaken, { startImmediately: true })
      yield* Deferred.succeed(proceed, undefined)
      yield* Fiber.join(waiting)
      // A second request over the same connection comes after whatever the first would have written.
      const second = yield* Effect.forkChild(transport.request(post(url, { method: "PUT" })))
      yield* Deferred.await(arrived)
      yield* Fiber.interrupt(second)
      assert.strictEqual(count(received, "POST"), 0)
      assert.strictEqual(count(received, "PUT"), 1)
    })
  )
})

describe("HTTP/2", () => {
  for (const [door, send] of doors) {
    live(
      `${door}: a server that speaks HTTP/2 and refuses its streams gets one POST, over HTTP/1.1`,
      (transport) =>
        Effect.gen(function* () {
          const seen: Array<string> = []
          const server = remember(Http2.createSecureServer({ ...identity, allowHTTP1: true }))
          server.on("stream", (stream) => {
            seen.push("h2 POST")
            stream.close(Http2.constants.NGHTTP2_REFUSED_STREAM)
          })
          server.on("request", (request, response) => {
            if (request.httpVersionMajor === 2) return
            seen.push(`h${request.httpVersion} ${request.method}`)
            response.end("hi")
          })
          const port = yield* listening(server)
          const response = yield* send(transport, post(new URL(`https://localhost:${port}`)))
          assert.strictEqual(response.body, "hi")
          assert.deepStrictEqual(seen, ["h1.1 POST"])
        })
    )
  }
})

describe("a proxy from the environment", () => {
  /** A proxy that leads every name to loopback. */
  const proxying = (options: { readonly status?: number; readonly tls?: boolean } = {}) =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const server = remember(options.tls ? (Tls.createServer(identity) as Net.Server) : Net.createServer())
      const http = Http.createServer()
      server.on(options.tls ? "secureConnection" : "connection", (socket) => http.emit("connection", socket))
      http.on("connect", (request, socket: Net.Socket) => {
        asked.push(`${request.url} ${request.headers["proxy-authorization"] ?? "-"}`)
        if (options.status !== undefined) return socket.end(`HTTP/1.1 ${options.status} No\r\n\r\n`)
        const onward = Net.connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
          socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
          socket.pipe(onward).pipe(socket)
        })
        onward.on("error", () => socket.destroy())
        socket.on("error", () => onward.destroy())
      })
      const port = yield* listening(server)
      return { address: `localhost:${port}`, asked }
    })

  const named = (server: Wire) => new URL(`https://provider.test:${server.origin.port}`)

  for (const [door, send] of doors) {
    for (const tls of [false, true]) {
      live(`${door}: tunnels through a proxy${tls ? " that speaks TLS" : ""}`, (transport) =>
        Effect.gen(function* () {
          const proxy = yield* proxying({ tls })
          const server = yield* wire("https", answering(ok))
          vi.stubEnv("HTTPS_PROXY", `${tls ? "https" : "http"}://us%20er:p-secret@${proxy.address}`)
          assert.strictEqual((yield* send(transport, post(named(server)))).body, "hi")
          const credentials = Buffer.from("us er:p-secret").toString("base64")
          assert.deepStrictEqual(proxy.asked, [`${named(server).host} Basic ${credentials}`])
          assert.strictEqual(count(server.received(), "POST"), 1)
        })
      )
    }

    live(`${door}: a proxy that refuses is not-sent`, (transport) =>
      Effect.gen(function* () {
        const proxy = yield* proxying({ status: 407 })
        vi.stubEnv("https_proxy", `http://user:p-secret@${proxy.address}`)
        const error = yield* Effect.flip(send(transport, post(new URL("https://provider.test"))))
        failed(error, "not-sent", "connect")
        assert.include(error.message, "407")
      })
    )

    live(`${door}: a login page in the place of a tunnel is said to be one`, (transport) =>
      Effect.gen(function* () {
        const proxy = yield* proxying({ status: 302 })
        vi.stubEnv("https_proxy", `http://${proxy.address}`)
        const error = yield* Effect.flip(send(transport, post(new URL("https://provider.test"))))
        failed(error, "not-sent", "connect")
        assert.match(
          error.message,
          /the proxy answered 302, which leads to another page such as a login page/
        )
      })
    )

    live(`${door}: headers are as large as a token of IAM and more`, (transport) =>
      Effect.gen(function* () {
        const token = "t".repeat(16_384)
        const text = `HTTP/1.1 201 Created\r\nx-subject-token: ${token}\r\nx-other: ${token}\r\ncontent-length: 0\r\n\r\n`
        const { origin } = yield* wire("http", answering(text))
        const { headers } = yield* send(transport, post(origin, { headers: { "x-auth-token": token } }))
        assert.strictEqual(headers["x-subject-token"], token)
      })
    )

    live(`${door}: each address of a host has seconds, and not Node's quarter of one`, (transport) =>
      Effect.gen(function* () {
        const { origin } = yield* wire("http", answering(ok))
        const connect = vi.spyOn(Net.Socket.prototype, "connect")
        try {
          yield* send(transport, post(origin))
          const [first]: ReadonlyArray<unknown> = connect.mock.calls[0] ?? []
          assert.deepInclude(first, { port: Number(origin.port), autoSelectFamilyAttemptTimeout: 5_000 })
        } finally {
          connect.mockRestore()
        }
      })
    )

    live(`${door}: a setting that is no proxy's address is refused without showing it`, (transport) =>
      Effect.gen(function* () {
        for (const setting of [
          "socks5://secret@localhost:1",
          "http://secret:x:y",
          "http://%secret@localhost:1",
          "http://ops:12secret#45@127.0.0.1:3999",
          "http://ops:12secret/45@127.0.0.1:3999",
          "http://ops:12secret?45@127.0.0.1:3999",
          "http://ops:12secret@45@127.0.0.1:3999",
          "http://ops:12 secret@127.0.0.1:3999",
          String.raw`http://ops:12\secret@127.0.0.1:3999`,
          "ops:12secret#45@127.0.0.1:3999",
          "http://127.0.0.1:3999/secret",
          "http://127.0.0.1:3999?secret",
          "http://secret@",
          "http://"
        ]) {
          vi.stubEnv("HTTPS_PROXY", setting)
          const error = yield* Effect.flip(send(transport, post(new URL("https://provider.test"))))
          failed(error, "not-sent", "invalid-request")
          assert.match(error.message, /percent-encoded/)
          assert.notMatch(error.message, /ops|3999|12/)
        }
      })
    )
  }

  live("a line says that its reset reaches the proxy", (transport) =>
    Effect.gen(function* () {
      const proxy = yield* proxying()
      const server = yield* wire("https")
      vi.stubEnv("HTTPS_PROXY", proxy.address)
      const line = yield* transport.open(named(server))
      assert.strictEqual(line.resetReaches, "proxy")
      assert.strictEqual(server.received(), "")
    })
  )

  live("NO_PROXY exempts hosts, what is below them, and ports", (transport) =>
    Effect.gen(function* () {
      const proxy = yield* proxying({ status: 407 })
      vi.stubEnv("HTTPS_PROXY", `http://${proxy.address}`)
      const proxied = (setting: string, url: string) => {
        vi.stubEnv("NO_PROXY", setting)
        return Effect.flip(transport.request(post(new URL(url)))).pipe(
          Effect.map((error) => error.message.includes("407"))
        )
      }
      for (const exempt of ["*", "invalid", ".invalid", "*.invalid", "x, a.INVALID:443", "a.invalid"]) {
        assert.isFalse(yield* proxied(exempt, "https://a.invalid"), exempt)
      }
      for (const other of ["", "b.invalid", "a.invalid:444", "*.a.invalid", "nvalid"]) {
        assert.isTrue(yield* proxied(other, "https://a.invalid"), other)
      }
      // In small letters it goes before that in capitals, and nothing is the same as unset.
      vi.stubEnv("no_proxy", "b.invalid")
      assert.isTrue(yield* proxied("*", "https://a.invalid"))
      vi.stubEnv("no_proxy", "")
      assert.isFalse(yield* proxied("*", "https://a.invalid"))
    })
  )
})
