/** Waits until readings are newer than our changes. */
import * as BigInteger from "effect/BigInt"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Timings } from "./Settlement.ts"

/** Waits until no reading can be older than these instants, in monotonic nanoseconds. */
export const freshAfter = Effect.fnUntraced(function* (
  { timings }: { readonly timings: Timings },
  ends: ReadonlyArray<bigint>
) {
  const now = (yield* Clock.Clock).monotonicTimeNanosUnsafe()
  const readLag = Duration.toNanosUnsafe(timings.readLag)
  const last = ends.reduce(BigInteger.max, now - readLag)
  if (last + readLag > now) yield* Effect.sleep(Duration.nanos(last + readLag - now))
})
