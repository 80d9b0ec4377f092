/**
 * The configuration file, `cloud-quota.yaml`: the accounts, their people, and the journal. All of its
 * settings are in docs/configuration.md.
 *
 * It never contains keys. It names the places of keys, which by default are those of the vendors' own tools.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { dirname, resolve } from "node:path"
import * as Account from "../services/Account.ts"
import * as Accounts from "../services/Accounts.ts"
import { CloudQuotaError, NotFound, invalid } from "../model/CloudQuotaError.ts"
import { ConfigFileError, type ConfigIssue } from "./ConfigFileError.ts"
import * as ConfigTrust from "./ConfigTrust.ts"
import { type JournalChoice, folder, journalLayer, journalOfEnvironment } from "./journal.ts"
import { File, People as PeopleSettings, accountName, jsonSchema } from "./schema.ts"
import { type Source, find, provider as ourselves } from "./search.ts"
import type { Document } from "./yaml.ts"
import * as Names from "../model/names.ts"
import { withAccount } from "../services/serviceContext.ts"
import { nearest } from "../model/nearest.ts"
import * as People from "../model/People.ts"
import type { Configured, Issue, Provider } from "./Provider.ts"
import * as Settings from "./Settings.ts"

export { ConfigFileError } from "./ConfigFileError.ts"
export type { ConfigIssue } from "./ConfigFileError.ts"
export type { JournalChoice } from "./journal.ts"
export { jsonSchema }

/** The requested providers: those that the file names, or all available ones without a file. */
export interface Wanted {
  readonly ids?: ReadonlyArray<string>
  /** The folder of the file, or the one where the search began. */
  readonly directory: string
}

/** The providers, or a function that loads the requested ones. */
export type Providers =
  | ReadonlyArray<Provider>
  | ((wanted: Wanted) => Effect.Effect<ReadonlyArray<Provider>, CloudQuotaError>)

/** Options for finding a configuration. */
export interface LoadOptions {
  readonly providers: Providers
  /** This file only, without a search. */
  readonly path?: string
  /** Where the search begins. Default: the working directory. */
  readonly directory?: string
}

/** A configured account. No request has been sent to its provider yet. */
export interface ConfiguredAccount extends Configured {
  readonly name: string
  readonly provider: Provider
  readonly settings: unknown
}

/** A decoded configuration. It contains no keys. */
export interface Configuration {
  /** The file, as an absolute path. Absent if the accounts come from the environment. */
  readonly file?: string
  /** In file order. */
  readonly accounts: ReadonlyArray<ConfiguredAccount>
  readonly people: People.People
  readonly journal: JournalChoice
  /** The default time zone of days and months. Both clouds bill in Beijing time, the default. */
  readonly zone: string
}

const defaultZone = "Asia/Shanghai"

/**
 * Finds and decodes the configuration: the file of `path` or else of `CLOUD_QUOTA_CONFIG`; or else the first
 * `cloud-quota.yaml` (or `.yml`) in the folder, in its parents, and in `$XDG_CONFIG_HOME/cloud-quota`.
 * Without a file, the accounts come from the environment, each under the name of its provider.
 *
 * `CLOUD_QUOTA_JOURNAL`, the URL of a Postgres database or the path of a folder, takes precedence over the
 * file's `journal`.
 *
 * **Gotchas**
 *
 * Fails with all problems at once. Missing keys are not a problem here: each account reports them when it is
 * opened. A file found by searching is refused if any other user can write it, or if it belongs to another
 * user, because it determines where signed requests go. In such a file, endpoints and variables that are not
 * the vendor's own, and a journal, are refused unless the user trusts the file: see `ConfigTrust`.
 *
 * @example
 * import * as ConfigFile from "@cloud-quota/core/ConfigFile"
 * import { CompShareProvider } from "@cloud-quota/compshare"
 * import { MetaStudioProvider } from "@cloud-quota/metastudio"
 * import { Effect, Layer } from "effect"
 *
 * export const accounts = Layer.unwrap(
 *   Effect.map(
 *     ConfigFile.load({ providers: [CompShareProvider.provider, MetaStudioProvider.provider] }),
 *     ConfigFile.layer
 *   )
 * )
 */
