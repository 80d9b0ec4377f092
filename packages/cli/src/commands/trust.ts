/** `cloud-quota trust`: the configuration files that may be used when found by searching. */
import * as ConfigTrust from "@cloud-quota/core/ConfigTrust"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as DateTime from "effect/DateTime"
import * as Stream from "effect/Stream"
import { Failed, Usage } from "../Failure.ts"
import * as Output from "../Output.ts"

const view: Output.View<ConfigTrust.Trusted> = {
  table: {
    columns: [
      { name: "file", kind: "text", value: ({ file }) => file },
      { name: "state", kind: "text", value: ({ isCurrent }) => (isCurrent ? "trusted" : "changed since") },
      { name: "hash", kind: "text", value: ({ hash }) => hash }
    ]
  },
  show: ["file", "state"],
  whole: ["file", "state"],
  mark: ({ isCurrent }) => (isCurrent ? undefined : "doubtful"),
  nothing: "no file is trusted"
}

const only = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withoutNegation, Flag.withDefault(false))

export const command = Command.make(
  "trust",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("A configuration file, such as cloud-quota.yaml"),
      Argument.atLeast(0)
    ),
    list: only("list", "List the files that are trusted"),
    revoke: only("revoke", "Stop trusting these files, whichever text they had")
  },
  ({ file: files, list, revoke }) =>
    Effect.gen(function* () {
      if (list) {
        if (files.length > 0 || revoke) {
          return yield* new Usage({ message: "--list goes without files and without --revoke" })
        }
        const options = { format: { _tag: "table", all: true }, zone: DateTime.zoneMakeOffset(0) } as const
        return yield* Output.write(view, options, Stream.fromIterableEffect(ConfigTrust.list))
      }
      if (files.length === 0) {
        return yield* new Usage({ message: "name the file, as cloud-quota trust cloud-quota.yaml" })
      }
      yield* Effect.forEach(files, (file) => (revoke ? revokeOne(file) : trustOne(file)), { discard: true })
    })
).pipe(
  Command.withDescription(
    [
      "Trust a configuration file with the text that it has now.",
      "",
      "A file that is found by searching, and not named with --config, may use only the",
      "vendors' hosts and variables. One with an endpoint, a variable or a journal of its own",
      "choice has to be trusted once, and again after every change: read it first."
    ].join("\n  ")
  ),
  Command.withExamples([
    { command: "cloud-quota trust cloud-quota.yaml", description: "Use this file where it is found" },
    { command: "cloud-quota trust --list", description: "Which files are trusted" },
    { command: "cloud-quota trust --revoke cloud-quota.yaml", description: "No longer trust it" }
  ])
)

const trustOne = (path: string) =>
  Effect.flatMap(ConfigTrust.add(path), ({ file }) => Effect.logInfo(`${file} is trusted as it is now`))

const revokeOne = (path: string) =>
  Effect.flatMap(ConfigTrust.revoke(path), (count) =>
    count === 0
      ? Effect.fail(new Failed({ message: `${path} was not trusted`, next: "cloud-quota trust --list" }))
      : Effect.logInfo(`${path} is no longer trusted`)
  )

/**
 * Trusts a file that this command has just written. If the trust cannot be stored, the file can still be
 * named.
 */
export const written = (path: string): Effect.Effect<void> =>
  ConfigTrust.add(path).pipe(
    Effect.catch(({ reason }) =>
      Effect.logWarning(`${path} is not trusted (${reason.message}): name it with --config`)
    )
  )
