/**
 * MetaStudio as a provider for configuration files: the settings of an account, the places of its keys, and
 * the checks of `doctor`.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Chain from "@cloud-quota/core/adapter/CredentialChain"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import * as Diagnose from "@cloud-quota/core/adapter/Diagnose"
import type * as Provider from "@cloud-quota/core/adapter/Provider"
import * as Settings from "@cloud-quota/core/adapter/Settings"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as CredentialChain from "../api/auth/CredentialChain.ts"
import type * as Credentials from "../api/auth/Credentials.ts"
import { provider as id } from "../api/errors.ts"
import { remedy as isolationRemedy } from "../driver/isolation.ts"
import * as MetaStudio from "./MetaStudio.ts"
import * as MetaStudioClient from "../api/MetaStudioClient.ts"
import * as Region from "../api/Region.ts"

const regions = Region.all.map((region) => region.id)

const Keys = Settings.group(
  {
    description: "The environment variables that have an access key.",
    remedy: "give { accessKey: VARIABLE, secretKey: VARIABLE }"
  },
  {
    accessKey: Settings.variable("The variable that has the access key id (AK)."),
    secretKey: Settings.variable("The variable that has the secret access key (SK)."),
    securityToken: Schema.optionalKey(
      Settings.variable("The variable that has the security token of a temporary key.")
    )
  }
)

const InVariable = (description: string) =>
  Settings.group(
    { description, remedy: "name the environment variable that has it, as { env: VARIABLE }" },
    { env: Settings.variable("The variable.") }
  )

const hexId = /^[A-Za-z0-9_-]{1,64}$/u

const plain = (description: string, remedy: string) => Settings.text({ description, remedy })

const User = Settings.group(
  {
    description: "An IAM user with programmatic access, from whose password tokens are made and renewed.",
    remedy: "give { domain: name of the account, name: name of the user, password: { env: VARIABLE } }"
  },
  {
    domain: plain("The name of the account that the user belongs to.", "give the name of the account"),
    name: plain("The name of the IAM user.", "give the name of the IAM user"),
    password: InVariable("Where the user's password is.")
  }
)

const delegating = "give the name of the account that delegates (domain), or its id (domainId)"

const Agency = Settings.group(
  {
    description: "An agency: another account's key makes temporary keys of this one.",
    remedy: "give { name: name of the agency, domain: name of the account that delegates }"
  },
  {
    name: plain("The name of the agency.", "give the name of the agency"),
    domain: Schema.optionalKey(plain("The name of the account that delegates.", delegating)),
    domainId: Schema.optionalKey(
      Settings.text({ description: "The id of the account that delegates.", remedy: delegating }, hexId)
    ),
    env: Schema.optionalKey(Keys)
  }
).check(
  Schema.makeFilter(({ domain, domainId }) => domain !== undefined || domainId !== undefined, {
    message: delegating
  })
)

const whereKeys = {
  description: "Who calls, if not the access key that the environment and the SDKs' credentials file have.",
  remedy:
    "give one of { env: { accessKey, secretKey } }, { user: … }, { token: { env } } and { agency: … }: docs/configuration.md has them"
}

const CredentialSettings = Settings.group(whereKeys, {
  env: Schema.optionalKey(Keys),
  user: Schema.optionalKey(User),
  token: Schema.optionalKey(InVariable("Where a token of IAM is. It lives for a day at the most.")),
  agency: Schema.optionalKey(Agency)
}).check(Schema.isBetweenProperties(1, 1, { message: whereKeys.remedy }))

const missingPlace = `give the region, ${regions.join(" or ")}, or an endpoint`

const endpoint = (description: string, example: string) =>
  Schema.optionalKey(Settings.origin({ description, remedy: `give an origin, as ${example}` }))

const AccountSettings = Settings.group(
  {
    description: "A project on Huawei Cloud MetaStudio.",
    remedy: "give { provider: metastudio, region: cn-north-4 }"
  },
  {
    provider: Settings.providerId(id),
    region: Schema.optionalKey(
      Schema.Literals(regions).annotate(
        Settings.described({ description: "Where the project is.", remedy: missingPlace })
      )
    ),
    endpoint: endpoint(
      "The origin of the API, instead of the region's.",
      "https://metastudio.cn-north-4.myhuaweicloud.com"
    ),
    project: Schema.optionalKey(
      Settings.text(
        {
          description:
            "The id of the project. By default the one beside the keys, or else that which has the region's name.",
          remedy: "give the id of the project, as My Credentials in the console shows it"
        },
        hexId
      )
    ),
    domain: Schema.optionalKey(
      Settings.text(
        {
          description: "The id of the account, which billing wants. Looked up by default.",
          remedy: "give the id of the account, as My Credentials in the console shows it"
        },
        hexId
      )
    ),
    iamEndpoint: endpoint(
      "The origin of IAM, instead of the region's.",
      "https://iam.cn-north-4.myhuaweicloud.com"
    ),
    bssEndpoint: endpoint(
      "The origin of the billing service, instead of Huawei Cloud's.",
      "https://bss.myhuaweicloud.com"
    ),
    credentials: Schema.optionalKey(CredentialSettings),
    rateLimit: Schema.optionalKey(Settings.rateLimit)
  }
).check(
  Schema.makeFilter(({ endpoint, region }) =>
    region === undefined && endpoint === undefined ? { path: ["region"], issue: missingPlace } : undefined
  )
)

/** Of `myhuaweicloud.com` only the services in use: the domain also has hosts that belong to customers. */
const own: Provider.Own = {
  host: /^(?:(?:metastudio|iam)\.[a-z]{2}-[a-z]+-[1-9]\d?|iam|bss)\.myhuaweicloud\.com$/,
  variables: {
    accessKey: ["HUAWEICLOUD_SDK_AK", "CLOUD_SDK_AK"],
    secretKey: ["HUAWEICLOUD_SDK_SK", "CLOUD_SDK_SK"],
    securityToken: ["HUAWEICLOUD_SDK_SECURITY_TOKEN", "CLOUD_SDK_SECURITY_TOKEN"]
  }
}

