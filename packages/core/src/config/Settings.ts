/**
 * Settings written by people: decoded strictly, with all problems at once, and described to editors by the
 * same schemas.
 *
 * Adapters build the settings of their accounts from it. Messages never quote a value, because it may be a
 * key.
 */
import * as Duration from "effect/Duration"
import * as JsonSchema from "effect/JsonSchema"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"
import { parseEndpoint } from "../model/AccountIdentity.ts"
import type { Issue, Own } from "./Provider.ts"
import type * as RateLimit from "../transport/RateLimit.ts"
import { nearest, plain } from "../model/nearest.ts"

export { nearest } from "../model/nearest.ts"

/** The description of a setting, for people. */
export interface About {
  /** What the setting means. Editors show it. */
  readonly description: string
  /** The remedy if it is invalid or missing, as `give the team's number`. */
  readonly remedy: string
}

/** Marks the settings that determine where keys come from, and where they go. */
const reaches = "@cloud-quota/core/Settings/reaches"

/** Annotations for a schema that is not made by a function of this module. */
export const described = ({ description, remedy }: About) => ({ description, message: remedy })

/** Text that matches a pattern. The pattern must be anchored, have the flag `u`, and exclude empty text. */
export const text = (about: About, pattern = /^\S(?:.*\S)?$/u) =>
  Schema.String.annotate(described(about)).check(Schema.isPattern(pattern, { message: about.remedy }))

/** A whole number, written as a number or as its digits. */
export const whole = (about: About, least: number, most: number) =>
  Schema.Union([
    Schema.Int.check(Schema.isBetween({ minimum: least, maximum: most })),
    Schema.String.check(
      Schema.isPattern(/^(?:0|[1-9][0-9]{0,15})$/u),
      Schema.makeFilter((digits: string) => Number(digits) >= least && Number(digits) <= most)
    )
  ]).annotate(described(about))

/** A group of settings. Unknown ones are refused. */
export const group = <const Fields extends Schema.Struct.Fields>(about: About, fields: Fields) =>
  Schema.Struct(fields).annotate(described(about))

/**
 * The name of an environment variable, in capitals. A key written here by mistake is therefore refused,
 * instead of being reported as an unset variable.
 */
export const variable = (description: string) => {
  const about = { description, remedy: "give the name of an environment variable, in capitals, as MY_KEY" }
  return Schema.String.annotate({ ...described(about), [reaches]: "variable" }).check(
    Schema.isPattern(/^[A-Z][A-Z0-9_]{0,127}$/u, { message: about.remedy })
  )
}

/** The setting `provider`, which determines the meaning of the other settings. */
export const providerId = <const Id extends string>(id: Id) =>
  Schema.Literal(id).annotate(
    described({
      description: "Which cloud the account is on.",
      remedy: `write ${id}, whose settings these are`
    })
  )

/** The origin of a provider's API. */
export const origin = (about: About) =>
  Schema.String.annotate({ ...described(about), [reaches]: "host" }).check(
    Schema.makeFilter((value: string) => {
      const url = parseEndpoint(value)
      return Result.isSuccess(url) || url.failure
    })
  )

/** How fast an account's requests may follow each other. {@link ratePolicy} converts it to a policy. */
export const rateLimit = Schema.Union([
  Schema.Literals(["adaptive", "off"]),
  Schema.Struct({
    requests: whole({ description: "How many requests.", remedy: "" }, 1, 10_000),
    perSeconds: whole({ description: "In how many seconds.", remedy: "" }, 1, 86_400)
  })
]).annotate(
  described({
    description:
      "How fast requests may follow each other: adaptive (the default) slows down once the provider asks for it.",
    remedy:
      "give adaptive, off, or { requests: 1 to 10000, perSeconds: 1 to 86400 }, where the provider's limit is known"
  })
)

/** Returns the policy of a setting. */
export const ratePolicy = (setting: typeof rateLimit.Type): RateLimit.Policy =>
  typeof setting === "string"
    ? setting
    : { requests: Number(setting.requests), per: Duration.seconds(Number(setting.perSeconds)) }

/**
 * Decodes settings, or returns all their problems.
 *
 * @example
 * import * as Settings from "@cloud-quota/core/adapter/Settings"
 *
 * const Team = Settings.group(
 *   { description: "A team.", remedy: "give { team }" },
 *   { team: Settings.whole({ description: "Its number.", remedy: "give the team's number" }, 1, 1e9) }
 * )
 *
 * Settings.decode(Team, { tema: 1001 }) // fails: team: give the team's number; tema: did you mean team?
 */
