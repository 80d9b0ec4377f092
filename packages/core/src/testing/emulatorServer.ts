/** The HTTP server of an emulator on loopback. Its faults happen on the real socket. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse
} from "node:http"
import { pipeline, Readable } from "node:stream"
import type { WireRequest, WireResponse } from "./emulatorContract.ts"
import { type Arrive, headersOf, type Reply } from "./emulatorReply.ts"

const maxRequestBytes = 1024 * 1024

/**
 * Listens on 127.0.0.1 until the scope closes, and returns the port. Fails with the system's error if the
 * port cannot be used.
 */
export const listen = Effect.fnUntraced(function* (
  arrive: Arrive,
  port: number
): Effect.fn.Return<number, NodeJS.ErrnoException, Scope.Scope> {
  const run = yield* FiberSet.makeRuntime()
  const server = yield* Effect.acquireRelease(
    start(port, (request, response) => run(serve(arrive, request, response))),
    stop
  )
  const address = server.address()
  // Only a pipe has a text as address.
  return address === null || typeof address === "string" ? port : address.port
})

const start = (port: number, listener: RequestListener): Effect.Effect<Server, NodeJS.ErrnoException> =>
  Effect.callback((resume) => {
    // No time limits: a client may be stopped at a breakpoint, or keep a connection in its pool for long.
    // Headers may be as large as a provider's, whose tokens are long.
    const limits = { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0, maxHeaderSize: 64 * 1024 }
    const server = createServer(limits, listener)
    const failed = (cause: NodeJS.ErrnoException) => resume(Effect.fail(cause))
    server.once("error", failed)
    try {
      server.listen(port, "127.0.0.1", () => {
        server.off("error", failed)
        resume(Effect.succeed(server))
      })
    } catch (cause) {
      // An invalid port number throws immediately.
      failed(cause instanceof Error ? cause : new Error(String(cause)))
    }
  })

const stop = (server: Server): Effect.Effect<void> =>
  Effect.callback((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

/** Serves one request from its first byte to its answer. The client may leave; the provider continues. */
const serve = Effect.fnUntraced(function* (
  arrive: Arrive,
  request: IncomingMessage,
  response: ServerResponse
) {
  // A client that left gets no answer. That is not an error of the server.
  response.on("error", () => {})
  const body = yield* Effect.promise(() => readBody(request))
  if (body === "incomplete") return
  if (!isLocal(request)) return send(response, plain(403, "this emulator is for programs on this machine"))
  if (body === "too-large") return send(response, plain(413, "the body is above 1 MiB"))
  const answered = Effect.gen(function* () {
    const reply = arrive(wireRequest(request, body.text), yield* Clock.currentTimeMillis)
    if (reply._tag !== "late") return deliver(response, reply)
    if (reply.lost) cut(response)
    yield* reply.until
    const answer = reply.commit(yield* Clock.currentTimeMillis)
    if (!reply.lost) send(response, answer)
  })
  // A machine that throws is a bug, reported to the sender of the request; it must not end the process.
  yield* Effect.catchDefect(answered, (defect) =>
    Effect.sync(() => send(response, plain(500, `the emulator failed: ${defect}`)))
  )
})

/**
 * Whether a request comes from a program on this machine. A web page in its browser can send requests too:
 * under its own name resolved to this machine, which `host` reveals, or from another site, which `origin`
 * reveals.
 */
const isLocal = ({ headers, socket }: IncomingMessage): boolean => {
  const hosts = ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${socket.localPort}`)
  const { host, origin } = headers
  return (
    host !== undefined &&
    hosts.includes(host.toLowerCase()) &&
    (origin === undefined || hosts.some((known) => origin === `http://${known}`))
  )
}

const readBody = async (
  request: IncomingMessage
): Promise<{ readonly text: string } | "too-large" | "incomplete"> => {
  const chunks: Array<Buffer> = []
  let bytes = 0
  try {
    // An oversized body is read to its end and discarded: a client that is cut off while it writes would not
    // see the answer.
    for await (const chunk of request) {
      bytes += chunk.length
      if (bytes <= maxRequestBytes) chunks.push(chunk)
    }
  } catch {
    return "incomplete"
  }
  return bytes > maxRequestBytes ? "too-large" : { text: Buffer.concat(chunks).toString("utf8") }
}

const wireRequest = (request: IncomingMessage, body: string): WireRequest => {
  const headers: Record<string, string> = {}
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    headers[name] = values.join(", ")
  }
  return { method: request.method ?? "", target: request.url ?? "", headers, body }
}

const deliver = (response: ServerResponse, reply: Exclude<Reply, { readonly _tag: "late" }>): void => {
  switch (reply._tag) {
    case "answer":
      send(response, reply.response, reply.padding)
      break
    case "truncated":
      sendHalf(response, reply.response)
      break
    case "cut":
      cut(response)
      break
    case "silence":
      break
  }
}

const cut = (response: ServerResponse): void => {
  response.req.socket.destroy()
}

const send = (response: ServerResponse, answer: WireResponse, padding = 0): void => {
  response.writeHead(answer.status, headersOf(answer, Buffer.byteLength(answer.body) + padding))
  if (padding === 0) {
    response.end(answer.body)
  } else {
    // Streamed, because it may be larger than memory. A client that gives up ends the stream.
    pipeline(Readable.from(padded(answer.body, padding)), response, () => {})
  }
}

function* padded(body: string, padding: number): Generator<Buffer> {
  if (body !== "") yield Buffer.from(body)
  const spaces = Buffer.alloc(64 * 1024, " ")
  for (let left = padding; left > 0; left -= spaces.length) yield spaces.subarray(0, left)
}

const sendHalf = (response: ServerResponse, answer: WireResponse): void => {
  const body = Buffer.from(answer.body)
  // For an empty body one byte is announced, so that there is something to cut.
  response.writeHead(answer.status, headersOf(answer, Math.max(1, body.length)))
  response.flushHeaders()
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => cut(response))
}

const plain = (status: number, body: string): WireResponse => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body
})
