/**
 * Temporary keys of an agency: fetched once for all who ask, renewed in time, replaced when refused.
 */
import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import type { Transport } from "@cloud-quota/core"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { Credentials, MetaStudioClient, TemporaryKey } from "@cloud-quota/metastudio"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { DateTime, Duration, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { clientsOver, emulated, options, role, untyped } from "./fixtures/clients.ts"

const source = { accessKey: "SOURCE-AK", secretKey: Redacted.make("source-secret-key") }
const credentials = { agencyName: "ops agency", domainName: "D", source }
const domains = TestTransport.json({ domains: [{ id: "source-domain" }] })

const issued = (number: number, expiresAt: string) =>
  TestTransport.json(
    {
      credential: {
        access: `AK-${number}`,
        secret: `temporary-secret-${number}`,
        securitytoken: `security-token-${number}`,
        expires_at: expiresAt
      }
    },
    201
  )

/** An IAM that takes a second for every key, each good for an hour. */
const iam = (
  answer?: (count: number) => Transport.Response
): { readonly transport: Transport.Transport; readonly count: () => number } => {
  let count = 0
  return {
    count: () => count,
    transport: {
      ...TestTransport.scripted([]),
      request: ({ url }) =>
        Effect.gen(function* () {
          if (url.pathname === "/v3/auth/domains") return domains
          const mine = ++count
          yield* Effect.sleep("1 second")
          if (answer !== undefined) return answer(mine)
          return issued(
            mine,
            DateTime.formatIso(DateTime.addDuration(yield* DateTime.now, Duration.hours(1)))
          )
        })
    }
  }
}

const keysOf = (transport: Transport.Transport) =>
  TemporaryKey.make({
    credentials,
    transport,
    iamEndpoint: new URL("https://iam.cn-north-4.myhuaweicloud.com")
  })

/** Runs it while the clock goes on, since every fetch takes a second. */
const soon = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })

const name = ({ accessKey }: TemporaryKey.TemporaryKey) => accessKey

describe("a temporary key", () => {
  it.effect("is asked for as the vendor documents", () =>
    Effect.gen(function* () {
      const transport = TestTransport.recording(
        TestTransport.scripted([domains, issued(1, "2020-01-08T02:56:19.587000Z")])
      )
      const key = yield* keysOf(transport).current
      assert.strictEqual(key.accessKey, "AK-1")
      assert.strictEqual(Redacted.value(key.secretKey), "temporary-secret-1")
      assert.strictEqual(Redacted.value(key.securityToken), "security-token-1")
      assert.strictEqual(DateTime.formatIso(key.expiresAt), "2020-01-08T02:56:19.587Z")
      assert.notInclude(inspect(key, { depth: 5, showHidden: true }), "temporary-secret-1")
      const [lookUp, sent] = transport.requests
      assert.strictEqual(lookUp?.url, "https://iam.cn-north-4.myhuaweicloud.com/v3/auth/domains")
      assert.strictEqual(sent?.method, "POST")
      assert.strictEqual(
        sent?.url,
        "https://iam.cn-north-4.myhuaweicloud.com/v3.0/OS-CREDENTIAL/securitytokens"
      )
      assert.strictEqual(sent?.headers["x-domain-id"], "source-domain")
      assert.match(sent?.headers["authorization"] ?? "", /^SDK-HMAC-SHA256 Access=SOURCE-AK, /)
      assert.deepStrictEqual(JSON.parse(sent?.body ?? ""), {
        auth: {
          identity: {
            methods: ["assume_role"],
            assume_role: { agency_name: "ops agency", duration_seconds: 3600, domain_name: "D" }
          }
        }
      })
    })
  )

  it.effect("is fetched once for all who ask at the same time, and refused once", () =>
    Effect.gen(function* () {
      const { count, transport } = iam()
      const keys = keysOf(transport)
      const all = yield* soon(Effect.all([keys.current, keys.current, keys.current], { concurrency: 3 }))
      assert.deepStrictEqual(all.map(name), ["AK-1", "AK-1", "AK-1"])
      assert.strictEqual(count(), 1)
      const denied = iam(() =>
        TestTransport.json({ error_code: "IAM.0002", error_msg: "source-secret-key is not authorized" }, 403)
      )
      const refused = keysOf(denied.transport)
      const asked = Effect.flip(refused.current)
      const errors = yield* soon(Effect.all([asked, asked, asked], { concurrency: 3 }))
      assert.strictEqual(denied.count(), 1)
      for (const error of errors) {
        assert.strictEqual(error.reason._tag, "PermissionDenied")
        assert.strictEqual(error.operation, "CreateTemporaryAccessKeyByAgency")
        assert.notInclude(inspect(error, { depth: 9 }), "source-secret-key")
      }
      yield* soon(asked)
      assert.strictEqual(denied.count(), 2)
    })
  )

  it.effect("is renewed when less than five minutes are left", () =>
    Effect.gen(function* () {
      const { count, transport } = iam()
      const keys = keysOf(transport)
      yield* soon(keys.current)
      yield* TestClock.adjust("55 minutes")
      assert.strictEqual(name(yield* keys.current), "AK-1")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(name(yield* soon(keys.current)), "AK-2")
      assert.strictEqual(count(), 2)
    })
  )

  it.effect("is not made up of an answer that lacks a part", () =>
    Effect.gen(function* () {
      const whole = {
        access: "A",
        secret: "temporary-secret",
        securitytoken: "T",
        expires_at: "2020-01-08T02:56:19Z"
      }
      for (const [field, wrong] of [
        ["access", undefined],
        ["secret", ""],
        ["secret", 5],
        ["securitytoken", "two\nlines"],
        ["expires_at", "2020-01-08T02:56:19"],
        ["expires_at", undefined]
      ] as const) {
        const answer = TestTransport.json({ credential: { ...whole, [field]: wrong } })
        const error = yield* Effect.flip(keysOf(TestTransport.scripted([domains, answer])).current)
        assert.strictEqual(error.reason._tag, "MalformedResponse")
        assert.include(error.message, field)
        assert.notInclude(inspect(error, { depth: 9 }), "temporary-secret")
      }
    })
  )
})

