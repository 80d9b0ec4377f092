/** `cloud-quota emulate`: emulated clouds on this machine, for trials without real money. */
import type * as Emulator from "@cloud-quota/core/testing/Emulator"
import type { Provider } from "@cloud-quota/core/adapter/Provider"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { spawn } from "node:child_process"
import { constants } from "node:os"
import { Passed, Usage } from "../Failure.ts"
import * as Output from "../Output.ts"
import * as ConfigText from "../ConfigText.ts"
import * as Providers from "../Providers.ts"
import * as Settling from "../Settling.ts"
import * as Trust from "./trust.ts"

const ids = Providers.all.map(({ id }) => id)

interface Started extends Emulator.Emulated {
  readonly provider: Provider
}

export const command = Command.make(
  "emulate",
  {
    provider: Flag.Literals("provider", ids).pipe(
      Flag.withDescription("Only this cloud; all of them otherwise"),
      Flag.atLeast(0)
    ),
    port: Flag.Int("port").pipe(
      Flag.withDescription("The port, and the next ones if there are several clouds; free ones by default"),
      Flag.optional
    ),
    seed: Flag.Int("seed").pipe(Flag.withDescription("Which data are invented; 1 by default"), Flag.optional),
    size: Flag.Int("size").pipe(Flag.withDescription("How many members are invented"), Flag.optional),
    fault: Flag.String("fault").pipe(
      Flag.withMetavar("OPERATION:FAULT[:KEY=VALUE]"),
      Flag.withDescription(
        "What goes wrong with an operation: drop-before, drop-after, late, lose-late, duplicate, truncate or hang; after=N requests, times=N or all, delay=5s. May be given several times"
      ),
      Flag.atLeast(0)
    ),
    write: Flag.String("write").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("Write the configuration to this file, which must not be there yet"),
      Flag.optional
    ),
    overwrite: Flag.Boolean("overwrite").pipe(
      Flag.withDescription("With --write: replace the file if it is there"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    ),
    command: Argument.String("command").pipe(
      Argument.withDescription("After --: run this command with the environment, and end with it"),
      Argument.variadic()
    )
  },
  ({ command: given, fault, overwrite, port, provider, seed, size, write }) =>
    Effect.gen(function* () {
      const faults = yield* Effect.fromResult(Result.all(fault.map(faultsOf)))
      const chosen = Providers.all.filter(({ id }) => provider.length === 0 || provider.includes(id))
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      if (Option.isSome(write) && !overwrite && (yield* files.exists(write.value))) {
        const message = `--write: ${write.value} is there already: give the name of a new file, or --overwrite`
        return yield* new Usage({ message })
      }
      // A separate journal, which ends with the emulated clouds.
      const directory = yield* files.makeTempDirectoryScoped({ prefix: "cloud-quota-emulated-" })
      const journal = path.join(directory, "journal")

      const started: Array<Started> = []
      for (const [index, one] of chosen.entries()) {
        const options: Emulator.EmulateOptions = {
          ...(Option.isSome(port) && port.value !== 0 ? { port: port.value + index } : {}),
          ...(Option.isSome(seed) ? { seed: seed.value } : {}),
          ...(Option.isSome(size) ? { size: size.value } : {})
        }
        const emulated = yield* Providers.start(one.id, options)
        yield* emulated.emulator.inject(faults.flat())
        started.push({ ...emulated, provider: one })
      }

      const config = ConfigText.configuration({
        accounts: started.map(({ provider, settings }) => ({
          name: ConfigText.usualName(provider.id),
          settings
        })),
        journal
      })
      if (Option.isSome(write)) {
        yield* files.writeFileString(write.value, config, { flag: overwrite ? "w" : "wx" })
        yield* Trust.written(write.value)
      }
      const environment = environmentOf(started, journal)
      const [program, ...args] = given
      if (program !== undefined) {
        // Named, so that the command finds no other file: that one may lead to real accounts.
        const file = path.join(directory, "cloud-quota.yaml")
        yield* files.writeFileString(file, config)
        return yield* exitWith(yield* run(program, args, { ...environment, CLOUD_QUOTA_CONFIG: file }))
      }
      yield* Output.writeText(Stream.succeed(asShell(environment)))
      for (const { origin, provider } of started) yield* Effect.logInfo(`${provider.title} at ${origin}`)
      yield* Effect.logInfo(
        Option.isSome(write)
          ? `set these variables in another terminal, and use --config ${write.value} there`
          : `set these variables in another terminal, where no cloud-quota.yaml is; as a file they would be:\n\n${config}`
      )
      yield* Effect.logInfo("Ctrl-C ends it")
      yield* Effect.never
    }).pipe(Effect.scoped)
).pipe(
  Command.withDescription(
    "Start emulated clouds on this machine: for one command, or until Ctrl-C with the environment printed"
  ),
  Command.withExamples([
    { command: "cloud-quota emulate", description: "All clouds, until Ctrl-C" },
    {
      command: "cloud-quota emulate -- cloud-quota quota list",
      description: "One command on emulated clouds"
    },
    {
      command: "cloud-quota emulate --provider compshare --fault SetCompShareTeamAmount:drop-after:after=2",
      description: "The third answer about money gets lost, after the money has moved"
    }
  ])
)

