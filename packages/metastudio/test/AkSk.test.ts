/**
 * The signature against what the vendor's own signers gave.
 */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { AkSk } from "@cloud-quota/metastudio"
import { Redacted, Result } from "effect"

interface Vector {
  readonly id: string
  readonly algorithm: string
  readonly method: string
  readonly url: string
  readonly query: Readonly<Record<string, string | number | boolean | ReadonlyArray<string>>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly ak: string
  readonly sk: string
  readonly canonicalRequest?: string
  readonly stringToSign: string
  readonly authorization: string
}

const file = readFileSync(new URL("./vectors/metastudio-signature.json", import.meta.url), "utf8")
const { vectors }: { readonly vectors: ReadonlyArray<Vector> } = JSON.parse(file)

const requestOf = (vector: Vector): AkSk.Request => {
  const url = new URL(vector.url)
  url.search = Object.entries(vector.query)
    .flatMap(([key, values]) =>
      [values].flat().map((value) => `${AkSk.encode(key)}=${AkSk.encode(String(value))}`)
    )
    .join("&")
  return { method: vector.method, url, headers: vector.headers, body: vector.body }
}

const keyOf = ({ ak, sk }: Vector) => ({ accessKey: ak, secretKey: Redacted.make(sk) })

const authorizationOf = (signed: AkSk.Signed) => {
  const value = signed.headers["Authorization"]
  return value === undefined ? undefined : Redacted.value(value)
}

/** `v22` has an encoded slash and `v23` another algorithm. */
const isOurs = ({ id }: Vector) => !/^v2[23]-/.test(id)

const request: AkSk.Request = {
  method: "GET",
  url: new URL("https://metastudio.cn-north-4.myhuaweicloud.com/v1/p1/user/quotas"),
  headers: { "X-Sdk-Date": "20260102T030405Z" }
}
const key = { accessKey: "AK", secretKey: Redacted.make("SK") }

describe("AkSk", () => {
  it("has vectors to go by", () => {
    assert.strictEqual(vectors.filter(isOurs).length, vectors.length - 2)
    assert.isAbove(vectors.length, 12)
  })

  for (const vector of vectors.filter(isOurs)) {
    it(`signs ${vector.id}`, () => {
      const canonical = Result.getOrThrow(AkSk.canonicalRequest(requestOf(vector)))
      if (vector.canonicalRequest !== undefined) assert.strictEqual(canonical, vector.canonicalRequest)
      const signed = Result.getOrThrow(AkSk.sign(requestOf(vector), keyOf(vector)))
      assert.strictEqual(signed.stringToSign, vector.stringToSign)
      assert.strictEqual(authorizationOf(signed), vector.authorization)
    })
  }

  it("refuses an encoded slash in a segment", () => {
    const vector = vectors.find(({ id }) => id.startsWith("v22-"))
    assert.isDefined(vector)
    const refused = AkSk.sign(requestOf(vector), keyOf(vector))
    assert.isTrue(Result.isFailure(refused) && /encoded slash/.test(refused.failure))
  })

  it("refuses a percent sign that encodes nothing", () => {
    const url = new URL("https://metastudio.cn-north-4.myhuaweicloud.com/v1/p1/100%")
    assert.isTrue(Result.isFailure(AkSk.canonicalRequest({ ...request, url })))
  })

  it("refuses to sign without a date", () => {
    assert.isTrue(Result.isFailure(AkSk.sign({ ...request, headers: {} }, key)))
    assert.isTrue(Result.isFailure(AkSk.sign({ ...request, headers: { "X-Sdk-Date": "2026-01-02" } }, key)))
  })

  it("signs the host without a default port, and with any other", () => {
    const hostOf = (origin: string) => {
      const canonical = AkSk.canonicalRequest({ ...request, url: new URL("/v1/p1", origin) })
      return /^host:(.*)$/m.exec(Result.getOrThrow(canonical))?.[1]
    }
    assert.strictEqual(hostOf("https://h.example:443"), "h.example")
    assert.strictEqual(hostOf("http://h.example:80"), "h.example")
    assert.strictEqual(hostOf("http://127.0.0.1:18080"), "127.0.0.1:18080")
  })

  it("signs the security token of a temporary key, and sends it", () => {
    const securityToken = Redacted.make("temporary")
    const signed = Result.getOrThrow(AkSk.sign(request, { ...key, securityToken }))
    assert.match(authorizationOf(signed) ?? "", /SignedHeaders=host;x-sdk-date;x-security-token,/)
    assert.strictEqual(signed.headers["X-Security-Token"], securityToken)
    const plain = Result.getOrThrow(AkSk.sign(request, key))
    assert.notStrictEqual(Redacted.value(plain.signature), Redacted.value(signed.signature))
  })

  it("does not sign a header with an underscore, which a gateway may drop", () => {
    const headers = { ...request.headers, X_Trace: "1" }
    const signed = Result.getOrThrow(AkSk.sign({ ...request, headers }, key))
    assert.match(authorizationOf(signed) ?? "", /SignedHeaders=host;x-sdk-date,/)
  })

  it("orders repeated query keys by their values", () => {
    const url = new URL("https://h.example/?b=2&a=z&b=1&a=")
    const [, , query] = Result.getOrThrow(AkSk.canonicalRequest({ ...request, url })).split("\n")
    assert.strictEqual(query, "a=&a=z&b=1&b=2")
  })
})
