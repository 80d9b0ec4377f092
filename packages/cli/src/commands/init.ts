/**
 * `cloud-quota init`: writes a first cloud-quota.yaml, from answers or flags, and checks whether it works.
 */
import type { Provider } from "@cloud-quota/core/adapter/Provider"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Ask from "../Ask.ts"
import * as ConfigText from "../ConfigText.ts"
import * as Consent from "../Consent.ts"
import { ExitCode, Exited, Usage, exit } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Providers from "../Providers.ts"
import * as Session from "../Session.ts"
import * as Doctor from "./doctor.ts"
import * as Trust from "./trust.ts"

const ids = Providers.all.map(({ id }) => id)

/** The settings to ask for, by provider. People add any others by hand. */
const asked: Readonly<Record<string, ReadonlyArray<"team" | "region" | "project">>> = {
  compshare: ["team"],
  metastudio: ["region", "project"]
}

type Settings = Readonly<Record<string, unknown>>

const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

export const command = Command.make(
  "init",
  {
    provider: Flag.Literals("provider", ids).pipe(Flag.withDescription("Which cloud"), Flag.optional),
    name: optional("name", "What the account is to be called"),
    team: optional("team", "The number of the team (compshare)"),
    region: optional("region", "The region (metastudio)"),
    project: optional("project", "The id of the project (metastudio)"),
    write: Flag.String("write").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("The file; cloud-quota.yaml by default"),
      Flag.withDefault("cloud-quota.yaml")
    ),
    overwrite: Flag.Boolean("overwrite").pipe(
      Flag.withDescription("Replace the file if it is there"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    ),
    yes: Consent.yes
  },
  ({ name, overwrite, provider, write: file, yes, ...settings }) =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const isThere = yield* files.exists(file)
      if (isThere && yes && !overwrite) {
        return yield* new Usage({ message: `${file} is there already: give --overwrite to replace it` })
      }
      const given: Settings = Object.fromEntries(
        Object.entries(settings).flatMap(([key, value]) => (Option.isSome(value) ? [[key, value.value]] : []))
      )
      const accounts = yield* yes
        ? fromFlags(Option.getOrUndefined(provider), Option.getOrUndefined(name), given)
        : Effect.scoped(Effect.flatMap(Ask.open, (ask) => fromAnswers(ask, file, isThere && !overwrite)))

      yield* files.writeFileString(file, ConfigText.configuration({ accounts }))
      yield* Trust.written(file)
      yield* Effect.logInfo(`${file} is written`)
      const path = yield* Path.Path
      const session = yield* Session.open.pipe(
        Effect.provideService(Flags.Config, Option.some(path.resolve(file)))
      )
      const isWell = yield* Doctor.show({ _tag: "table", all: true }, session, "stderr")
      yield* Effect.logInfo(nextSteps(accounts))
      yield* exit(isWell ? ExitCode.done : ExitCode.partial)
    }).pipe(Effect.scoped)
).pipe(
  Command.withDescription("Write a first cloud-quota.yaml, by asking, and look whether it works"),
  Command.withExamples([
    { command: "cloud-quota init", description: "Asks which cloud, and which team or project" },
    { command: "cloud-quota init --yes --provider compshare --team 1001", description: "Asks nothing" }
  ])
)

/** Merges the given settings into those of the environment, and checks them. */
const checked = Effect.fnUntraced(function* (provider: Provider, given: Settings) {
  const found = yield* provider.discover
  const settings = { ...found, provider: provider.id, ...given }
  const problems = Result.match(provider.configure(settings), {
    onSuccess: () => [],
    onFailure: (issues) => issues
  })
  return { settings, problems }
})

