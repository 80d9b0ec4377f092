/**
 * Builds a cloud of the Promise API: the accounts, the people, and the journal, each from code or from a
 * file.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import type * as Result from "effect/Result"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { layerOf } from "./AccountDefinition.ts"
import * as Accounts from "../services/Accounts.ts"
import { CloudQuotaError, PreconditionFailed, invalid } from "../model/CloudQuotaError.ts"
import * as ConfigFile from "../config/ConfigFile.ts"
import type { ConfigFileError } from "../config/ConfigFileError.ts"
import { defined } from "../model/KnownKeys.ts"
import * as Journal from "../journal/Journal.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import * as AllPeople from "../model/People.ts"
import type { Provider } from "../config/Provider.ts"
import * as SafeText from "../model/SafeText.ts"
import * as SqliteJournal from "../journal/SqliteJournal.ts"
import { zone as parseZone } from "../model/calendar.ts"
import { journalLayer as layerOfChoice, journalOfEnvironment } from "../config/journal.ts"
import { findPackage } from "../config/installedPackage.ts"
import { databaseOf, folderOf } from "../journal/place.ts"
import { withAccount } from "../services/serviceContext.ts"
import { homeFolder } from "../journal/stateDirectory.ts"
import * as Settlement from "../engine/Settlement.ts"
import type { ConnectOptions, JournalOptions, PeopleOptions, SettlementOptions } from "./connectOptions.ts"
import { textOf } from "./failure.ts"

/** Accounts, and the time zone of periods given as text. */
export interface Connection {
  readonly layer: Layer.Layer<Accounts.Accounts, CloudQuotaError>
  readonly zone: string
}

const provider = "cloud-quota"
const operation = "connect"

const invalidArgument = (field: string, message: string) => invalid({ provider, operation, field, message })

const missing = (message: string) =>
  new CloudQuotaError({
    provider,
    operation,
    money: "not-moved",
    reason: new PreconditionFailed({ message })
  })

const optionNames: KnownKeys.Names<ConnectOptions> = {
  accounts: true,
  people: true,
  journal: true,
  zone: true,
  settlement: true,
  config: true,
  signal: true
}

/** Decodes the options, and loads the parts that they name. */
export const connection = Effect.fnUntraced(function* (
  options: ConnectOptions
): Effect.fn.Return<Connection, ConfigFileError | CloudQuotaError> {
  if (typeof options !== "object" || options === null) {
    return yield* invalidArgument("options", "give { accounts }, { config }, or nothing")
  }
  const unknown = KnownKeys.problem(options, optionNames)
  if (unknown !== undefined) return yield* invalidArgument(unknown.field, unknown.message)
  const { accounts, config, journal, people, settlement, zone } = options
  const times = yield* settlementLayer(settlement)
  if (accounts === undefined) {
    const [name] = Object.keys(defined({ people, zone }))
    if (name !== undefined)
      return yield* invalidArgument(name, "goes with accounts; a configuration file has its own")
    if (config !== undefined && typeof config !== "string")
      return yield* invalidArgument("config", "give a path")
    const configuration = yield* ConfigFile.load({ providers: installed, ...defined({ path: config }) })
    const around = [...(journal === undefined ? [] : [yield* journalLayer(journal)]), times]
    const layer = ConfigFile.layer(configuration, Layer.mergeAll(Layer.empty, ...around))
    return { layer: withWarnings(layer), zone: configuration.zone }
  }
  if (config !== undefined)
    return yield* invalidArgument("config", "give either accounts or a configuration file")
  const layers = yield* accountLayers(accounts)
  const around = Layer.mergeAll(yield* peopleLayer(people), yield* journalLayer(journal), times)
  const zoneName = zone === undefined ? "Asia/Shanghai" : zone
  yield* Effect.mapError(Effect.fromResult(parseZone(zoneName)), (message) =>
    invalidArgument("zone", message)
  )
  return { layer: withWarnings(Layer.provideMerge(Accounts.layer(layers), around)), zone: zoneName }
})

/** A warning is a process warning, so that it does not appear in a script's own output. */
const withWarnings = <A, E>(layer: Layer.Layer<A, E>): Layer.Layer<A, E> =>
  Layer.provideMerge(layer, Logger.layer([warnings]))

