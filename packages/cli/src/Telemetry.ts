/** Exports spans and messages to an OpenTelemetry collector, if `OTEL_EXPORTER_OTLP_ENDPOINT` names one. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** Whether a variable of OpenTelemetry is set: without one, no collector is named. */
const isAsked = () => Object.keys(process.env).some((name) => name.startsWith("OTEL_"))

/** Exports everything below it. Its modules are loaded if they are needed. Provide it with the command's logger. */
export const layer: Layer.Layer<never> = Layer.unwrap(
  Effect.suspend(() =>
    isAsked()
      ? Effect.map(
          Effect.promise(() => import("./otlp.ts")),
          (exporters) => exporters.layer
        )
      : Effect.succeed(Layer.empty)
  )
)
