/**
 * Credentials where people already have them: places that are asked in a fixed order, the first one that
 * has something wins, and it is told which one it was.
 *
 * This is what adapters make their own chains of. A place is read only when all before it have nothing.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { CloudQuotaError, Unauthenticated, invalid } from "../model/CloudQuotaError.ts"

/** What was found, where, and what is wrong with that place. Neither text has a key in it. */
export interface Found<A> {
  readonly value: A
  /** As `environment: COMPSHARE_PUBLIC_KEY and COMPSHARE_PRIVATE_KEY`, or `file ~/x.json, profile default`. */
  readonly source: string
  /** For people, as that others can read the file. Nothing here keeps the credentials from working. */
  readonly warnings: ReadonlyArray<string>
}

/**
 * One place to look in: what it has, or, as a failure of the result, where was looked and why there is
 * nothing. The effect itself fails only for a place that has something which is not usable.
 */
export type Place<A> = Effect.Effect<Result.Result<Found<A>, string>, CloudQuotaError>

/** Two keys that belong together, and the token that comes with them if they were lent for a while. */
export interface KeyPair {
  readonly id: string
  readonly secret: Redacted.Redacted<string>
  readonly token?: Redacted.Redacted<string>
}

/** A key as a place has it: under which name, and what. Nothing and empty text are the same. */
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
 * Asks one place after the other. Fails as `Unauthenticated`, with all places that were looked at, if none
 * has anything; fails with a place's own error if the chain reaches it and what it has is not usable.
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
  /** What to do if nothing is found. */
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

/** A variable of the `ConfigProvider`, as it is set; `undefined` if it is not. */
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
 * The pair of keys that a place has; `undefined` if it has neither of them.
 *
 * **Gotchas**
 *
 * Half a pair is an error, and is never completed from another place: one half of each of two accounts
 * would only be a wrong signature.
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

/** A pair of keys in variables, and with `token` the token that may come with them. */
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

/** Tells the log about what was found: each warning, with the place that it is about. */
export const logWarnings = (provider: string, found: Found<unknown>): Effect.Effect<void> =>
  Effect.forEach(found.warnings, (warning) => Effect.logWarning(`${provider} ${operation}: ${warning}`), {
    discard: true
  })
