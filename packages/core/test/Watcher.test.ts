/**
 * Watchers of a change: none of them can stop it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { TestClock } from "effect/testing"
import type { Event } from "@cloud-quota/core/Change"
import { absolute, delta, only, outcomes } from "./fixtures/clouds.ts"

const spec = { allowance: { adjust: "10 CNY" } }

/** What is warned of while an effect runs. */
const warningsOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const warnings: Array<string> = []
    const logger = Logger.make<unknown, void>(
      ({ message }) => void warnings.push(String([message].flat()[0]))
    )
    const value = yield* Effect.provide(effect, Logger.layer([logger]))
    return { value, warnings }
  })

const watchers: ReadonlyArray<readonly [what: string, onEvent: unknown, warning: RegExp]> = [
  ["never ends", () => Effect.never, /took longer than 1s/],
  [
    "never ends, and cannot be interrupted",
    () => Effect.uninterruptible(Effect.never),
    /took longer than 1s/
  ],
  ["gives a promise", async () => undefined, /no Effect, such as a promise/],
  ["gives a promise that is rejected", () => Promise.reject(new Error("oops")), /no Effect/],
  ["gives a number", () => 5, /no Effect/],
  ["fails", () => Effect.fail("oops"), /onEvent failed/],
  ["dies", () => Effect.die("oops"), /onEvent failed/],
  ["is interrupted", () => Effect.interrupt, /onEvent failed/],
  [
    "throws",
    () => {
      throw new Error("oops")
    },
    /onEvent failed/
  ]
]

describe("a watcher", () => {
  for (const [what, onEvent, warning] of watchers) {
    it.effect(`that ${what} does not stop a change`, () =>
      Effect.gen(function* () {
        const options = { run: "r", onEvent: onEvent as () => Effect.Effect<void> }
        const cloud = yield* delta()
        const told = yield* warningsOf(cloud.quotas.change(["m-1", "m-2"], spec, options))
        assert.deepStrictEqual(outcomes(told.value), ["Applied", "Applied"])
        assert.match(told.warnings.join("\n"), warning)
        const other = yield* absolute()
        const minutes = { "video-minutes": { set: "90 min" } }
        assert.strictEqual(only(yield* other.quotas.change("m-1", minutes, options)).outcome._tag, "Applied")
      })
    )
  }

  it.effect("that gives nothing is no watcher to warn of", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const told = yield* warningsOf(cloud.quotas.change("m-1", spec, { run: "r", onEvent: () => undefined }))
      assert.deepStrictEqual(told.warnings, [])
    })
  )

  it.effect("sees every event in order, each once the one before is handled", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      const seen: Array<string> = []
      const onEvent = ({ _tag }: Event) =>
        Effect.sync(() => void seen.push(`${_tag} begins`)).pipe(
          Effect.andThen(Effect.sleep("500 millis")),
          Effect.andThen(Effect.sync(() => void seen.push(`${_tag} ends`)))
        )
      const fiber = yield* Effect.forkChild(cloud.still.quotas.change("m-1", spec, { run: "r", onEvent }))
      yield* Effect.yieldNow
      while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual(seen, ["Sending begins", "Sending ends", "Finished begins", "Finished ends"])
    })
  )

  it.effect("does not stop what settles, either", () =>
    Effect.gen(function* () {
      const cloud = yield* delta()
      yield* cloud.script("answer-lost")
      yield* cloud.quotas.change("m-1", spec, { run: "r", settle: "defer" })
      const [settled] = yield* cloud.changes.recover({ onEvent: () => Effect.never })
      assert.strictEqual(settled?.state, "applied")
    })
  )
})
