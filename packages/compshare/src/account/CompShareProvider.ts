/**
 * CompShare as a provider for configuration files: the settings of an account, the places of its keys, and
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
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as CompShare from "./CompShare.ts"
import * as CompShareClient from "../api/CompShareClient.ts"
import * as CredentialChain from "../api/CredentialChain.ts"
import { provider as id, whereKeysAre } from "../api/settings.ts"

const whereKeys = {
  description: "Where the keys are, if not where compshare-cli and the environment have them.",
  remedy:
    "give { profile: name } for a profile of compshare-cli, or { env: { publicKey: VARIABLE, privateKey: VARIABLE } }"
}

const Credentials = Settings.group(whereKeys, {
  profile: Schema.optionalKey(
    Settings.text({
      description: "A profile of compshare-cli. Keys of the environment do not count then.",
      remedy: "give the name of a profile, as `compshare config` has it"
    })
  ),
  env: Schema.optionalKey(
    Settings.group(
      {
        description: "The environment variables that have the keys.",
        remedy: "give { publicKey: VARIABLE, privateKey: VARIABLE }"
      },
      {
        publicKey: Settings.variable("The variable that has the public key."),
        privateKey: Settings.variable("The variable that has the private key."),
        securityToken: Schema.optionalKey(
          Settings.variable("The variable that has the token of keys that were lent for a while (STS).")
        )
      }
    )
  )
}).check(Schema.isBetweenProperties(1, 1, { message: `give one of the two: ${whereKeys.remedy}` }))

const AccountSettings = Settings.group(
  { description: "A team on UCloud CompShare.", remedy: "give { provider: compshare, team: 1001 }" },
  {
    provider: Settings.providerId(id),
    team: Settings.whole(
      {
        description: "The number of the team, as the console shows it.",
        remedy: "give the team's number, 1 to 4294967295, as the console shows it"
      },
      1,
      2 ** 32 - 1
    ),
    region: Schema.optionalKey(
      Settings.text(
        {
          description: "The region that requests name; cn-wlcb by default.",
          remedy: "give the name of a region, as cn-wlcb"
        },
        /^[A-Za-z0-9][A-Za-z0-9_-]*$/u
      )
    ),
    endpoint: Schema.optionalKey(
      Settings.origin({
        description: "The origin of the API; https://api.compshare.cn by default.",
        remedy: "give an origin, as https://api.compshare.cn"
      })
    ),
    projectId: Schema.optionalKey(
      Settings.text(
        {
          description: "The project that requests name, as org-xxxxxx; none by default.",
          remedy: "give the id of the project, as org-xxxxxx"
        },
        /^[A-Za-z0-9][A-Za-z0-9_-]*$/u
      )
    ),
    credentials: Schema.optionalKey(Credentials),
    rateLimit: Schema.optionalKey(Settings.rateLimit)
  }
)

const own: Provider.Own = {
  host: /^api\.compshare\.cn$/,
  variables: {
    publicKey: ["COMPSHARE_PUBLIC_KEY", "UCLOUD_PUBLIC_KEY"],
    privateKey: ["COMPSHARE_PRIVATE_KEY", "UCLOUD_PRIVATE_KEY"]
  }
}

/** The settings of an account: `provider`, `team`, and all settings that differ from the defaults. */
export type AccountSettings = typeof AccountSettings.Type

interface Keys {
  readonly publicKey: string
  readonly privateKey: Redacted.Redacted<string>
  readonly securityToken?: Redacted.Redacted<string>
}