export const load = Effect.fn("ConfigFile.load")(function* (
  options: LoadOptions
): Effect.fn.Return<Configuration, ConfigFileError | CloudQuotaError> {
  const here = resolve(options.directory ?? ".")
  const source = yield* find(options)
  const journal = yield* journalOfEnvironment(here)
  if (source === undefined) {
    const accounts = yield* discovered(yield* providersOf(options.providers, { directory: here }))
    return {
      accounts,
      people: People.fromRecord({}),
      journal: journal ?? { _tag: "Default" },
      zone: defaultZone
    }
  }
  // Loaded on demand: a configuration in code needs no YAML.
  const { parse } = yield* Effect.promise(() => import("./yaml.ts"))
  const document = yield* Effect.mapError(Effect.fromResult(parse(source.text)), (problems) => {
    const issues = problems.map((problem) => ({ field: "", ...problem }))
    return new ConfigFileError({ file: source.name, issues })
  })
  const directory = dirname(source.path)
  const ids = providerIds(document.value)
  const providers = yield* providersOf(options.providers, { ids, directory })
  const { accounts, content } = yield* Effect.mapError(
    Effect.fromResult(understand(document.value, providers)),
    (issues) => new ConfigFileError({ file: source.name, issues: located(issues, document) })
  )
  if (!source.isNamed) yield* trusted(source, foreignIn(accounts, content), document)
  return {
    file: source.path,
    accounts,
    people: People.fromRecord(asText(content.people)),
    journal: journal ?? (yield* chosenJournal(content.journal, directory)),
    zone: content.zone ?? defaultZone
  }
})

/**
 * The accounts of a configuration, its people and its journal.
 *
 * **Gotchas**
 *
 * Strict: one account without keys fails all. To use the other accounts anyway, see {@link open}; for a
 * selection, see {@link only}.
 */
export const layer = (
  configuration: Configuration,
  /** Takes precedence over the people and the journal of the configuration. */
  instead: Layer.Layer<never> = Layer.empty
): Layer.Layer<Accounts.Accounts, CloudQuotaError> =>
  Accounts.layer(
    Object.fromEntries(configuration.accounts.map(({ layer, name }) => [name, layer] as const))
  ).pipe(Layer.provideMerge(Layer.merge(surroundings(configuration), instead)))

/** An opened account, or the error of opening it. */
export interface Opened extends ConfiguredAccount {
  readonly account: Result.Result<Account.Account["Service"], CloudQuotaError>
}

/**
 * Opens every account separately, in the order of the configuration. An account that fails, because it has no
 * keys or its provider does not answer, does not affect the others. They stay open until the scope closes.
 */
export const open = (
  configuration: Configuration
): Effect.Effect<ReadonlyArray<Opened>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const around = yield* Layer.build(surroundings(configuration))
    return yield* Effect.forEach(
      configuration.accounts,
      (configured) =>
        Layer.build(configured.layer).pipe(
          Effect.map((services) => Context.get(services, Account.Account)),
          Effect.result,
          Effect.map((account) => ({ ...configured, account })),
          Effect.provideContext(around)
        ),
      { concurrency: "unbounded" }
    )
  })

/** The people and the journal of a configuration, for programs that make their own accounts. */
export const surroundings = ({ journal, people }: Configuration): Layer.Layer<never> =>
  Layer.merge(People.layer(people), journalLayer(journal))

/** Returns the configuration with only these accounts. Fails with `NotFound` for an unknown name. */
export const only = (
  configuration: Configuration,
  names: ReadonlyArray<string>
): Effect.Effect<Configuration, CloudQuotaError> => {
  const known = configuration.accounts.map(({ name }) => name)
  const missing = names.find((name) => !known.includes(name))
  if (missing === undefined) {
    const accounts = configuration.accounts.filter(({ name }) => names.includes(name))
    return Effect.succeed({ ...configuration, accounts })
  }
  const meant = nearest(missing, known)
  const hint = meant === undefined ? "" : ` (did you mean ${meant}?)`
  const message = `there is no account ${JSON.stringify(missing)}${hint}: the accounts are ${known.join(", ")}`
  return Effect.fail(notFound("accounts.get", message))
}

const notFound = (operation: string, message: string): CloudQuotaError =>
  new CloudQuotaError({
    provider: ourselves,
    operation,
    money: "not-moved",
    reason: new NotFound({ message })
  })

const providersOf = (providers: Providers, wanted: Wanted) =>
  typeof providers === "function" ? providers(wanted) : Effect.succeed(providers)

