/**
 * The exporters to an OpenTelemetry collector. Their variables are those of its specification.
 *
 * It never blocks a command: an unreachable collector costs two seconds at the end, and an invalid variable
 * costs a warning.
 */
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as OtlpLogger from "effect/observability/OtlpLogger"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { version } from "./Version.ts"

/** How long the end of the command waits for the collector. */
const patience = "2 seconds"

/** The specification's defaults for variables that are not set, with a shorter timeout. */
const defaults = {
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_LOGS_EXPORTER: "otlp",
  OTEL_EXPORTER_OTLP_TIMEOUT: "2000"
}

const exporters = Layer.unwrap(
  Effect.gen(function* () {
    const names = Config.all([
      Config.option(Config.String("OTEL_SERVICE_NAME")),
      Config.option(Config.String("OTEL_RESOURCE_ATTRIBUTES"))
    ])
    const [serviceName, attributes] = yield* names
    const isNamed =
      Option.isSome(serviceName) || /(^|,)\s*service\.name\s*=/.test(Option.getOrElse(attributes, () => ""))
    const resource = { serviceVersion: version, ...(isNamed ? {} : { serviceName: "cloud-quota" }) }
    const protocol = yield* Config.withDefault(Config.String("OTEL_EXPORTER_OTLP_PROTOCOL"), "http/protobuf")
    return Layer.mergeAll(
      OtlpTracer.layerFromConfig({ resource }),
      OtlpLogger.layerFromConfig({ resource, mergeWithExisting: true })
    ).pipe(
      Layer.provide([
        protocol === "http/json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf,
        FetchHttpClient.layer
      ])
    )
  })
).pipe(
  Layer.provide(
    Layer.effect(
      ConfigProvider.ConfigProvider,
      Effect.map(ConfigProvider.ConfigProvider, (environment) =>
        ConfigProvider.orElse(environment, ConfigProvider.fromUnknown(defaults))
      )
    )
  )
)

/** Exports everything below it, if a collector is named. Provide it with the command's logger. */
export const layer: Layer.Layer<never> = Layer.effectContext(
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    // Spans that were not sent in time are lost. The process does not wait for them.
    yield* Effect.addFinalizer(() =>
      Effect.forkDetach(Scope.close(scope, Exit.void)).pipe(
        Effect.flatMap(Fiber.await),
        Effect.interruptible,
        Effect.timeoutOption(patience)
      )
    )
    return yield* Layer.buildWithScope(exporters, scope)
  })
).pipe(
  // The invalid value may be a header with a key, so it is not quoted.
  Layer.catchCause(() =>
    Layer.effectDiscard(
      Effect.logWarning("nothing is sent by OpenTelemetry: one of the variables OTEL_… cannot be understood")
    )
  )
)