const keysOf = ({ credentials }: AccountSettings): Effect.Effect<Chain.Found<Keys>, CloudQuotaError> => {
  if (credentials?.env !== undefined) {
    const { privateKey, publicKey, securityToken } = credentials.env
    const names = { id: publicKey, secret: privateKey, ...defined({ token: securityToken }) }
    return Effect.map(
      Chain.discover({
        provider: id,
        remedy: `set ${publicKey} and ${privateKey}, which the configuration names; ${whereKeysAre}`,
        places: [Chain.environment(id, names)]
      }),
      ({ value: { id: publicKey, secret: privateKey, token }, ...found }) => ({
        ...found,
        value: { publicKey, privateKey, ...defined({ securityToken: token }) }
      })
    )
  }
  // An account with its own profile must not use the keys that another account has in the environment.
  return credentials?.profile === undefined
    ? CredentialChain.discover()
    : CredentialChain.ofProfile(credentials.profile)
}

const optionsOf = (
  { endpoint, projectId, rateLimit, region, team }: AccountSettings,
  keys: Keys
): CompShare.Options => ({
  ...keys,
  teamId: team,
  ...defined({
    endpoint,
    projectId,
    region,
    rateLimit: rateLimit === undefined ? undefined : Settings.ratePolicy(rateLimit)
  })
})

const layerOf = (settings: AccountSettings): Layer.Layer<CompShare.Services, CloudQuotaError> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const found = yield* keysOf(settings)
      yield* Chain.logWarnings(id, found)
      return CompShare.layer(optionsOf(settings, found.value))
    })
  )

/** One attempt with a short timeout: a person waits for the result. */
const impatient = { timeout: Duration.seconds(10), retry: { attempts: 1 }, rateLimit: "off" } as const

const diagnose = (settings: AccountSettings) =>
  Diagnose.run({
    credentials: Effect.map(keysOf(settings), (found) => ({
      ...found,
      identity: Diagnose.masked(found.value.publicKey)
    })),
    remedy: `set COMPSHARE_PUBLIC_KEY and COMPSHARE_PRIVATE_KEY, or run \`compshare config\`; ${whereKeysAre}`,
    open: (keys: Keys) =>
      Effect.tap(CompShareClient.make({ ...optionsOf(settings, keys), ...impatient }), (client) =>
        client.describeCompShareSupportZone()
      ),
    looks: [
      {
        check: "permission",
        look: (client) =>
          Effect.map(
            client.getCompShareTeamInfo({ TeamId: Number(settings.team) }),
            ({ TeamRelation, unreadable }) => {
              const message = `team ${settings.team} can be read: ${TeamRelation.length} members and invitations`
              return unreadable.length === 0
                ? { verdict: "ok", message }
                : {
                    verdict: "warning",
                    message: `${message}, and ${unreadable.length} that are not as documented`,
                    remedy: "list the members: the end of the list names the rows that cannot be read"
                  }
            }
          ),
        remedy:
          "use keys of the account that administers the team, and look at the team's number in the console"
      }
    ]
  })

/**
 * UCloud CompShare for configuration files.
 *
 * @example
 * import { CompShareProvider } from "@cloud-quota/compshare"
 * import { Result } from "effect"
 *
 * const gpu = CompShareProvider.provider.configure({ provider: "compshare", team: 1001 })
 * if (Result.isFailure(gpu)) for (const { message, path } of gpu.failure) console.log(path.join("."), message)
 */
export const provider: Provider.Provider = {
  id,
  title: "UCloud CompShare",
  get jsonSchema() {
    return Settings.jsonSchema(AccountSettings)
  },
  configure: (settings) =>
    Result.map(Settings.decode(AccountSettings, settings), (decoded) => ({
      layer: layerOf(decoded),
      diagnose: diagnose(decoded),
      foreign: Settings.foreign(AccountSettings, decoded, own)
    })),
  // `COMPSHARE_TEAM_ID` alone decides that there is an account. Missing keys are reported when it is opened.
  discover: Effect.gen(function* () {
    const set = (name: string) => Effect.map(Chain.variable(id, name), (value) => value || undefined)
    const team = yield* set("COMPSHARE_TEAM_ID")
    if (team === undefined) return undefined
    const region = yield* set("COMPSHARE_REGION")
    const endpoint = yield* set("COMPSHARE_ENDPOINT")
    return { provider: id, team, ...defined({ region, endpoint }) }
  })
}
