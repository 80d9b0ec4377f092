/**
 * Finds credentials in the places where users already have them. Places are read in a fixed order; the first
 * one with credentials wins and is reported.
 *
 * Adapters build their own chains from it. A place is read only if all places before it have no credentials.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { CloudQuotaError, Unauthenticated, invalid } from "../model/CloudQuotaError.ts"

/** The credentials found, their place, and warnings about that place. Neither text contains a key. */
export interface Found<A> {
  readonly value: A
  /** As `environment: COMPSHARE_PUBLIC_KEY and COMPSHARE_PRIVATE_KEY`, or `file ~/x.json, profile default`. */
  readonly source: string
  /**
   * For people, such as that others can read the file. A warning never prevents the use of the credentials.
   */
  readonly warnings: ReadonlyArray<string>
}

/**
 * One place: its credentials, or, as a failure of the result, a description of the place and why it has none.
 * The effect itself fails only for credentials that are unusable.
 */
export type Place<A> = Effect.Effect<Result.Result<Found<A>, string>, CloudQuotaError>

/** A pair of keys, with the token that comes with temporary ones. */
export interface KeyPair {
  readonly id: string
  readonly secret: Redacted.Redacted<string>
  readonly token?: Redacted.Redacted<string>
}

/** A key in a place: its name and its value. Empty text counts as absent. */
export interface Entry {
  readonly name: string
  readonly value: string | undefined
}

const operation = "configure"

const unauthenticated = (provider: string, message: string): CloudQuotaError =>
  new CloudQuotaError({
    provider,
    operation,
    money: "not-moved",
    reason: new Unauthenticated({ message })
  })

/**
 * Reads the places in order. Fails as `Unauthenticated`, listing all places, if none has credentials. Fails
 * with a place's own error if the chain reaches it and its credentials are unusable.
 *
 * @example
 * import * as CredentialChain from "@cloud-quota/core/adapter/CredentialChain"
 *
 * export const found = CredentialChain.discover({
 *   provider: "compshare",
 *   remedy: "get your keys from https://console.compshare.cn/uaccount/api_manage",
 *   places: [
 *     CredentialChain.environment("compshare", { id: "COMPSHARE_PUBLIC_KEY", secret: "COMPSHARE_PRIVATE_KEY" })
 *   ]
 * })
 */
export const discover = Effect.fnUntraced(function* <A>(options: {
  readonly provider: string
  /** The remedy if nothing is found. */
  readonly remedy: string
  readonly places: ReadonlyArray<Place<A>>
}): Effect.fn.Return<Found<A>, CloudQuotaError> {
  const looked: Array<string> = []
  for (const place of options.places) {
    const result = yield* place
    if (Result.isSuccess(result)) return result.success
    looked.push(result.failure)
  }
  const message = `no keys were found: ${options.remedy}; looked at ${looked.join("; ")}`
  return yield* unauthenticated(options.provider, message)
})

/** Returns a variable of the `ConfigProvider`, or `undefined` if it is not set. */
export const variable = (
  provider: string,
  name: string
): Effect.Effect<string | undefined, CloudQuotaError> =>
  Config.option(Config.String(name)).pipe(
    Effect.mapBoth({
      onSuccess: Option.getOrUndefined,
      onFailure: () =>
        invalid({ provider, operation, field: name, message: "cannot be read: set it as text" })
    })
  )

/**
 * Returns the pair of keys of a place, or `undefined` if it has neither of them.
 *
 * **Gotchas**
 *
 * Half a pair is an error, and is never completed from another place: halves of two accounts would only
 * produce a wrong signature.
 */
export const keyPair = (
  provider: string,
  source: string,
  entries: { readonly id: Entry; readonly secret: Entry; readonly token?: Entry }
): Result.Result<KeyPair | undefined, CloudQuotaError> => {
  const { id, secret, token } = entries
  if (!id.value && !secret.value) return Result.succeed(undefined)
  const refuse = (message: string) => Result.fail(unauthenticated(provider, `${message} (${source})`))
  for (const [half, other] of [
    [id, secret],
    [secret, id]
  ] as const) {
    if (!half.value) {
      return refuse(
        `${half.name} is missing beside ${other.name}: give both in one place, or take ${other.name} away`
      )
    }
  }
  for (const { name, value } of token === undefined ? [id, secret] : [id, secret, token]) {
    // A line break from a file or a shell is the usual accident. The value itself is not quoted.
    if (value && !/^[\x21-\x7e]+$/.test(value)) {
      return refuse(`${name} has spaces, line breaks or letters in it that no key has: copy it anew`)
    }
  }
  return Result.succeed({
    id: id.value ?? "",
    secret: Redacted.make(secret.value ?? ""),
    ...(token?.value ? { token: Redacted.make(token.value) } : {})
  })
}

/** Reads a pair of keys from variables, with an optional token in the variable `token`. */
export const environment = Effect.fnUntraced(function* (
  provider: string,
  names: { readonly id: string; readonly secret: string; readonly token?: string }
): Effect.fn.Return<Result.Result<Found<KeyPair>, string>, CloudQuotaError> {
  const entry = (name: string) => Effect.map(variable(provider, name), (value): Entry => ({ name, value }))
  const source = `environment: ${names.id} and ${names.secret}`
  const pair = yield* Effect.fromResult(
    keyPair(provider, source, {
      id: yield* entry(names.id),
      secret: yield* entry(names.secret),
      ...(names.token === undefined ? {} : { token: yield* entry(names.token) })
    })
  )
  return pair === undefined
    ? Result.fail(`${source} (not set)`)
    : Result.succeed({ value: pair, source, warnings: [] })
})

/** Logs each warning of the credentials found, with their place. */
export const logWarnings = (provider: string, found: Found<unknown>): Effect.Effect<void> =>
  Effect.forEach(found.warnings, (warning) => Effect.logWarning(`${provider} ${operation}: ${warning}`), {
    discard: true
  })
