/**
 * Maps the rows of a listing without a step of a fiber for each of them.
 */
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"

/**
 * Maps each row to any number of others, in their order. Chunks stay together as long as the effects are values
 * already, such as `Effect.succeed`. From the first other one on, rows are mapped one by one, so that the rows before
 * a failure are still delivered.
 *
 * @example
 * import { Rows } from "@cloud-quota/core/adapter"
 * import { Effect, Stream } from "effect"
 *
 * export const ids = Rows.flatMap(Stream.make({ id: "a" }, { id: "" }), ({ id }) =>
 *   Effect.succeed(id === "" ? [] : [id])
 * )
 */
export const flatMap = <A, E, R, B, E2, R2>(
  rows: Stream.Stream<A, E, R>,
  map: (row: A) => Effect.Effect<ReadonlyArray<B>, E2, R2>
): Stream.Stream<B, E | E2, R | R2> =>
  Stream.flatMap(Stream.chunks(rows), (chunk) => {
    const mapped: Array<B> = []
    for (const [index, row] of chunk.entries()) {
      const effect = map(row)
      if (!isValue(effect)) {
        const others = Stream.mapEffect(Stream.fromArray(chunk.slice(index)), map)
        return Stream.concat(Stream.fromArray(mapped), Stream.flattenIterable(others))
      }
      for (const other of effect.value) mapped.push(other)
    }
    return Stream.fromArray(mapped)
  })

const isValue = <A, E, R>(effect: Effect.Effect<A, E, R>): effect is Exit.Success<A, E> =>
  Exit.isExit(effect) && Exit.isSuccess(effect)
