/**
 * How an adapter offers its accounts, and its emulator, to callers who use promises.
 *
 * What such a caller holds shows nothing: the layer, and the keys in it, are known to this module alone.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { AccountLayer } from "./Account.ts"
import type { CloudQuotaError } from "./CloudQuotaError.ts"
import { defined } from "./Decode.ts"
import type { AccountDefinition, EmulateOptions, Emulated } from "./internal/promise/definition.ts"
import { callSite, toError } from "./internal/promise/failure.ts"
import type { Provider } from "./Provider.ts"

export type { AccountDefinition, EmulateOptions, Emulated } from "./internal/promise/definition.ts"

const layers = new WeakMap<object, AccountLayer>()

/** The definition of an account that a layer makes. */
export const make = (provider: string, layer: AccountLayer): AccountDefinition => {
  const definition = Object.freeze({ provider })
  layers.set(definition, layer)
  return definition as AccountDefinition
}

/** The layer of a definition; `undefined` for anything else, such as what a caller without types gives. */
export const layerOf = (definition: unknown): AccountLayer | undefined =>
  typeof definition === "object" && definition !== null ? layers.get(definition) : undefined

/** Starts a provider's pretended cloud. `accountOf` is an account on it, by its origin. */
export const emulate = (
  { emulate, id }: Provider,
  options: EmulateOptions,
  accountOf: (origin: string) => AccountLayer
): Promise<Emulated> => {
  const site = callSite()
  const start: Effect.Effect<Emulated, CloudQuotaError> = Effect.gen(function* () {
    const scope = yield* Scope.make()
    const { environment, origin } = yield* Scope.provide(emulate(defined(options)), scope).pipe(
      Effect.onError(() => Scope.close(scope, Exit.void))
    )
    const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
    const account = make(id, accountOf(origin))
    return { origin, account, environment, close, [Symbol.asyncDispose]: close }
  })
  return Effect.runPromise(start).catch((error) => Promise.reject(toError(error, site)))
}