/** The settings of an account: `provider`, `region`, and all settings that differ from the defaults. */
export type AccountSettings = typeof AccountSettings.Type

/** The key, with the values found beside it. Those are used only for settings that are absent. */
interface Caller extends Omit<CredentialChain.Discovered, "credentials"> {
  readonly credentials: Credentials.Credentials
  /** Names the caller, without a secret. */
  readonly identity: string
}

const callerOf = ({ credentials }: AccountSettings): Effect.Effect<Chain.Found<Caller>, CloudQuotaError> => {
  const { agency, env, token, user } = credentials ?? {}
  if (env !== undefined) return keysIn(env)
  if (token !== undefined) {
    return Effect.map(secretIn(token.env), (found) => ({
      ...found,
      value: { credentials: { token: found.value }, identity: "a token" }
    }))
  }
  if (user !== undefined) {
    const { domain, name, password } = user
    return Effect.map(secretIn(password.env), (found) => ({
      ...found,
      value: {
        credentials: { domain, user: name, password: found.value },
        identity: `IAM user ${name} of ${domain}`
      }
    }))
  }
  if (agency === undefined) return Effect.map(CredentialChain.discover, identified)
  const { domain, domainId, name } = agency
  // The values beside the key describe its own account, not the account that delegates.
  return Effect.map(
    agency.env === undefined ? Effect.map(CredentialChain.discover, identified) : keysIn(agency.env),
    (found) => ({
      ...found,
      value: {
        credentials: {
          agencyName: name,
          source: found.value.credentials,
          ...defined({ domainName: domain, domainId })
        },
        identity: `agency ${name}, assumed with ${found.value.identity}`
      }
    })
  )
}

type KeyCaller = Caller & { readonly credentials: Credentials.AccessKey }

const identified = (found: Chain.Found<CredentialChain.Discovered>): Chain.Found<KeyCaller> => ({
  ...found,
  value: { ...found.value, identity: Diagnose.masked(found.value.credentials.accessKey) }
})

const keysIn = (names: typeof Keys.Type): Effect.Effect<Chain.Found<KeyCaller>, CloudQuotaError> =>
  Chain.discover({
    provider: id,
    remedy: `set ${names.accessKey} and ${names.secretKey}, which the configuration names`,
    places: [
      Chain.environment(id, {
        id: names.accessKey,
        secret: names.secretKey,
        ...defined({ token: names.securityToken })
      })
    ]
  }).pipe(
    Effect.map(({ value, ...found }) => {
      const { id: accessKey, secret: secretKey, token } = value
      const credentials = { accessKey, secretKey, ...defined({ securityToken: token }) }
      return identified({ ...found, value: { credentials } })
    })
  )

/** A secret that is not a key: any text is accepted. */
const secretIn = (name: string): Effect.Effect<Chain.Found<Redacted.Redacted<string>>, CloudQuotaError> => {
  const source = `environment: ${name}`
  const read = Effect.map(Chain.variable(id, name), (value) =>
    value
      ? Result.succeed({ value: Redacted.make(value), source, warnings: [] })
      : Result.fail(`${source} (not set)`)
  )
  return Chain.discover({
    provider: id,
    remedy: `set ${name}, which the configuration names`,
    places: [read]
  })
}

