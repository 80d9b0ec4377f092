/**
 * Mapping the rows of a listing: the same rows as one by one, however soon each is there.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import * as Rows from "@cloud-quota/core/adapter/Rows"

/** What a row becomes: so many rows, at once or later, or a failure. */
const Fate = Schema.Literals(["none", "one", "two", "later", "failure"])
const Chunks = Schema.Array(Schema.Array(Fate))

const become = (fate: typeof Fate.Type, index: number): Effect.Effect<ReadonlyArray<string>, string> => {
  const row = `${index}`
  switch (fate) {
    case "none":
      return Effect.succeed([])
    case "one":
      return Effect.succeed([row])
    case "two":
      return Effect.succeed([row, `${row}'`])
    case "later":
      return Effect.as(Effect.yieldNow, [row])
    case "failure":
      return Effect.fail(row)
  }
}

/** The delivered rows, and the failure if there is one. */
const collected = <A, E>(stream: Stream.Stream<A, E>) => {
  const rows: Array<A> = []
  return stream.pipe(
    Stream.runForEach((row) => Effect.sync(() => void rows.push(row))),
    Effect.match({ onFailure: (error) => ({ rows, error }), onSuccess: () => ({ rows }) })
  )
}

describe("the rows of a listing", () => {
  it.effect.prop("are mapped as if one by one, up to a failure", [Chunks], ([chunks]) => {
    let next = 0
    const all = chunks.map((chunk) => chunk.map((fate) => ({ fate, index: next++ })))
    const rows = () => Stream.fromArrays(...all)
    const oneByOne = Stream.flatMap(rows(), ({ fate, index }) =>
      Stream.fromIterableEffect(become(fate, index))
    )
    return Effect.gen(function* () {
      const mapped = collected(Rows.flatMap(rows(), ({ fate, index }) => become(fate, index)))
      assert.deepStrictEqual(yield* mapped, yield* collected(oneByOne))
    })
  })

  it.effect("stay in their chunks", () =>
    Effect.gen(function* () {
      const rows = Stream.fromArrays([1, 2, 3], [4, 5])
      const chunks = Stream.chunks(Rows.flatMap(rows, (row) => Effect.succeed(row === 2 ? [] : [row, -row])))
      assert.deepStrictEqual(yield* Stream.runCollect(chunks), [
        [1, -1, 3, -3],
        [4, -4, 5, -5]
      ])
    })
  )
})