type Environment = Readonly<Record<string, string>>

/** Returns the environment for the vendors' tools and for this one. */
const environmentOf = (started: ReadonlyArray<Started>, journal: string): Environment => ({
  ...Object.assign({}, ...started.map(({ environment }) => environment)),
  CLOUD_QUOTA_JOURNAL: journal,
  // Emulated requests take no longer than their faults define.
  CLOUD_QUOTA_SETTLEMENT: "2s"
})

const asShell = (environment: Environment): string =>
  Object.entries(environment)
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join("")

/**
 * Runs a command on this terminal until it ends, and returns its exit code: as in a shell, 127 if there is no such
 * command, and 128 and its number after a signal. Ctrl-C reaches the command itself.
 */
const run = (program: string, args: ReadonlyArray<string>, environment: Environment) =>
  Effect.callback<number>((resume) => {
    const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...environment } })
    child.on("error", (error) => {
      const message = `${program} cannot be run (${"code" in error ? String(error.code) : error.name})`
      resume(Effect.as(Effect.logError(message), 127))
    })
    child.on("exit", (code, signal) => {
      resume(Effect.succeed(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
    })
    return Effect.sync(() => void child.kill())
  })

const exitWith = (code: number): Effect.Effect<void, Passed> =>
  code === 0 ? Effect.void : Effect.fail(new Passed({ code }))

const simple = {
  "drop-before": { _tag: "drop-before" },
  "drop-after": { _tag: "drop-after" },
  duplicate: { _tag: "duplicate" },
  truncate: { _tag: "truncate" },
  hang: { _tag: "hang" }
} as const

const delayed = ["late", "lose-late"] as const

/** Parses a `--fault`, as `SetCompShareTeamAmount:drop-after:after=2`. */
const faultsOf = (text: string): Result.Result<ReadonlyArray<Emulator.ScriptedFault>, Usage> => {
  const refuse = (message: string) => Result.fail(new Usage({ message: `--fault ${text}: ${message}` }))
  const [operation = "", name = "", ...rest] = text.split(":")
  if (operation === "") return refuse("begin with the operation, as SetCompShareTeamAmount:drop-after")
  const options = new Map<string, string>()
  for (const part of rest) {
    const [key = "", value = ""] = part.split("=", 2)
    if (!["after", "times", "delay"].includes(key)) return refuse(`${key} is none of after, times and delay`)
    options.set(key, value)
  }
  const count = (key: string, otherwise: number): number | undefined => {
    const value = options.get(key)
    if (value === undefined) return otherwise
    return /^[1-9]\d{0,8}$/.test(value) ? Number(value) : undefined
  }
  const after = count("after", 0)
  const times = options.get("times") === "all" ? Number.POSITIVE_INFINITY : count("times", 1)
  if (after === undefined) return refuse("after is a whole number above 0")
  if (times === undefined) return refuse("times is a whole number above 0, or all")
  const delay = Settling.seconds(options.get("delay") ?? "5s")
  if (Result.isFailure(delay)) return refuse(`delay: ${delay.failure}`)
  const isDelayed = delayed.find((one) => one === name)
  const fault: Emulator.Fault | undefined =
    isDelayed === undefined
      ? Object.entries(simple).find(([known]) => known === name)?.[1]
      : { _tag: isDelayed, delay: delay.success }
  if (fault === undefined) {
    const names = [...Object.keys(simple), ...delayed].join(", ")
    return refuse(`${JSON.stringify(name)} is no fault: there are ${names}`)
  }
  const untouched: Emulator.ScriptedFault = {
    operation,
    fault: { _tag: "rewrite", body: (answer) => answer },
    times: after
  }
  return Result.succeed([...(after > 0 ? [untouched] : []), { operation, fault, times }])
}