describe("a client of an agency", () => {
  it.effect("goes on with new keys, when they expire and when they are refused", () =>
    Effect.gen(function* () {
      const { bss, emulator, metaStudio, requests } = yield* emulated({}, { credentials: role })
      const keys = () => emulator.count("CreateTemporaryAccessKeyByAgency")
      yield* metaStudio.listUserQuotas()
      yield* bss.showCustomerAccountBalances()
      assert.strictEqual(yield* keys(), 1)
      const last = requests.at(-1)
      assert.isDefined(last?.headers["x-security-token"])
      assert.notInclude(last?.headers["authorization"] ?? "", MetaStudioEmulator.defaults.accessKey)
      yield* TestClock.adjust("56 minutes")
      yield* metaStudio.listUserQuotas()
      assert.strictEqual(yield* keys(), 2)
      assert.strictEqual(yield* emulator.count("ListUserQuotas"), 2)
      yield* emulator.expireTokens
      yield* metaStudio.listUserQuotas()
      assert.strictEqual(yield* keys(), 3)
      assert.strictEqual(yield* emulator.count("ListUserQuotas"), 4)
    })
  )

  it.effect("knows the account by the id that was given, and asks for no other", () =>
    Effect.gen(function* () {
      const { domainId } = MetaStudioEmulator.defaults
      const { domainName: _, ...rest } = role
      const { bss, emulator, iam } = yield* emulated({}, { credentials: { ...rest, domainId } })
      assert.strictEqual(yield* iam.domainId, domainId)
      yield* bss.showCustomerAccountBalances()
      // The one that is asked for is that of the key which assumes the agency.
      assert.strictEqual(yield* emulator.count("KeystoneListAuthDomains"), 1)
    })
  )

  it.effect("has nothing secret in an error, whatever a service repeats", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(Credentials.secrets(role).map(Redacted.value), [
        role.source.accessKey,
        Redacted.value(role.source.secretKey)
      ])
      const echo = (sent: TestTransport.SentRequest) =>
        TestTransport.json({ error_code: "MSS.00000003", error_msg: JSON.stringify(sent.headers) }, 400)
      const script = TestTransport.scripted([domains, issued(1, "2030-01-08T02:56:19Z"), echo])
      const { clients, requests } = clientsOver(script, { credentials })
      const { metaStudio } = yield* clients
      const error = yield* Effect.flip(metaStudio.listUserQuotas())
      const signature = /Signature=(\w+)/.exec(requests.at(-1)?.headers["authorization"] ?? "")?.[1]
      assert.strictEqual(requests.at(-1)?.headers["x-security-token"], "security-token-1")
      for (const secret of ["AK-1", "security-token-1", signature ?? "no signature"]) {
        assert.notInclude(inspect(error, { depth: 9 }), secret)
      }
    })
  )

  it.effect("is refused without a part of its credentials, by its name", () =>
    Effect.gen(function* () {
      const { domainName: _, ...nowhere } = role
      for (const [field, wrong] of [
        ["agencyName", { ...role, agencyName: "" }],
        ["domainName", nowhere],
        ["domainId", { ...nowhere, domainId: "two\nlines" }],
        ["source", { ...role, source: undefined }],
        ["source.accessKey", { ...role, source: { ...source, accessKey: "" } }],
        ["source.secretKey", { ...role, source: { ...source, secretKey: "plain-secret" } }]
      ] as const) {
        const error = yield* Effect.flip(MetaStudioClient.make({ ...options, credentials: untyped(wrong) }))
        assert.deepInclude(error.reason, { _tag: "InvalidRequest", field })
        assert.notInclude(String(error), "plain-secret")
      }
    })
  )
})