const warnings = Logger.make(({ logLevel, message }) => {
  if (LogLevel.isLessThan(logLevel, "Warn")) return
  process.emitWarning(SafeText.visible([message].flat().map(textOf).join(" ")), "CloudQuotaWarning")
})

const accountLayers = Effect.fnUntraced(function* (accounts: NonNullable<ConnectOptions["accounts"]>) {
  const definitions = Object.entries(accounts ?? {})
  if (definitions.length === 0) return yield* invalidArgument("accounts", "give at least one")
  const layers = yield* Effect.forEach(definitions, ([name, definition]) => {
    const layer = layerOf(definition)
    const message =
      "give what compshare(…) or metastudio(…) returns, from @cloud-quota/compshare/promise or @cloud-quota/metastudio/promise of the same release"
    return layer === undefined
      ? Effect.fail(invalidArgument(`accounts.${name}`, message))
      : Effect.succeed([
          name,
          Layer.catch(layer, (error) => Layer.effectContext(Effect.fail(withAccount(name)(error))))
        ] as const)
  })
  return Object.fromEntries(layers)
})

const timeNames: KnownKeys.Names<SettlementOptions> = {
  own: true,
  takeover: true,
  readLag: true,
  readingAge: true,
  armedFor: true
}

const settlementLayer = Effect.fnUntraced(function* (
  settlement: SettlementOptions | undefined
): Effect.fn.Return<Layer.Layer<never>, CloudQuotaError> {
  if (settlement === undefined) return Layer.empty
  const unknown = KnownKeys.problem(settlement, timeNames)
  if (unknown !== undefined) return yield* invalidArgument(`settlement.${unknown.field}`, unknown.message)
  const given = Object.entries(defined(settlement))
  const wrong = given.find(([, millis]) => !Number.isFinite(millis) || millis < 0)
  if (wrong !== undefined) return yield* invalidArgument(`settlement.${wrong[0]}`, "give milliseconds")
  const times = Object.fromEntries(given.map(([name, millis]) => [name, Duration.millis(millis)]))
  return Layer.succeed(Settlement.Settlement, { ...Settlement.defaults, ...times })
})

const aboutPeople =
  'give a table, as { "ada@example.com": { gpu: "60001" } }, or two functions, { memberOf, personOf }'

const peopleLayer = (
  people: PeopleOptions | undefined
): Effect.Effect<Layer.Layer<never>, CloudQuotaError> => {
  if (people === undefined) return Effect.succeed(Layer.empty)
  // Callers without types may pass anything.
  if (typeof people !== "object" || people === null || Array.isArray(people)) {
    return Effect.fail(invalidArgument("people", aboutPeople))
  }
  const unknown = isPeopleFunctions(people)
    ? KnownKeys.problem(people, { memberOf: true, personOf: true })
    : undefined
  if (unknown !== undefined) return Effect.fail(invalidArgument(`people.${unknown.field}`, unknown.message))
  return Effect.try({
    try: () => AllPeople.layer(peopleOf(people)),
    catch: (error) =>
      invalidArgument(
        "people",
        error instanceof RangeError ? error.message.replace(/^people: /, "") : aboutPeople
      )
  })
}

const peopleOf = (people: PeopleOptions): AllPeople.People => {
  if (!isPeopleFunctions(people)) return AllPeople.fromRecord(people)
  // Errors of these functions are the caller's own, and are passed through unchanged.
  return {
    memberOf: (person, account) => Effect.promise(async () => people.memberOf(person, account)),
    personOf: (member, account) => Effect.promise(async () => people.personOf(member, account))
  }
}

const isPeopleFunctions = (
  people: PeopleOptions
): people is Extract<PeopleOptions, { readonly memberOf: (...args: never) => unknown }> =>
  typeof people.memberOf === "function" && typeof people.personOf === "function"

