/**
 * A thousand reads of one account at once: what they wait for each other is not the provider's silence.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as CircuitBreaker from "@cloud-quota/core/adapter/CircuitBreaker"
import { CloudQuotaError, Timeout } from "@cloud-quota/core/CloudQuotaError"
import * as RateLimit from "@cloud-quota/core/adapter/RateLimit"
import * as Retry from "@cloud-quota/core/adapter/Retry"
import * as Transport from "@cloud-quota/core/Transport"

const guarded = (attempts?: number) =>
  Retry.guarded(Retry.make(attempts === undefined ? {} : { attempts }), {
    rateLimit: Result.getOrThrow(RateLimit.make("p")),
    circuitBreaker: Result.getOrThrow(CircuitBreaker.make("p"))
  })

const silence = new CloudQuotaError({
  provider: "p",
  operation: "List",
  money: "not-moved",
  reason: new Timeout({ message: "no whole answer" })
})

const thousand = Array.from({ length: 1_000 }, (_, index) => index)

describe("a thousand reads at once", () => {
  it.live("are 64 at a time for the provider, and all are answered", () =>
    Effect.gen(function* () {
      const held: Array<Http.ServerResponse> = []
      const full = yield* Deferred.make<void>()
      let [open, most, released] = [0, 0, false]
      const server = Http.createServer((_request, response) => {
        open += 1
        most = Math.max(most, open)
        response.once("finish", () => {
          open -= 1
        })
        if (released) return response.end("{}")
        held.push(response)
        if (held.length === 64) Deferred.doneUnsafe(full, Exit.void)
      })
      const port = yield* Effect.acquireRelease(
        Effect.callback<number>((resume) => {
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
        }),
        () =>
          Effect.callback<void>((resume) => {
            server.close(() => resume(Effect.void))
            server.closeAllConnections()
          })
      )
      const { request } = yield* Transport.Transport
      const url = new URL(`http://127.0.0.1:${port}`)
      const retry = guarded(1)
      const read = retry.run(
        "read",
        request({ method: "GET", url, headers: {} }).pipe(Effect.mapError(() => silence))
      )
      const all = yield* Effect.forkChild(Effect.forEach(thousand, () => read, { concurrency: "unbounded" }))
      yield* Deferred.await(full)
      released = true
      for (const response of held) response.end("{}")
      assert.lengthOf(yield* Fiber.join(all), 1_000)
      assert.strictEqual(most, 64)
    }).pipe(Effect.provide(Transport.layer({})))
  )

  it.effect("have all their time each, however long they wait for the others", () =>
    Effect.gen(function* () {
      const retry = guarded(1)
      // 20 of 30 seconds each: the last one begins after five minutes.
      const attempt = Effect.timeoutOrElse(Effect.sleep("20 seconds"), {
        duration: Duration.seconds(30),
        orElse: () => Effect.fail(silence)
      })
      const all = yield* Effect.forkChild(
        Effect.forEach(thousand, () => retry.run("read", attempt), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("330 seconds")
      assert.lengthOf(yield* Fiber.join(all), 1_000)
    })
  )

  it.effect("end soon where the provider does not answer the first ones", () =>
    Effect.gen(function* () {
      const retry = guarded(1)
      let sent = 0
      const attempt = Effect.andThen(
        Effect.sync(() => {
          sent += 1
        }),
        Effect.andThen(Effect.sleep("30 seconds"), Effect.fail(silence))
      )
      const all = yield* Effect.forkChild(
        Effect.forEach(thousand, () => Effect.flip(retry.run("read", attempt, "List")), {
          concurrency: "unbounded"
        })
      )
      // Those who were next when the first ones failed have gone out as well.
      yield* TestClock.adjust("30 seconds")
      yield* TestClock.adjust("30 seconds")
      const errors = yield* Fiber.join(all)
      const refused = errors.filter(({ message }) => message.includes("has not answered reads since"))
      assert.isAtMost(sent, 2 * 64)
      assert.lengthOf(refused, 1_000 - sent)
    })
  )

  it.effect("do not keep back a write, or the reading that settles a change", () =>
    Effect.gen(function* () {
      const retry = guarded()
      const all = yield* Effect.forkChild(
        Effect.forEach(thousand, () => retry.run("read", Effect.never), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* retry.run("idempotent-write", Effect.succeed("written")), "written")
      const exempt = Effect.provideService(CircuitBreaker.Exempt, true)
      assert.strictEqual(yield* exempt(retry.run("read", Effect.succeed("read"))), "read")
      yield* Fiber.interrupt(all)
      assert.strictEqual(yield* retry.run("read", Effect.succeed("next")), "next")
    })
  )
})
