/** Runs the command, and converts its result to an exit code. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { withAmounts } from "./Arguments.ts"
import * as CloudQuota from "./CloudQuota.ts"
import { ExitCode, ended } from "./Failure.ts"
import * as Help from "./Help.ts"
import * as Log from "./Log.ts"
import * as Settling from "./Settling.ts"
import * as Telemetry from "./Telemetry.ts"
import { version } from "./Version.ts"

export const run = async (written: ReadonlyArray<string>): Promise<void> => {
  const given = CloudQuota.withWords(written)
  const command = await CloudQuota.load(given)
  const args = CloudQuota.withoutVainHelp(command, withAmounts(given))

  // The reader may close the output at any time, as after `| head`. A write then fails at its own place.
  process.stdout.on("error", () => {})
  process.stderr.on("error", () => {})

  const program = Command.runWith(command, { version })(args).pipe(
    Effect.provide(Settling.layer),
    Effect.withSpan("cloud-quota", { attributes: { command: CloudQuota.nameOf(command, args) } }),
    Effect.as(ExitCode.done),
    Effect.catchCause(ended),
    Effect.provide(
      Layer.mergeAll(NodeServices.layer, Help.layer, Telemetry.layer).pipe(
        Layer.provideMerge(Log.layer(Log.styleOf(args)))
      )
    )
  )

  NodeRuntime.runMain(program, {
    disableErrorReporting: true,
    teardown: (exit) => {
      const code = Exit.isSuccess(exit) ? Number(exit.value) : ExitCode.interrupted
      // Pipes may still have to accept written data; nothing else is waited for.
      process.stdout.write("", () => process.stderr.write("", () => process.exit(code)))
    }
  })
}