const journalLayer = Effect.fnUntraced(function* (
  journal: JournalOptions | undefined
): Effect.fn.Return<Layer.Layer<never>, CloudQuotaError> {
  if (journal === undefined) {
    // As with a configuration file: otherwise a script would ignore the changes recorded by the command and
    // other scripts.
    const choice = yield* journalOfEnvironment(resolve("."))
    return choice === undefined ? Layer.empty : layerOfChoice(choice)
  }
  if (journal === "memory") return Layer.succeed(Journal.Journal, Journal.memory())
  if (typeof journal === "object" && journal !== null) {
    const unknown =
      KnownKeys.problem(journal, "postgres" in journal ? { postgres: true } : { sqlite: true }) ??
      ("postgres" in journal ? KnownKeys.problem(journal.postgres, { url: true, schema: true }) : undefined)
    if (unknown !== undefined) return yield* invalidArgument(`journal.${unknown.field}`, unknown.message)
    if ("sqlite" in journal && typeof journal.sqlite === "string") {
      const { groupWritable, localDisk, sqlite } = journal
      const folder = yield* refused("journal.sqlite", folderOf(sqlite, resolve("."), homeFolder()))
      return SqliteJournal.layer({
        directory: folder,
        written: sqlite,
        ...defined({ groupWritable, localDisk })
      })
    }
    if ("postgres" in journal && typeof journal.postgres?.url === "string") {
      const { schema, url } = journal.postgres
      yield* refused("journal.postgres.url", databaseOf(url))
      // Loaded on demand: it needs a package that only users of Postgres have to install.
      const PostgresJournal = yield* Effect.tryPromise({
        try: () => import("../journal/PostgresJournal.ts"),
        catch: () => missing("a journal in Postgres needs a package: npm install @effect/sql-pg")
      })
      return PostgresJournal.layer({ url: Redacted.make(url), ...defined({ schema }) })
    }
  }
  const message = 'give { sqlite: folder }, { postgres: { url } } or "memory", or leave it out'
  return yield* invalidArgument("journal", message)
})

/**
 * The adapters that are tried if no file names a provider; for these the error can include the install
 * command.
 */
const adapters = ["compshare", "metastudio"]

const refused = <A>(field: string, place: Result.Result<A, string>): Effect.Effect<A, CloudQuotaError> =>
  Effect.mapError(Effect.fromResult(place), (message) => invalidArgument(field, message))

/** The requested providers, from the installed packages. */
const installed: ConfigFile.Providers = Effect.fnUntraced(function* ({ directory, ids }) {
  const wanted = new Set([...(ids ?? []), ...adapters])
  const found: Array<Provider> = []
  for (const id of wanted) {
    const isNamed = ids?.includes(id) === true
    const provider = yield* load(id, directory, isNamed)
    if (provider !== undefined) found.push(provider)
    else if (adapters.includes(id) && isNamed) return yield* missing(notInstalled([id]))
  }
  return found.length === 0 ? yield* missing(notInstalled(adapters)) : found
})

const notInstalled = (ids: ReadonlyArray<string>): string => {
  const packages = ids.map(packageOf)
  return `the configuration needs ${packages.join(" or ")}, and it is not installed: npm install ${packages.join(" ")}`
}

const packageOf = (id: string): string => `@cloud-quota/${id}`

/** Loads the provider of an installed package. */
const load = Effect.fnUntraced(function* (
  id: string,
  directory: string,
  isNamed: boolean
): Effect.fn.Return<Provider | undefined, CloudQuotaError> {
  // Only a plain name from the file may become part of a path.
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(id)) return undefined
  const found = findPackage(packageOf(id), directory)
  if (found === undefined) return undefined
  if (found._tag === "Unsafe") {
    if (!isNamed) return undefined
    return yield* missing(
      `${packageOf(id)} was found in ${found.folder}, which another user owns or can write, and is not run: npm install ${packageOf(id)} beside the program`
    )
  }
  const module: unknown = yield* Effect.promise(() => import(pathToFileURL(found.file).href))
  return providerIn(module, id)
})

/** An adapter's main entry exports a module with a `provider`. */
const providerIn = (module: unknown, id: string): Provider | undefined =>
  Object.values(Object(module))
    .map((part) =>
      typeof part === "object" && part !== null && "provider" in part ? part.provider : undefined
    )
    .find((provider): provider is Provider => isProvider(provider) && provider.id === id)

const isProvider = (value: unknown): value is Provider =>
  typeof value === "object" && value !== null && "id" in value && "configure" in value && "discover" in value