export const decode = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  settings: unknown
): Result.Result<S["Type"], ReadonlyArray<Issue>> =>
  Result.mapError(
    Schema.decodeUnknownResult(schema)(settings, { errors: "all", onExcessProperty: "error" }),
    ({ issue }) => issuesOf(issue, [], undefined)
  )

/**
 * Returns the settings made by {@link variable} and {@link origin} whose values are not the vendor's own.
 *
 * **Gotchas**
 *
 * The settings must be decoded first.
 */
export const foreign = (schema: Schema.Constraint, settings: unknown, own: Own): ReadonlyArray<Issue> =>
  foreignIn(schema.ast, settings, [], own)

const foreignIn = (
  ast: SchemaAST.AST,
  value: unknown,
  path: ReadonlyArray<string>,
  own: Own
): ReadonlyArray<Issue> => {
  if (ast._tag === "Objects") {
    return ast.propertySignatures.flatMap(({ name, type }) => {
      const inner: unknown = Object(value)[name]
      return inner === undefined ? [] : foreignIn(type, inner, [...path, String(name)], own)
    })
  }
  if (ast._tag === "Union") return ast.types.flatMap((type) => foreignIn(type, value, path, own))
  const reach = ast.annotations?.[reaches]
  if (reach === "host" && !isOwnHost(value, own)) return [{ path, message: "is not a host of the vendor" }]
  if (reach === "variable" && !own.variables[path.at(-1) ?? ""]?.includes(String(value))) {
    return [{ path, message: "is not a variable that the vendor's tools read for this" }]
  }
  return []
}

const isOwnHost = (value: unknown, { host }: Own): boolean => {
  const { hostname, port, protocol } = new URL(String(value))
  return protocol === "https:" && port === "" && host.test(hostname)
}

/** Returns the schema as a JSON Schema (draft 7), the version that editors support best. */
export const jsonSchema = (schema: Schema.Constraint): Readonly<Record<string, unknown>> =>
  JsonSchema.toDocumentDraft07(Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })).schema

const issuesOf = (
  issue: SchemaIssue.Issue,
  path: Issue["path"],
  parent: SchemaAST.AST | undefined
): ReadonlyArray<Issue> => {
  switch (issue._tag) {
    case "Pointer": {
      const inner = issue.path.map((key) => (typeof key === "number" ? key : String(key)))
      return issuesOf(issue.issue, [...path, ...inner], parent)
    }
    case "Composite":
      return issue.issues.flatMap((one) => issuesOf(one, path, issue.ast))
    case "Encoding":
      return issuesOf(issue.issue, path, parent)
    case "Filter": {
      const message = messageIn(issue.filter.annotations)
      return message === undefined ? issuesOf(issue.issue, path, parent) : [{ path, message }]
    }
    case "UnexpectedKey":
      return [{ path, isKey: true, message: unexpected(String(path.at(-1)), namesIn(issue.ast)) }]
    case "MissingKey": {
      const field = fieldsOf(parent).find(({ name }) => name === path.at(-1))
      return [{ path, message: messageIn(field?.type.annotations) ?? "is missing" }]
    }
    default: {
      const own = "annotations" in issue ? issue.annotations : issue.ast.annotations
      const words = messageIn(own) ?? messageIn(parent?.annotations)
      return [{ path, message: words ?? "is not what it should be: see docs/configuration.md" }]
    }
  }
}

const messageIn = (found: { readonly message?: unknown } | undefined): string | undefined =>
  typeof found?.message === "string" ? found.message : undefined

const fieldsOf = (ast: SchemaAST.AST | undefined) => (ast?._tag === "Objects" ? ast.propertySignatures : [])

const namesIn = (ast: SchemaAST.AST): ReadonlyArray<string> => fieldsOf(ast).map(({ name }) => String(name))

const unexpected = (key: string, known: ReadonlyArray<string>): string => {
  const other = known.find((name) => plain(name) === plain(key))
  if (other === undefined && /key|secret|passw|token|^ak$|^sk$/.test(plain(key))) {
    return "no key is written here: name the environment variable that has it, under credentials, or leave it in the vendor's own file"
  }
  const similar = other ?? nearest(key, known)
  const are = `the settings are ${known.join(", ")}`
  return similar === undefined ? `there is no such setting: ${are}` : `did you mean ${similar}?`
}