/** An account with its name: its errors include the name, and every use of the layer makes a new account. */
const toAccount = (
  name: string,
  provider: Provider,
  settings: unknown,
  configured: Configured
): ConfiguredAccount => ({
  name,
  provider,
  settings,
  diagnose: configured.diagnose,
  foreign: configured.foreign,
  layer: Layer.fresh(
    Layer.effectContext(
      Layer.build(Layer.fresh(configured.layer)).pipe(
        Effect.mapError(withAccount(name)),
        Effect.provideService(Account.AccountName, name)
      )
    )
  )
})

/** The accounts of the environment, if there is no file. */
const discovered = Effect.fnUntraced(function* (
  providers: ReadonlyArray<Provider>
): Effect.fn.Return<ReadonlyArray<ConfiguredAccount>, ConfigFileError | CloudQuotaError> {
  const accounts: Array<ConfiguredAccount> = []
  const issues: Array<ConfigIssue> = []
  for (const provider of providers) {
    const settings = yield* provider.discover
    if (settings === undefined) continue
    const configured = provider.configure(settings)
    if (Result.isSuccess(configured)) {
      accounts.push(toAccount(provider.id, provider, settings, configured.success))
    } else {
      for (const { message, path } of configured.failure) {
        issues.push({ field: [provider.id, ...path].join("."), message })
      }
    }
  }
  if (issues.length > 0) return yield* new ConfigFileError({ file: "the environment", issues })
  if (accounts.length > 0) return accounts
  const ids = providers.map(({ title }) => title).join(" or ")
  const message = `there is no cloud-quota.yaml here, in a folder above or in ~/.config/cloud-quota, and the environment names no account of ${ids}: write a file, or set the variables; docs/configuration.md has both`
  return yield* notFound("configure", message)
})

/** The settings of a file that require trust: custom endpoints and variables, and the journal. */
const foreignIn = (
  accounts: ReadonlyArray<ConfiguredAccount>,
  { journal }: typeof File.Type
): ReadonlyArray<Issue> => [
  ...accounts.flatMap(({ foreign, name }) =>
    foreign.map(({ message, path }) => ({ path: ["accounts", name, ...path], message }))
  ),
  ...(journal === undefined
    ? []
    : [{ path: ["journal"], isKey: true as const, message: "chooses a journal" }])
]

/** Fails if a file found by searching has such settings and the user does not trust it. */
const trusted = Effect.fnUntraced(function* (
  { name, path, text }: Source,
  foreign: ReadonlyArray<Issue>,
  document: Document
): Effect.fn.Return<void, ConfigFileError | CloudQuotaError> {
  if (foreign.length === 0 || (yield* ConfigTrust.isTrusted(path, text))) return
  const plain = /^[\w@%+=:,./~-]+$/.test(name) ? name : `'${path.replaceAll("'", String.raw`'\''`)}'`
  const remedy = `this file was found by searching: read it, then run \`cloud-quota trust ${plain}\`, or name it with --config or CLOUD_QUOTA_CONFIG`
  const issues = foreign.map((issue) => ({ ...issue, message: `${issue.message}; ${remedy}` }))
  yield* new ConfigFileError({ file: name, issues: located(issues, document) })
})

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const accountsIn = (value: unknown): ReadonlyArray<readonly [string, unknown]> =>
  isGroup(value) && isGroup(value["accounts"]) ? Object.entries(value["accounts"]) : []

/** The providers that a file names, each once. */
const providerIds = (value: unknown): ReadonlyArray<string> => {
  const ids = accountsIn(value).map(([, entry]) => (isGroup(entry) ? entry["provider"] : undefined))
  return [...new Set(ids.filter((id) => typeof id === "string"))]
}

interface Understood {
  readonly accounts: ReadonlyArray<ConfiguredAccount>
  readonly content: typeof File.Type
}

const understand = (
  value: unknown,
  providers: ReadonlyArray<Provider>
): Result.Result<Understood, ReadonlyArray<Issue>> => {
  const content = Settings.decode(File, value)
  const issues = Result.isFailure(content) ? [...content.failure] : []
  const accounts: Array<ConfiguredAccount> = []
  const entries = accountsIn(value)
  for (const [name, settings] of entries) {
    const account = understandAccount(name, settings, providers)
    if (Result.isSuccess(account)) accounts.push(account.success)
    else
      issues.push(...account.failure.map((issue) => ({ ...issue, path: ["accounts", name, ...issue.path] })))
  }
  const people = isGroup(value) && isGroup(value["people"]) ? understoodPeople(value["people"]) : {}
  issues.push(
    ...wrongPeople(
      asText(people),
      entries.map(([name]) => name)
    )
  )
  return Result.isSuccess(content) && issues.length === 0
    ? Result.succeed({ accounts, content: content.success })
    : Result.fail(issues)
}

