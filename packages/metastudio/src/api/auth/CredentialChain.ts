/**
 * Keys for MetaStudio from the places where users already have them: the environment, and the credentials
 * file of Huawei Cloud's SDKs.
 */
import * as Chain from "@cloud-quota/core/adapter/CredentialChain"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as CredentialFile from "@cloud-quota/core/adapter/CredentialFile"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { AccessKey } from "./Credentials.ts"
import { invalid, provider } from "../errors.ts"
import * as Ini from "./ini.ts"

/** An access key, with the account's data found in the same place. */
export interface Discovered {
  readonly credentials: AccessKey
  readonly projectId?: string
  /** The id of the account, which global services require. */
  readonly domainId?: string
  /** The origin of IAM. */
  readonly iamEndpoint?: string
}

/**
 * The first access key among: `HUAWEICLOUD_SDK_AK` and `HUAWEICLOUD_SDK_SK`; `CLOUD_SDK_AK` and
 * `CLOUD_SDK_SK`, as in the vendor's examples; section `basic`, or else `global`, of the file
 * `HUAWEICLOUD_SDK_CREDENTIALS_FILE` or `~/.huaweicloud/credentials`. A key in variables may have a
 * `…_SECURITY_TOKEN` beside it.
 *
 * Values that the file does not have come from `HUAWEICLOUD_SDK_PROJECT_ID`, `HUAWEICLOUD_SDK_DOMAIN_ID` and
 * `HUAWEICLOUD_SDK_IAM_ENDPOINT`.
 *
 * Source: `auth/provider.py` and `auth/iam_service.py` of huaweicloud-sdk-python-v3, and the same of the Go
 * SDK. Their sign-in by an identity provider (`idp_id`) is not supported, nor is a server's metadata.
 *
 * **Gotchas**
 *
 * Both halves of a key always come from one place. A file that cannot be understood is an error only if
 * no place before it has a key.
 *
 * @example
 * import * as CredentialChain from "@cloud-quota/metastudio/CredentialChain"
 * import { Console, Effect } from "effect"
 *
 * export const program = Effect.gen(function* () {
 *   const { source, warnings } = yield* CredentialChain.discover
 *   yield* Console.log(source, ...warnings)
 * })
 */
export const discover: Effect.Effect<Chain.Found<Discovered>, CloudQuotaError> = Effect.gen(function* () {
  const own = variables("HUAWEICLOUD_SDK")
  const example = variables("CLOUD_SDK")
  // A secret without its access key is not a key pair: it must not hide a complete one.
  const isLeftOver =
    !(yield* text("HUAWEICLOUD_SDK_AK")) &&
    Boolean(yield* text("HUAWEICLOUD_SDK_SK")) &&
    Boolean(yield* text("CLOUD_SDK_AK"))
  const found = yield* Chain.discover({
    provider,
    remedy:
      "set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or write ak and sk into ~/.huaweicloud/credentials; get your keys from My Credentials, Access Keys, in the console",
    places: isLeftOver ? [example, fromFile] : [own, example, fromFile]
  })
  const leftOver = "HUAWEICLOUD_SDK_SK was not used: HUAWEICLOUD_SDK_AK is not set"
  return {
    ...found,
    warnings: isLeftOver ? [...found.warnings, leftOver] : found.warnings,
    value: {
      ...defined({
        projectId: (yield* text("HUAWEICLOUD_SDK_PROJECT_ID")) || undefined,
        domainId: (yield* text("HUAWEICLOUD_SDK_DOMAIN_ID")) || undefined,
        iamEndpoint: (yield* text("HUAWEICLOUD_SDK_IAM_ENDPOINT")) || undefined
      }),
      ...found.value
    }
  }
})

const text = (name: string) => Chain.variable(provider, name)

const discovered = ({ id, secret, token }: Chain.KeyPair): Discovered => ({
  credentials: { accessKey: id, secretKey: secret, ...defined({ securityToken: token }) }
})

const variables = (prefix: string): Chain.Place<Discovered> =>
  Chain.environment(provider, {
    id: `${prefix}_AK`,
    secret: `${prefix}_SK`,
    token: `${prefix}_SECURITY_TOKEN`
  }).pipe(Effect.map(Result.map((found) => ({ ...found, value: discovered(found.value) }))))

const fromFile: Chain.Place<Discovered> = Effect.gen(function* () {
  const home = yield* CredentialFile.home(provider)
  const wanted = (yield* text("HUAWEICLOUD_SDK_CREDENTIALS_FILE")) || "~/.huaweicloud/credentials"
  const path = CredentialFile.expand(wanted, home)
  if (path === undefined) return Result.fail(`file ${wanted} (the home folder is not known)`)

  const name = CredentialFile.shown(path, home)
  const file = yield* CredentialFile.read({ provider, path, name })
  if (file === undefined) return Result.fail(`file ${name} (not there)`)
  const sections = yield* Effect.mapError(
    Effect.fromResult(Ini.parse(Redacted.value(file.text))),
    (problem) => invalid("configure", name, `${problem}: mend it, or give the keys in the environment`)
  )
  for (const section of ["basic", "global"]) {
    const values = yield* valuesOf(name, section, sections.get(section))
    const source = `file ${name}, section ${section}`
    const pair = yield* Effect.fromResult(
      Chain.keyPair(provider, source, {
        id: { name: "ak", value: values.ak },
        secret: { name: "sk", value: values.sk },
        token: { name: "security_token", value: values.security_token }
      })
    )
    if (pair === undefined) continue
    // A regional and a global service accept the same key, but each section has only half of the other
    // values.
    const global = yield* valuesOf(name, "global", sections.get("global"))
    const domainId = values.domain_id ?? (global.ak === pair.id ? global.domain_id : undefined)
    const { iam_endpoint: iamEndpoint, project_id: projectId } = values
    const value = { ...discovered(pair), ...defined({ projectId, domainId, iamEndpoint }) }
    return Result.succeed({ value, source, warnings: file.warnings })
  }
  return Result.fail(`file ${name} (no ak and sk in the sections basic and global)`)
})

const names = ["ak", "sk", "security_token", "project_id", "domain_id", "iam_endpoint"] as const

/** Returns the known values of one section. Empty is the same as absent. */
const valuesOf = Effect.fnUntraced(function* (
  file: string,
  section: string,
  values: Ini.Section = new Map()
): Effect.fn.Return<{ readonly [K in (typeof names)[number]]?: string }, CloudQuotaError> {
  for (const name of names) {
    if (Ini.isPlain(values.get(name) ?? "")) continue
    const message = `${name} in section ${section} has spaces, quotes, a comment or other signs in it that no key has: write it plain`
    return yield* invalid("configure", file, message)
  }
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = values.get(name)
      return value ? [[name, value]] : []
    })
  )
})
