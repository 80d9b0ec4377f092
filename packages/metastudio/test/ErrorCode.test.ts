/**
 * The code table: complete for what is documented and emulated, and never too sure about money.
 */
import { assert, describe, it } from "@effect/vitest"
import { ErrorCode } from "@cloud-quota/metastudio"
import * as refusals from "../src/emulator/refusal.ts"

describe("ErrorCode", () => {
  it("explains the four answers of the vendor's page", () => {
    const reasonOf = (code: string, httpStatus: number) => ErrorCode.explain({ code, httpStatus }).reason
    assert.strictEqual(reasonOf("MSS.00000003", 400), "InvalidRequest")
    assert.strictEqual(reasonOf("MSS.00000001", 401), "Unauthenticated")
    assert.strictEqual(reasonOf("MSS.00000005", 403), "PermissionDenied")
    assert.strictEqual(reasonOf("MSS.00000004", 500), "Unavailable")
  })

  it("goes by the code first: failed logins come as 400 too", () => {
    const explained = ErrorCode.explain({ code: "MSS.00010008", httpStatus: 400 })
    assert.strictEqual(explained.reason, "Unauthenticated")
    assert.strictEqual(explained.staleToken, true)
  })

  it("takes both spellings of the gateway", () => {
    assert.strictEqual(ErrorCode.find("APIG.0308", 429), ErrorCode.rows["APIGW.0308"])
    assert.strictEqual(ErrorCode.find("APIGW.0308", 429), ErrorCode.rows["APIGW.0308"])
  })

  it("knows APIGW.0201 by its status", () => {
    const of = (httpStatus: number) => ErrorCode.explain({ code: "APIGW.0201", httpStatus })
    assert.deepInclude(of(413), { reason: "InvalidRequest", money: "not-moved" })
    assert.deepInclude(of(504), { reason: "Timeout", money: "unknown" })
    assert.deepInclude(of(502), { reason: "Unavailable", money: "unknown" })
  })

  it("concludes nothing from an unlisted code", () => {
    for (const httpStatus of [200, 302, 400, 401, 403, 404, 409, 500, 503]) {
      assert.strictEqual(ErrorCode.explain({ code: "MSS.99999999", httpStatus }).money, "unknown")
      assert.strictEqual(ErrorCode.explain({ httpStatus }).money, "unknown")
    }
    assert.isUndefined(ErrorCode.find("constructor", 400))
    assert.isUndefined(ErrorCode.find("toString", 400))
  })

  it("takes a throttled request as one that was not carried out", () => {
    assert.deepInclude(ErrorCode.explain({ httpStatus: 429 }), { reason: "Throttled", money: "not-moved" })
    assert.deepInclude(ErrorCode.rows["APIGW.0308"] ?? {}, { reason: "Throttled", money: "not-moved" })
  })

  it("never takes trouble inside the provider as a proof", () => {
    for (const [code, { money, reason }] of Object.entries(ErrorCode.rows)) {
      if (reason === "Unavailable" || reason === "Timeout") assert.strictEqual(money, "unknown", code)
    }
  })

  it("takes nothing as a proof in a 5xx, whatever code is in it, and renews no token for it", () => {
    const codes = Object.keys(ErrorCode.rows).flatMap((name) => name.split(" ")[0] ?? [])
    for (const httpStatus of [500, 502, 503, 504, 599]) {
      for (const code of codes) {
        const { money, reason, staleToken } = ErrorCode.explain({ code, httpStatus })
        assert.deepStrictEqual([money, staleToken], ["unknown", undefined], `${code} with ${httpStatus}`)
        const passing = ["Unavailable", "Timeout", "Throttled", "ProviderFailed"]
        assert.include(passing, reason, `${code} with ${httpStatus}`)
      }
    }
    // How long to wait is still worth knowing.
    const throttled = ErrorCode.explain({ code: "APIGW.0308", httpStatus: 503 })
    assert.deepInclude(throttled, { reason: "Throttled", money: "unknown" })
  })

  it("takes a refusal in a success or a redirect as a proof only where that is documented: of billing", () => {
    for (const httpStatus of [200, 202, 302]) {
      const explained = ErrorCode.explain({ code: "MSS.00000003", httpStatus })
      assert.strictEqual(explained.money, "unknown")
    }
    const billing = ErrorCode.explain({ code: "CBC.0100", httpStatus: 200 })
    assert.deepInclude(billing, { reason: "InvalidRequest", money: "not-moved" })
  })

  it("lists every code that the emulator answers", () => {
    const emulated = Object.values(refusals).flatMap((refusal) => {
      if (typeof refusal === "object" && "code" in refusal) return [refusal]
      return refusal === refusals.invalidParameter ? [refusals.invalidParameter("x")] : []
    })
    assert.isAbove(emulated.length, 8)
    for (const { code, status } of emulated) {
      assert.isDefined(ErrorCode.find(code, status), `${code} with status ${status}`)
    }
  })
})
