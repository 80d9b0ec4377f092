/**
 * Spans and messages, as a collector on this machine gets them from the real command.
 */
import { assert, describe, it } from "@effect/vitest"
import { CompShareEmulator } from "@cloud-quota/compshare/testing"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import * as Effect from "effect/Effect"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as Cli from "./support/Cli.ts"

interface Received {
  readonly path: string | undefined
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
}

/** Takes what is sent, until the scope closes. */
const collector = Effect.gen(function* () {
  const received: Array<Received> = []
  const server = Http.createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text
    })
    request.on("end", () => {
      received.push({ path: request.url, headers: request.headers, body })
      response.end("{}")
    })
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))),
    () => Effect.sync(() => server.closeAllConnections() ?? server.close())
  )
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, received }
})

const spansOf = (received: ReadonlyArray<Received>) =>
  received
    .filter(({ path }) => path === "/v1/traces")
    .flatMap(({ body }) => JSON.parse(body).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)

const json = { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }

describe("OpenTelemetry", () => {
  it.live("gets spans of the command and of its requests, and messages, and no secrets", () =>
    Effect.gen(function* () {
      const world = yield* Cli.world()
      const { origin, received } = yield* collector
      const env = {
        ...json,
        OTEL_EXPORTER_OTLP_ENDPOINT: origin,
        OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=platform%20team",
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test",
        COMPSHARE_PRIVATE_KEY: "wrong_private_key"
      }
      const ended = yield* Effect.promise(() => world.run(["quota", "list", "--json"], { env }))
      assert.strictEqual(ended.code, 3)
      const spans = spansOf(received)
      const root = spans.find(({ name }) => name === "cloud-quota")
      assert.deepInclude(root.attributes, { key: "command", value: { stringValue: "quota list" } })
      const names = spans.map(({ name }) => name)
      assert.include(names, "Quota.list")
      assert.isTrue(names.some((name) => name.startsWith("CompShareClient.")))
      assert.isTrue(spans.every(({ traceId }) => traceId === root.traceId))
      const logs = received.filter(({ path }) => path === "/v1/logs")
      assert.isAbove(logs.length, 0)
      assert.strictEqual(received[0]?.headers["x-tenant"], "platform team")
      const all = received.map(({ body }) => body).join("\n")
      assert.include(all, '"service.name","value":{"stringValue":"cloud-quota"}')
      assert.include(all, '"deployment.environment"')
      for (const secret of ["wrong_private_key", CompShareEmulator.privateKey]) assert.notInclude(all, secret)
      assert.notInclude(all, MetaStudioEmulator.defaults.secretKey)
      assert.notMatch(all, /Signature=[0-9a-f]{40}/)
    })
  )

  it.live("has the name that the environment gives", () =>
    Effect.gen(function* () {
      const world = yield* Cli.world()
      const { origin, received } = yield* collector
      const endpoint = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${origin}/v1/traces` }
      for (const name of [
        { OTEL_SERVICE_NAME: "quotas" },
        { OTEL_RESOURCE_ATTRIBUTES: "service.name=quotas" }
      ]) {
        received.length = 0
        const env = { ...json, ...endpoint, ...name }
        yield* Effect.promise(() => world.run(["metrics"], { env }))
        assert.include(received[0]?.body, '"service.name","value":{"stringValue":"quotas"}')
      }
    })
  )

  it.live("gets nothing if it is switched off, or not named", () =>
    Effect.gen(function* () {
      const world = yield* Cli.world()
      const { origin, received } = yield* collector
      const endpoint = { ...json, OTEL_EXPORTER_OTLP_ENDPOINT: origin }
      const off = { OTEL_TRACES_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" }
      for (const env of [{ ...endpoint, OTEL_SDK_DISABLED: "true" }, { ...endpoint, ...off }, json]) {
        const { code } = yield* Effect.promise(() => world.run(["metrics"], { env }))
        assert.strictEqual(code, 0)
      }
      assert.deepStrictEqual(received, [])
    })
  )

  it.live("is not in the way if nobody is there, nobody answers, or nothing is understood", () =>
    Effect.gen(function* () {
      const world = yield* Cli.world()
      const silent = Http.createServer(() => {})
      yield* Effect.acquireRelease(
        Effect.promise(() => new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))),
        () => Effect.sync(() => silent.closeAllConnections() ?? silent.close())
      )
      const { port } = silent.address() as AddressInfo
      for (const endpoint of ["http://127.0.0.1:1", `http://127.0.0.1:${port}`]) {
        const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }
        const { code, stderr, stdout } = yield* Effect.promise(() => world.run(["metrics", "--csv"], { env }))
        assert.strictEqual(code, 0)
        assert.strictEqual(stderr, "")
        assert.match(stdout, /^account,metric/)
      }
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "nonsense-with-a-key" }
      const { code, stderr } = yield* Effect.promise(() => world.run(["metrics"], { env }))
      assert.strictEqual(code, 0)
      assert.match(stderr, /^warning: nothing is sent by OpenTelemetry/)
      assert.notInclude(stderr, "nonsense")
    })
  )
})
