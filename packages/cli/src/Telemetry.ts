/**
 * Spans and messages for a collector of OpenTelemetry, where the environment names one by
 * `OTEL_EXPORTER_OTLP_ENDPOINT`. The variables are those of its specification.
 *
 * It is never in the way: a collector that cannot be reached costs two seconds at the end, and a variable
 * that cannot be understood costs a warning.
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

/** What the specification says where a variable is not set; and our own name. */
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

/** Sends what happens below it, if a collector is named. Give it the logs of the command. */
export const layer: Layer.Layer<never> = Layer.effectContext(
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    // What was not sent in time is lost. The process does not wait for it.
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
  // What is wrong may be a header with a key in it, so it is not quoted.
  Layer.catchCause(() =>
    Layer.effectDiscard(
      Effect.logWarning("nothing is sent by OpenTelemetry: one of the variables OTEL_… cannot be understood")
    )
  )
)
