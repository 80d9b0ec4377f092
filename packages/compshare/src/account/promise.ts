/**
 * UCloud CompShare for programs that use promises: accounts and the emulator for `connect` of
 * `@cloud-quota/core/promise`. Keys are passed as plain text here; nothing built from them displays them.
 */
import * as Definition from "@cloud-quota/core/adapter/AccountDefinition"
import * as Chain from "@cloud-quota/core/adapter/CredentialChain"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import type { AccountDefinition, EmulateOptions, Emulated, RateLimitOption } from "@cloud-quota/core/promise"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as CompShare from "./CompShare.ts"
import * as CredentialChain from "../api/CredentialChain.ts"
import * as CompShareClient from "../api/CompShareClient.ts"
import { provider } from "./CompShareProvider.ts"

/**
 * Options of a team. Without keys, every absent option comes from the environment (see
 * `CompShareClient.optionsFromConfig`).
 */
export interface CompShareOptions {
  /** The number of the team, as the console shows it. */
  readonly teamId: number | string
  /** A key pair. If both keys are absent, the pair of the environment or of compshare-cli is used. */
  readonly publicKey?: string | undefined
  readonly privateKey?: string | undefined
  /** Required with temporary keys (STS). */
  readonly securityToken?: string | undefined
  /** @default "cn-wlcb" */
  readonly region?: string | undefined
  readonly projectId?: string | undefined
  /** @default "https://api.compshare.cn" */
  readonly endpoint?: string | undefined
  /** A profile of compshare-cli, whose keys are used. Not together with keys. */
  readonly profile?: string | undefined
  /** How fast requests may follow each other. @default "adaptive" */
  readonly rateLimit?: RateLimitOption | undefined
  /** Time limit of one read, in milliseconds. @default 30000 */
  readonly timeout?: number | undefined
}

/**
 * Defines one team as an account.
 *
 * If either key is given, nothing is read from the environment. Invalid options are reported by `connect`.
 *
 * @example
 * import { compshare } from "@cloud-quota/compshare/promise"
 * import { connect } from "@cloud-quota/core/promise"
 *
 * const cloud = await connect({
 *   accounts: { gpu: compshare({ teamId: 1001, publicKey: "…", privateKey: "…" }) }
 * })
 * for (const quota of await cloud.account("gpu").quotas.get("60001")) console.log(String(quota))
 * await cloud.close()
 */
export const compshare = (options: CompShareOptions): AccountDefinition =>
  Definition.make(provider.id, Definition.layerOfOptions(provider.id, options, names, layerOf))

const names: Definition.Names<CompShareOptions> = {
  teamId: true,
  publicKey: true,
  privateKey: true,
  securityToken: true,
  region: true,
  projectId: true,
  endpoint: true,
  profile: true,
  rateLimit: true,
  timeout: true
}

const layerOf = (all: CompShareOptions) => {
  const { privateKey, profile, publicKey, rateLimit, securityToken, teamId, timeout, ...options } = all
  const token = securityToken === undefined ? {} : { securityToken: secret(securityToken) }
  const given = { teamId, ...defined(options), ...Definition.clientOptions({ rateLimit, timeout }), ...token }
  if (profile !== undefined) {
    if (publicKey !== undefined || privateKey !== undefined) {
      return Definition.refused(provider.id, "profile", "give either a profile or keys, not both")
    }
    return Layer.unwrap(
      CredentialChain.ofProfile(profile).pipe(
        Effect.tap((found) => Chain.logWarnings(provider.id, found)),
        Effect.map(({ value }) => CompShare.layer({ ...value, ...given }))
      )
    )
  }
  if (publicKey === undefined && privateKey === undefined) {
    return Layer.unwrap(
      Effect.map(CompShareClient.optionsFromConfig, (found) => CompShare.layer({ ...found, ...given }))
    )
  }
  return CompShare.layer({ ...given, publicKey: publicKey ?? "", privateKey: secret(privateKey) })
}

/** A key that is not a string is reported as missing, so that its value is never quoted. */
const secret = (text: unknown): Redacted.Redacted<string> =>
  Redacted.make(typeof text === "string" ? text : "")

/**
 * Starts an emulated CompShare on this machine, with an invented team, for tests and trials.
 *
 * @example
 * import { emulate } from "@cloud-quota/compshare/promise"
 * import { connect } from "@cloud-quota/core/promise"
 *
 * await using emulator = await emulate({ size: 5 })
 * await using cloud = await connect({ accounts: { gpu: emulator.account } })
 * console.log(await cloud.members({ status: "active" }).toArray())
 */
export const emulate = (options: EmulateOptions = {}): Promise<Emulated> =>
  Definition.emulate(provider.id, start, options, ({ environment, origin: endpoint }) => {
    // An absent variable becomes an empty value, which is refused: it must never come from the environment of
    // this process.
    const variable = (name: string) => environment[name] ?? ""
    return layerOf({
      endpoint,
      teamId: variable("COMPSHARE_TEAM_ID"),
      publicKey: variable("COMPSHARE_PUBLIC_KEY"),
      privateKey: variable("COMPSHARE_PRIVATE_KEY")
    })
  })

/** Loaded on demand, so that a program without emulation loads no emulator. */
const start: Parameters<typeof Definition.emulate>[1] = Effect.fnUntraced(function* (options) {
  // biome-ignore lint/style/noRestrictedImports: on demand.
  const emulator = yield* Effect.promise(() => import("../emulator/CompShareEmulator.ts"))
  return yield* emulator.start(options)
})