const optionsOf = (settings: AccountSettings, caller: Caller): MetaStudioClient.Options => {
  const { bssEndpoint, domain, endpoint, iamEndpoint, project, rateLimit, region } = settings
  return {
    credentials: caller.credentials,
    ...defined({
      region,
      endpoint,
      bssEndpoint,
      projectId: project ?? caller.projectId,
      domainId: domain ?? caller.domainId,
      iamEndpoint: iamEndpoint ?? caller.iamEndpoint,
      rateLimit: rateLimit === undefined ? undefined : Settings.ratePolicy(rateLimit)
    })
  }
}

const layerOf = (settings: AccountSettings): Layer.Layer<MetaStudio.Services, CloudQuotaError> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const found = yield* callerOf(settings)
      yield* Chain.logWarnings(id, found)
      return MetaStudio.layer(optionsOf(settings, found.value))
    })
  )

/** One attempt with a short timeout: a person waits for the result. */
const impatient = { timeout: Duration.seconds(10), retry: { attempts: 1 }, rateLimit: "off" } as const

const isolation: Diagnose.Look<MetaStudioClient.MetaStudioClient["Service"]> = {
  check: "isolation",
  look: (client) =>
    Effect.map(client.showTenantServiceConfigs(), ({ sub_account_control_config: control }) =>
      control?.separately_controlled === true
        ? { verdict: "ok", message: "sub-accounts are isolated, so that limits can be written" }
        : {
            verdict: control?.separately_controlled === false ? "failed" : "warning",
            message:
              control?.separately_controlled === false
                ? "sub-accounts are not isolated, so that no limit can be written"
                : "the provider did not tell whether sub-accounts are isolated; without it no limit can be written",
            remedy: isolationRemedy
          }
    ),
  remedy: "use a key of the root account, which may see how the tenant is set up"
}

const diagnose = (settings: AccountSettings) =>
  Diagnose.run({
    credentials: Effect.map(callerOf(settings), (found) => ({ ...found, identity: found.value.identity })),
    remedy:
      "set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or what the configuration names; get keys from My Credentials, Access Keys, in the console",
    open: (caller: Caller) => MetaStudioClient.make({ ...optionsOf(settings, caller), ...impatient }),
    looks: [
      {
        check: "permission",
        look: (client) =>
          Effect.map(client.listUserQuotas({ limit: 1 }), ({ count }) => ({
            verdict: "ok",
            message: `the quotas of ${count} sub-accounts can be read in project ${client.projectId}`
          })),
        remedy: "use a key of the root account, and look at the region and the project"
      },
      isolation
    ],
    clockLimit: Duration.minutes(15),
    isClock: ({ reason }) => reason._tag === "Unauthenticated" && /^the clock of this/.test(reason.message)
  })

/**
 * Huawei Cloud MetaStudio for configuration files.
 *
 * @example
 * import { MetaStudioProvider } from "@cloud-quota/metastudio"
 * import { Effect, Result } from "effect"
 *
 * const studio = MetaStudioProvider.provider.configure({ provider: "metastudio", region: "cn-north-4" })
 * export const program = Effect.gen(function* () {
 *   const { diagnose } = yield* Effect.fromResult(studio)
 *   for (const { check, message, verdict } of yield* diagnose) console.log(check, verdict, message)
 * })
 */
export const provider: Provider.Provider = {
  id,
  title: "Huawei Cloud MetaStudio",
  get jsonSchema() {
    return Settings.jsonSchema(AccountSettings)
  },
  configure: (settings) =>
    Result.map(Settings.decode(AccountSettings, settings), (decoded) => ({
      layer: layerOf(decoded),
      diagnose: diagnose(decoded),
      foreign: Settings.foreign(AccountSettings, decoded, own)
    })),
  // The region or the endpoint alone decides that there is an account. Missing keys are reported when it is
  // opened.
  discover: Effect.gen(function* () {
    const set = (name: string) => Effect.map(Chain.variable(id, name), (value) => value || undefined)
    const region = yield* set("METASTUDIO_REGION")
    const endpoint = yield* set("METASTUDIO_ENDPOINT")
    if (region === undefined && endpoint === undefined) return undefined
    const project = yield* set("METASTUDIO_PROJECT_ID")
    return { provider: id, ...defined({ region, endpoint, project }) }
  })
}