const fromFlags = Effect.fnUntraced(function* (
  id: string | undefined,
  name: string | undefined,
  given: Settings
) {
  const provider = Providers.all.find((one) => one.id === id)
  if (provider === undefined) {
    return yield* new Usage({ message: `--provider: nobody can be asked, so give ${ids.join(" or ")}` })
  }
  const { settings, problems } = yield* checked(provider, given)
  const [first] = problems
  if (first !== undefined) {
    return yield* new Usage({ message: `--${first.path.join(".") || "provider"}: ${first.message}` })
  }
  const called = name ?? ConfigText.usualName(provider.id)
  if (!isName(called)) return yield* new Usage({ message: `--name: ${badName}` })
  return [{ name: called, settings }]
})

const fromAnswers = Effect.fnUntraced(function* (ask: Ask.Ask, file: string, isThere: boolean) {
  if (isThere && !Ask.isYes(yield* ask(`${file} is there already. Replace it? [y/N]`))) {
    yield* Effect.logInfo("nothing was written")
    return yield* new Exited({ code: ExitCode.failed })
  }
  const accounts: Array<ConfigText.NewAccount> = []
  for (;;) {
    const provider = yield* askProvider(ask)
    const settings = yield* askSettings(ask, provider)
    const taken = new Set(accounts.map((account) => account.name))
    accounts.push({ name: yield* askName(ask, provider, taken), settings })
    if (!Ask.isYes(yield* ask("Another account? [y/N]"))) return accounts
  }
})

const askProvider = Effect.fnUntraced(function* (ask: Ask.Ask) {
  for (const [index, { id, title }] of Providers.all.entries()) {
    yield* Effect.logInfo(`  ${index + 1}  ${title} (${id})`)
  }
  for (;;) {
    const answer = yield* ask(`Which cloud? [1-${ids.length}]`)
    const provider = Providers.all.find(({ id }, index) => answer === id || answer === `${index + 1}`)
    if (provider !== undefined) return provider
    yield* Effect.logWarning(`answer with a number, or with ${ids.join(" or ")}`)
  }
})

const askSettings = Effect.fnUntraced(function* (ask: Ask.Ask, provider: Provider) {
  let settings: Settings = (yield* checked(provider, {})).settings
  for (const key of asked[provider.id] ?? []) {
    for (;;) {
      const known = settings[key]
      const answer = yield* ask(`${describe(provider, key)} [${known ?? "none"}]`)
      const next = answer === "" ? settings : { ...settings, [key]: plain(answer) }
      const problems = (yield* checked(provider, next)).problems.filter(({ path }) => path[0] === key)
      if (problems.length === 0) {
        settings = next
        break
      }
      for (const { message } of problems) yield* Effect.logWarning(message)
    }
  }
  return settings
})

const askName = Effect.fnUntraced(function* (ask: Ask.Ask, { id }: Provider, taken: ReadonlySet<string>) {
  const usual = ConfigText.usualName(id)
  for (;;) {
    const name = (yield* ask(`What is the account to be called? [${usual}]`)) || usual
    if (isName(name) && !taken.has(name)) return name
    yield* Effect.logWarning(taken.has(name) ? `there is ${name} already` : badName)
  }
})

const isName = (name: string): boolean => /^\p{L}[\p{L}\p{N}._-]{0,63}$/u.test(name)
const badName = "begin with a letter, and go on with letters, digits and . _ -"

/** Converts a number, if it is small enough to be exact. */
const plain = (answer: string): unknown => (/^[1-9]\d{0,14}$/.test(answer) ? Number(answer) : answer)

/** Returns the description of a setting from the provider's JSON Schema. */
const describe = ({ jsonSchema }: Provider, key: string): string => {
  const properties: unknown = jsonSchema["properties"]
  const property: unknown = isObject(properties) ? properties[key] : undefined
  const description: unknown = isObject(property) ? property["description"] : undefined
  return typeof description === "string" ? `${key}: ${description}` : key
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const nextSteps = (accounts: ReadonlyArray<ConfigText.NewAccount>): string => {
  const [{ name } = { name: "gpu" }] = accounts
  return [
    "",
    "What comes next:",
    "  cloud-quota quota list             who may use how much",
    "  cloud-quota baseline               accept the limits, once, before the first change of money",
    `  cloud-quota quota topup --help     and other changes, as -a ${name}`
  ].join("\n")
}
