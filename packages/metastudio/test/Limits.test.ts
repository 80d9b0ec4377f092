/**
 * How the clients keep to the limits of the vendor's services, each of which has its own.
 */
import { assert, describe, it } from "@effect/vitest"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { MetaStudioClient } from "@cloud-quota/metastudio"
import { Duration, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { type Clients, answer, clientsOver, options, untyped } from "./fixtures/clients.ts"

const page = answer('{"count":0,"assets":[]}')
const orders = answer('{"total_count":0,"order_infos":[]}')
const given = { domainId: "d1", retry: { attempts: 1 } }

const quotas = ({ metaStudio }: Clients) => metaStudio.listUserQuotas()

describe("a service that asks to wait", () => {
  for (const retryAfter of ["7", "Tue, 01 Dec 2026 00:00:07 GMT"]) {
    it.effect(`is not asked before ${retryAfter}, and the others are`, () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(Date.parse("2026-12-01T00:00:00Z"))
        const throttled = {
          ...TestTransport.json({ error_code: "APIGW.0308", error_msg: "x" }, 429),
          headers: { "retry-after": retryAfter }
        }
        const { clients, requests } = clientsOver(TestTransport.scripted([throttled, orders, page]), given)
        const all = yield* clients
        yield* Effect.exit(quotas(all))
        const waiting = yield* Effect.forkChild(quotas(all))
        yield* all.bss.listCustomerOrders()
        yield* TestClock.adjust("6999 millis")
        assert.lengthOf(requests, 2)
        yield* TestClock.adjust(1)
        yield* Fiber.join(waiting)
        assert.lengthOf(requests, 3)
      })
    )
  }
})

describe("a service that does not answer", () => {
  it.effect("is not asked for a while, and the others are; writes are sent", () =>
    Effect.gen(function* () {
      const down = answer("", 503)
      const { clients, requests } = clientsOver(
        TestTransport.scripted([...Array.from({ length: 5 }, () => down), orders, answer("")]),
        given
      )
      const all = yield* clients
      for (let failed = 0; failed < 5; failed++) yield* Effect.exit(quotas(all))
      const error = yield* Effect.flip(quotas(all))
      assert.strictEqual(error.operation, "ListUserQuotas")
      assert.strictEqual(error.reason._tag, "Unavailable")
      assert.include(error.message, "not sent: the provider has not answered reads since")
      assert.lengthOf(requests, 5)
      yield* all.bss.listCustomerOrders()
      yield* all.metaStudio.deleteUserQuotas({ user_id: "u1" })
      assert.lengthOf(requests, 7)
    })
  )
})

describe("options", () => {
  it.effect("that are wrong are refused by name", () =>
    Effect.gen(function* () {
      for (const [field, wrong] of [
        ["rateLimit", { rateLimit: untyped(5) }],
        ["rateLimit.per", { rateLimit: { requests: 1, per: Duration.zero } }],
        ["circuitBreaker.coolDown", { circuitBreaker: { coolDown: Duration.infinity } }]
      ] as const) {
        const error = yield* Effect.flip(MetaStudioClient.make({ ...options, ...wrong }))
        assert.deepInclude(error.reason, { _tag: "InvalidRequest", field })
      }
    })
  )
})
