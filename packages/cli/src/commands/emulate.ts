/** `cloud-quota emulate`: emulated clouds on this machine, for trials without real money. */
import type * as Emulator from "@cloud-quota/core/testing/Emulator"
import type { Provider } from "@cloud-quota/core/adapter/Provider"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { Usage } from "../Failure.ts"
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
    )
  },
  ({ fault, port, provider, seed, size, write }) =>
    Effect.gen(function* () {
      const faults = yield* Effect.fromResult(Result.all(fault.map(faultsOf)))
      const chosen = Providers.all.filter(({ id }) => provider.length === 0 || provider.includes(id))
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      if (Option.isSome(write) && (yield* files.exists(write.value))) {
        const message = `--write: ${write.value} is there already: give the name of a new file`
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
        yield* files.writeFileString(write.value, config, { flag: "wx" })
        yield* Trust.written(write.value)
      }
      yield* Output.writeText(Stream.succeed(environmentOf(started, journal)))
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
    "Start pretended clouds on this machine, and print the environment in which they are used"
  ),
  Command.withExamples([
    { command: "cloud-quota emulate", description: "All clouds, until Ctrl-C" },
    {
      command: "cloud-quota emulate --provider compshare --fault SetCompShareTeamAmount:drop-after:after=2",
      description: "The third answer about money gets lost, after the money has moved"
    }
  ])
)

/** Returns the environment for the vendors' tools and for this one, as a shell reads it. */
const environmentOf = (started: ReadonlyArray<Started>, journal: string): string =>
  [
    ...started.flatMap(({ environment }) => Object.entries(environment)),
    ["CLOUD_QUOTA_JOURNAL", journal],
    // Emulated requests take no longer than their faults define.
    ["CLOUD_QUOTA_SETTLEMENT", "2s"]
  ]
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join("")

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
