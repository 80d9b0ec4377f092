/**
 * The one error: what it says, what may be tried again, and how it is told apart.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Schema } from "effect"
import * as CloudQuotaError from "@cloud-quota/core/CloudQuotaError"

const {
  CloudQuotaError: Failure,
  Throttled,
  Timeout,
  InvalidRequest,
  Reason,
  TransportFailed
} = CloudQuotaError

const base = { provider: "compshare", operation: "GetTeam", money: "not-moved" } as const

describe("the message", () => {
  it("says where, what for, why, and the id for the provider's support", () => {
    const reason = new Timeout({ message: "no answer within 30 seconds" })
    assert.strictEqual(
      new Failure({ ...base, reason }).message,
      "compshare GetTeam: no answer within 30 seconds"
    )
    assert.strictEqual(
      new Failure({ ...base, account: "gpu", requestId: "r-1", reason }).message,
      "compshare/gpu GetTeam: no answer within 30 seconds (request r-1)"
    )
  })

  it("of a refusal names the field and the remedy", () => {
    const error = CloudQuotaError.invalid({ ...base, field: "run", message: "name this batch" })
    assert.strictEqual(error.message, "compshare GetTeam: run: name this batch")
    assert.strictEqual(error.money, "not-moved")
    assert.deepStrictEqual(
      error.reason,
      new InvalidRequest({ field: "run", message: "run: name this batch" })
    )
  })
})

describe("trying again", () => {
  it("can help against what passes by itself, and against nothing else", () => {
    const helps = new Set(["Throttled", "Unavailable", "Timeout", "TransportFailed", "AccountBusy"])
    for (const member of Reason.members) {
      const fields = { message: "m", capability: "quotas.set", phase: "unknown" } as const
      const reason = new member(fields)
      const error = new Failure({ ...base, reason })
      assert.strictEqual(error.isRetryable, helps.has(reason._tag), reason._tag)
    }
  })

  it("waits as long as the provider asks", () => {
    const asked = new Failure({
      ...base,
      reason: new Throttled({ message: "slow down", retryAfterMillis: 1500 })
    })
    assert.deepStrictEqual(asked.retryAfter, Duration.millis(1500))
    assert.isUndefined(new Failure({ ...base, reason: new Throttled({ message: "slow down" }) }).retryAfter)
    assert.isUndefined(new Failure({ ...base, reason: new Timeout({ message: "no answer" }) }).retryAfter)
  })
})

describe("the reason", () => {
  const failing = Effect.fail(
    new Failure({ ...base, reason: new TransportFailed({ message: "reset", phase: "unknown" }) })
  )

  it.effect("is what a program catches", () =>
    Effect.gen(function* () {
      const phase = yield* failing.pipe(
        Effect.catchReason("CloudQuotaError", "TransportFailed", (reason) => Effect.succeed(reason.phase))
      )
      assert.strictEqual(phase, "unknown")
    })
  )

  it.effect("leaves other reasons alone", () =>
    Effect.gen(function* () {
      const error = yield* failing.pipe(
        Effect.catchReason("CloudQuotaError", "Timeout", () => Effect.succeed("caught")),
        Effect.flip
      )
      assert.strictEqual(error.reason._tag, "TransportFailed")
    })
  )

  it("survives JSON with what the provider said", () => {
    const reason = new Throttled({
      message: "slow down",
      retryAfterMillis: 10,
      details: { code: "171", message: "busy", httpStatus: 200 }
    })
    const error = new Failure({ ...base, account: "gpu", reason })
    const json = JSON.parse(JSON.stringify(Schema.encodeSync(Failure)(error))) as unknown
    const again = Schema.decodeUnknownSync(Failure)(json)
    assert.strictEqual(again.message, error.message)
    assert.deepStrictEqual(again.reason, reason)
  })
})
