/**
 * A chain of places: which one wins, what is told if none does, and pairs that belong together.
 */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Logger, Redacted, Result } from "effect"
import * as CredentialChain from "@cloud-quota/core/adapter/CredentialChain"
import { invalid } from "@cloud-quota/core/CloudQuotaError"

const provider = "a-cloud"

const has = (value: string): CredentialChain.Place<string> =>
  Effect.succeed(Result.succeed({ value, source: `file ${value}`, warnings: [] }))
const hasNothing = (what: string): CredentialChain.Place<string> => Effect.succeed(Result.fail(what))
const broken: CredentialChain.Place<string> = Effect.fail(
  invalid({ provider, operation: "configure", field: "~/keys", message: "is broken" })
)

const discover = (...places: ReadonlyArray<CredentialChain.Place<string>>) =>
  CredentialChain.discover({ provider, remedy: "get your keys there", places })

describe("a chain", () => {
  it.effect("takes the first place that has something, and looks no further", () =>
    Effect.gen(function* () {
      const found = yield* discover(hasNothing("nowhere"), has("first"), broken, has("second"))
      assert.deepStrictEqual(found, { value: "first", source: "file first", warnings: [] })
    })
  )

  it.effect("does not go past a place that is not usable", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(discover(hasNothing("nowhere"), broken, has("second")))
      assert.strictEqual(error.message, "a-cloud configure: ~/keys: is broken")
    })
  )

  it.effect("tells all places that it looked at if none has anything", () =>
    Effect.gen(function* () {
      const { message, money, reason } = yield* Effect.flip(discover(hasNothing("here"), hasNothing("there")))
      assert.strictEqual(reason._tag, "Unauthenticated")
      assert.strictEqual(money, "not-moved")
      assert.strictEqual(
        message,
        "a-cloud configure: no keys were found: get your keys there; looked at here; there"
      )
    })
  )

  it.effect("logs each warning", () =>
    Effect.gen(function* () {
      const lines: Array<unknown> = []
      const logger = Logger.make(({ logLevel, message }) => lines.push([logLevel, message]))
      yield* CredentialChain.logWarnings(provider, { value: 1, source: "x", warnings: ["one", "two"] }).pipe(
        Effect.provide(Logger.layer([logger]))
      )
      assert.deepStrictEqual(lines, [
        ["Warn", ["a-cloud configure: one"]],
        ["Warn", ["a-cloud configure: two"]]
      ])
    })
  )
})

describe("variables", () => {
  const names = { id: "A_ID", secret: "A_SECRET", token: "A_TOKEN" }
  const pairOf = (env: Readonly<Record<string, unknown>>) =>
    CredentialChain.environment(provider, names).pipe(
      Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(env)))
    )

  it.effect("make a pair, with its token if there is one", () =>
    Effect.gen(function* () {
      const source = "environment: A_ID and A_SECRET"
      assert.deepStrictEqual(
        yield* pairOf({ A_ID: "id", A_SECRET: "secret" }),
        Result.succeed({ value: { id: "id", secret: Redacted.make("secret") }, source, warnings: [] })
      )
      assert.deepStrictEqual(
        yield* pairOf({ A_ID: "id", A_SECRET: "secret", A_TOKEN: "token" }),
        Result.succeed({
          value: { id: "id", secret: Redacted.make("secret"), token: Redacted.make("token") },
          source,
          warnings: []
        })
      )
    })
  )

  it.effect("that are not set, or empty, are no pair", () =>
    Effect.gen(function* () {
      const nothing = Result.fail("environment: A_ID and A_SECRET (not set)")
      assert.deepStrictEqual(yield* pairOf({}), nothing)
      assert.deepStrictEqual(yield* pairOf({ A_ID: "", A_SECRET: "" }), nothing)
    })
  )

  it.effect.each([
    [{ A_ID: "id" }, "A_SECRET is missing beside A_ID"],
    [{ A_ID: "id", A_SECRET: "" }, "A_SECRET is missing beside A_ID"],
    [{ A_SECRET: "secret" }, "A_ID is missing beside A_SECRET"],
    [{ A_ID: "id", A_SECRET: "secret\n" }, "A_SECRET has spaces, line breaks"],
    [{ A_ID: "i d", A_SECRET: "secret" }, "A_ID has spaces, line breaks"],
    [{ A_ID: "id", A_SECRET: "geheimniß" }, "A_SECRET has spaces, line breaks or letters"],
    [{ A_ID: "id", A_SECRET: "secret", A_TOKEN: "to\tken" }, "A_TOKEN has spaces, line breaks"]
  ] as const)("that cannot be a pair are an error (%#)", ([env, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(pairOf(env))
      assert.strictEqual(error.reason._tag, "Unauthenticated")
      assert.include(error.message, message)
      assert.include(error.message, "(environment: A_ID and A_SECRET)")
    })
  )

  it.effect("that cannot be read are an error that names them", () =>
    Effect.gen(function* () {
      const failing = ConfigProvider.make(() =>
        Effect.fail(new ConfigProvider.SourceError({ message: "no such disk" }))
      )
      const { reason } = yield* Effect.flip(
        Effect.provide(CredentialChain.variable(provider, "A_ID"), ConfigProvider.layer(failing))
      )
      assert.deepInclude(reason, { _tag: "InvalidRequest", field: "A_ID" })
    })
  )
})
