/**
 * How an adapter offers its accounts, and its emulator, to callers who use promises.
 *
 * A definition reveals nothing: only this module can access its layer, and the keys in it.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { AccountLayer } from "../services/Account.ts"
import { type CloudQuotaError, invalid } from "../model/CloudQuotaError.ts"
import { defined } from "../model/KnownKeys.ts"
import type { AccountDefinition, EmulateOptions, Emulated, RateLimitOption } from "./definition.ts"
import { callSite, toError } from "./failure.ts"
import * as KnownKeys from "../model/KnownKeys.ts"

export type { AccountDefinition, EmulateOptions, Emulated } from "./definition.ts"

export type { Names } from "../model/KnownKeys.ts"

const layers = new WeakMap<object, AccountLayer>()

/** Makes the definition of an account from its layer. */
export const make = (provider: string, layer: AccountLayer): AccountDefinition => {
  const definition = Object.freeze({ provider })
  layers.set(definition, layer)
  return definition as AccountDefinition
}

/**
 * Makes a layer from options, after checking their names: fails as `InvalidRequest` for a name that is not in
 * `names`. A misspelled endpoint would otherwise send requests to the real cloud, and a misspelled key would
 * be replaced by that of the environment.
 */
export const layerOfOptions = <Options extends object>(
  provider: string,
  options: Options | undefined,
  names: KnownKeys.Names<Options>,
  layer: (options: Options) => AccountLayer
): AccountLayer => {
  const problem = options === undefined ? undefined : KnownKeys.problem(options, names)
  return problem === undefined
    ? layer(options ?? ({} as Options))
    : Layer.effectContext(Effect.fail(invalid({ provider, operation: "configure", ...problem })))
}

/** Returns the layer of an account whose options are invalid. */
export const refused = (provider: string, field: string, message: string): AccountLayer =>
  Layer.effectContext(Effect.fail(invalid({ provider, operation: "configure", field, message })))

/** Unknown keys stay, so that they are refused later. */
const inDurations = ({ perSeconds, ...rest }: Exclude<RateLimitOption, string>) => ({
  ...rest,
  per: Duration.seconds(perSeconds)
})

/** Converts the options that every client takes. The client checks them. */
export const clientOptions = ({
  rateLimit,
  timeout
}: {
  readonly rateLimit: RateLimitOption | undefined
  readonly timeout: number | undefined
}) =>
  defined({
    timeout: timeout === undefined ? undefined : Duration.millis(timeout),
    rateLimit: typeof rateLimit === "object" && rateLimit !== null ? inDurations(rateLimit) : rateLimit
  })

/**
 * Returns the layer of a definition, or `undefined` for any other value, which a caller without types may
 * pass.
 */
export const layerOf = (definition: unknown): AccountLayer | undefined =>
  typeof definition === "object" && definition !== null ? layers.get(definition) : undefined

const emulateOptions: KnownKeys.Names<EmulateOptions> = { port: true, seed: true, size: true }

/** More members than any team has, and few enough to be invented at once. */
const mostMembers = 100_000

/** Returns the problem with the options, if any. The port is checked by the server that listens on it. */
const wrongEmulateOption = (options: EmulateOptions) => {
  const problem = KnownKeys.problem(options, emulateOptions)
  if (problem !== undefined) return problem
  const { seed = 1, size = 1 } = options
  if (!Number.isSafeInteger(seed)) return { field: "seed", message: "give a whole number, or leave it out" }
  return Number.isInteger(size) && size >= 1 && size <= mostMembers
    ? undefined
    : { field: "size", message: `give a number of members from 1 to ${mostMembers}, or leave it out` }
}

/** The properties of a started emulator that `emulate` uses. */
interface Started {
  readonly origin: string
  readonly environment: Readonly<Record<string, string>>
}

/** Starts an emulated cloud. `accountOf` makes an account on it. */
export const emulate = (
  provider: string,
  start: (options: {
    readonly port?: number
    readonly seed?: number
    readonly size?: number
  }) => Effect.Effect<Started, CloudQuotaError, Scope.Scope>,
  options: EmulateOptions,
  accountOf: (started: Started) => AccountLayer
): Promise<Emulated> => {
  const site = callSite()
  const started: Effect.Effect<Emulated, CloudQuotaError> = Effect.gen(function* () {
    const problem = wrongEmulateOption(options)
    if (problem !== undefined) {
      return yield* invalid({ provider, operation: "emulate", ...problem })
    }
    const scope = yield* Scope.make()
    const emulated = yield* Scope.provide(start(defined(options)), scope).pipe(
      Effect.onError(() => Scope.close(scope, Exit.void))
    )
    const { environment, origin } = emulated
    const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
    const account = make(provider, accountOf(emulated))
    return { origin, account, environment, close, [Symbol.asyncDispose]: close }
  })
  return Effect.runPromise(started).catch((error) => Promise.reject(toError(error, site)))
}
