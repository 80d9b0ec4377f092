/**
 * Keys for CompShare from the places where users already have them: the environment, and the file of
 * CompShare's own command line tool.
 */
import * as Chain from "@cloud-quota/core/adapter/CredentialChain"
import { type CloudQuotaError, invalid } from "@cloud-quota/core/CloudQuotaError"
import * as CredentialFile from "@cloud-quota/core/adapter/CredentialFile"
import * as Json from "@cloud-quota/core/Json"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { isAbsolute, join } from "node:path"
import { provider, whereKeysAre } from "./settings.ts"

/** The keys of one account. */
export interface Credentials {
  readonly publicKey: string
  readonly privateKey: Redacted.Redacted<string>
}

/** The profile of compshare-cli to use. */
export interface Options {
  /** Default: `COMPSHARE_PROFILE`, else the file's current profile, else `default`. */
  readonly profile?: string
}

/**
 * Returns the first pair of keys among: `COMPSHARE_PUBLIC_KEY` and `COMPSHARE_PRIVATE_KEY`;
 * `UCLOUD_PUBLIC_KEY` and `UCLOUD_PRIVATE_KEY`; a profile in the file of compshare-cli, which is
 * `COMPSHARE_CONFIG_FILE`, `$XDG_CONFIG_HOME/compshare/config.json` or `~/.config/compshare/config.json`.
 *
 * Source: `config.py` of compshare-cli, which knows no variable for an STS token either.
 *
 * **Gotchas**
 *
 * Keys of the environment win over a profile, as they do for compshare-cli; if a profile was requested, a
 * warning reports that it was passed over. Unlike there, both keys always come from one place. A file that
 * cannot be understood is an error only if no place before it has keys.
 *
 * @example
 * import * as CredentialChain from "@cloud-quota/compshare/CredentialChain"
 * import { Console, Effect } from "effect"
 *
 * export const program = Effect.gen(function* () {
 *   const { source, warnings } = yield* CredentialChain.discover()
 *   yield* Console.log(source, ...warnings)
 * })
 */
export const discover = Effect.fnUntraced(function* (
  options: Options = {}
): Effect.fn.Return<Chain.Found<Credentials>, CloudQuotaError> {
  if (options.profile !== undefined && (typeof options.profile !== "string" || options.profile === "")) {
    return yield* invalid({
      provider,
      operation: "configure",
      field: "profile",
      message: "give the name of a profile, as `compshare config` has it, or leave it out"
    })
  }
  const profile = options.profile ?? (yield* Chain.variable(provider, "COMPSHARE_PROFILE"))
  const variables = (prefix: string) =>
    Chain.environment(provider, { id: `${prefix}_PUBLIC_KEY`, secret: `${prefix}_PRIVATE_KEY` }).pipe(
      Effect.map(Result.map((found) => (profile ? passedOver(profile, found) : found)))
    )
  const found = yield* Chain.discover({
    provider,
    remedy: `set COMPSHARE_PUBLIC_KEY and COMPSHARE_PRIVATE_KEY, or run \`compshare config\`; ${whereKeysAre}`,
    places: [variables("COMPSHARE"), variables("UCLOUD"), fromFile(profile)]
  })
  return asCredentials(found)
})

/**
 * Returns the keys of this profile of compshare-cli, and ignores the environment. For several accounts side
 * by side, each with its own keys.
 */
export const ofProfile = (profile: string): Effect.Effect<Chain.Found<Credentials>, CloudQuotaError> =>
  Effect.map(
    Chain.discover({
      provider,
      remedy: `run \`compshare config\` for the profile ${quoted(profile)}, which the configuration names; ${whereKeysAre}`,
      places: [fromFile(profile)]
    }),
    asCredentials
  )

const asCredentials = (found: Chain.Found<Chain.KeyPair>): Chain.Found<Credentials> => ({
  ...found,
  value: { publicKey: found.value.id, privateKey: found.value.secret }
})

const passedOver = <A>(profile: string, found: Chain.Found<A>): Chain.Found<A> => ({
  ...found,
  warnings: [
    ...found.warnings,
    `profile ${quoted(profile)} was not looked at, since keys of the environment come first: unset them to use it`
  ]
})

const Text = Schema.optionalKey(Schema.NullOr(Schema.String))

const ConfigFile = Schema.Struct({
  current_profile: Text,
  profiles: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown)))
})

const Profile = Schema.Struct({ public_key: Text, private_key: Text })

/** The error names the place only: the value there may be a key. */
const decode = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  at: ReadonlyArray<string>,
  wire: unknown
): Result.Result<S["Type"], string> =>
  Result.mapError(Schema.decodeUnknownResult(schema)(wire), ({ issue }) => {
    const path = [...at, ...(formatIssue(issue).issues[0]?.path ?? [])].map(String)
    return path.length === 0 ? "is not an object" : `${path.map(quoted).join(".")} is not what it should be`
  })

const formatIssue = SchemaIssue.makeFormatterStandardSchemaV1()

/** Returns the name unchanged, or quoted and shortened if it could garble a message. */
const quoted = (name: string): string =>
  /^[\p{L}\p{N}_@.-]{1,64}$/u.test(name) ? name : JSON.stringify(name.slice(0, 64))

const fromFile = Effect.fnUntraced(function* (
  asked: string | undefined
): Effect.fn.Return<Result.Result<Chain.Found<Chain.KeyPair>, string>, CloudQuotaError> {
  const home = yield* CredentialFile.home(provider)
  const chosen = yield* Chain.variable(provider, "COMPSHARE_CONFIG_FILE")
  const configHome = yield* Chain.variable(provider, "XDG_CONFIG_HOME")
  // The XDG specification ignores a relative path here.
  const folder = configHome && isAbsolute(configHome) ? configHome : "~/.config"
  const wanted = chosen || join(folder, "compshare", "config.json")
  const path = CredentialFile.expand(wanted, home)
  if (path === undefined) return Result.fail(`file ${wanted} (the home folder is not known)`)

  const name = CredentialFile.shown(path, home)
  const file = yield* CredentialFile.read({ provider, path, name })
  if (file === undefined) return Result.fail(`file ${name} (not there)`)
  const broken = (message: string) =>
    invalid({
      provider,
      operation: "configure",
      field: name,
      message: `${message}: write it anew with \`compshare config\``
    })
  const config = yield* Json.parse(Redacted.value(file.text)).pipe(
    Result.mapError((error) => `is ${error.message}`),
    Result.flatMap((wire) => decode(ConfigFile, [], wire)),
    Result.mapError(broken),
    Effect.fromResult
  )
  const profiles = config.profiles ?? {}
  const profile = asked || config.current_profile || "default"
  const where = `file ${name}, profile ${quoted(profile)}`
  if (!Object.hasOwn(profiles, profile)) {
    const others = Object.keys(profiles).map(quoted).join(", ")
    return Result.fail(`${where} (no such profile: it has ${others === "" ? "none" : others})`)
  }
  const keys = yield* decode(Profile, ["profiles", profile], profiles[profile]).pipe(
    Result.mapError(broken),
    Effect.fromResult
  )
  const pair = yield* Effect.fromResult(
    Chain.keyPair(provider, where, {
      id: { name: "public_key", value: keys.public_key ?? undefined },
      secret: { name: "private_key", value: keys.private_key ?? undefined }
    })
  )
  return pair === undefined
    ? Result.fail(`${where} (has no keys)`)
    : Result.succeed({ value: pair, source: where, warnings: file.warnings })
})