const understandAccount = (
  name: string,
  settings: unknown,
  providers: ReadonlyArray<Provider>
): Result.Result<ConfiguredAccount, ReadonlyArray<Issue>> => {
  const fail = (issue: Issue) => Result.fail([issue])
  if (!accountName.test(name)) {
    const message = "is no name for an account: begin with a letter, go on with letters, digits and . _ -"
    return fail({ path: [], isKey: true, message })
  }
  const ids = providers.map(({ id }) => id)
  const are = `the providers are ${ids.join(", ")}`
  if (!isGroup(settings)) return fail({ path: [], message: `give { provider: … } and its settings; ${are}` })
  const id = settings["provider"]
  const provider = providers.find((one) => one.id === id)
  if (provider === undefined) {
    const meant = typeof id === "string" ? nearest(id, ids) : undefined
    const problem =
      id === undefined ? "is missing:" : meant === undefined ? "is not known:" : `did you mean ${meant}?`
    return fail({ path: ["provider"], message: `${problem} ${are}` })
  }
  return Result.map(provider.configure(settings), (configured) =>
    toAccount(name, provider, settings, configured)
  )
}

/** Decodes each person separately, so that an invalid one does not hide problems of the others. */
const understoodPeople = (people: Readonly<Record<string, unknown>>): typeof PeopleSettings.Type =>
  Object.assign(
    {},
    ...Object.entries(people).flatMap(([person, members]) => {
      const decoded = Settings.decode(PeopleSettings, { [person]: members })
      return Result.isSuccess(decoded) ? [decoded.success] : []
    })
  )

const asText = (people: typeof PeopleSettings.Type = {}): People.Record =>
  Object.fromEntries(
    Object.entries(people).map(([person, members]) => [
      person,
      Object.fromEntries(Object.entries(members).map(([account, id]) => [account, `${id}`]))
    ])
  )

/** Reports unknown accounts, names that look alike, and persons listed twice. */
const wrongPeople = (people: People.Record, accounts: ReadonlyArray<string>): ReadonlyArray<Issue> => {
  const issues: Array<Issue> = []
  const persons = new Set<string>()
  const members = new Map<string, string>()
  for (const [person, ids] of Object.entries(people)) {
    const path = ["people", person]
    const misnamed = Names.problem(person, People.longestName)
    if (misnamed !== undefined) {
      issues.push({ path, isKey: true, message: misnamed })
      continue
    }
    const look = Names.key(person.toLowerCase())
    if (persons.has(look)) {
      issues.push({ path, isKey: true, message: "is there already, in other letters: make one of the two" })
    }
    persons.add(look)
    for (const [account, id] of Object.entries(ids)) {
      if (!accounts.includes(account)) {
        const meant = nearest(account, accounts)
        const hint = meant === undefined ? "" : ` did you mean ${meant}?`
        const message = `there is no account of this name:${hint} the accounts are ${accounts.join(", ")}`
        issues.push({ path: [...path, account], isKey: true, message })
        continue
      }
      const member = JSON.stringify([account, id])
      const other = members.get(member)
      if (other === undefined) members.set(member, person)
      else issues.push({ path: [...path, account], message: `is the same member as ${other}` })
    }
  }
  return issues
}

const chosenJournal = Effect.fnUntraced(function* (
  chosen: (typeof File.Type)["journal"],
  directory: string
): Effect.fn.Return<JournalChoice, CloudQuotaError> {
  const { postgres, sqlite, ...settings } = chosen ?? {}
  const by = "configuration"
  if (sqlite !== undefined) {
    const path = yield* Effect.mapError(Effect.fromResult(yield* folder(sqlite, directory)), (message) =>
      invalid({ provider: ourselves, operation: "configure", field: "journal.sqlite", message })
    )
    return { _tag: "Sqlite", by, directory: path, written: sqlite, ...settings }
  }
  if (postgres === undefined) return { _tag: "Default" }
  const { schema, url } = postgres
  return { _tag: "Postgres", by, variable: url.env, ...(schema === undefined ? {} : { schema }) }
})

/** The issues with their positions, in text order. */
const located = (issues: ReadonlyArray<Issue>, document: Document): ReadonlyArray<ConfigIssue> =>
  issues
    .map(({ isKey, message, path }) => ({
      field: path.join("."),
      message,
      ...document.positionOf(path, isKey)
    }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
