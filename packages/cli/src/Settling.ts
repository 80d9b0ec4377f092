/**
 * How long a lost answer is waited out with emulated clouds: `CLOUD_QUOTA_SETTLEMENT`, as `2s`. For a real
 * cloud a shorter time than the usual one is not accepted: the change is refused.
 */
import * as Settlement from "@cloud-quota/core/Settlement"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { Usage } from "./Failure.ts"

const variable = "CLOUD_QUOTA_SETTLEMENT"

/** Reads seconds, as `2s` or `0.5s`. */
export const seconds = (text: string): Result.Result<Duration.Duration, string> => {
  const [, digits] = /^(\d{1,6}(?:\.\d{1,3})?)s$/.exec(text.trim()) ?? []
  return digits === undefined
    ? Result.fail("give seconds, as 5s")
    : Result.succeed(Duration.seconds(Number(digits)))
}

/** The waiting times of the environment, if they are set. */
export const layer: Layer.Layer<never, Usage> = Layer.unwrap(
  Effect.gen(function* () {
    const text = yield* Effect.orElseSucceed(Config.option(Config.NonEmptyString(variable)), () =>
      Option.none<string>()
    )
    if (Option.isNone(text)) return Layer.empty
    const own = yield* Effect.mapError(
      Effect.fromResult(seconds(text.value)),
      (message) => new Usage({ message: `${variable}: ${message}` })
    )
    const readLag = Duration.min(Settlement.defaults.readLag, own)
    return Layer.succeed(Settlement.Settlement, { ...Settlement.defaults, own, takeover: own, readLag })
  })
)
