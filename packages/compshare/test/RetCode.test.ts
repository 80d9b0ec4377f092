/**
 * The code table, against what is documented.
 */
import { assert, describe, it } from "@effect/vitest"
import * as RetCode from "@cloud-quota/compshare/RetCode"
import * as codes from "../src/emulator/codes.ts"
import { assertLike } from "../../../test/support/like.ts"

const action = "SetCompShareTeamAmount"

describe("the table", () => {
  it("says of exactly these codes that nothing was changed", () => {
    const proven = RetCode.table.filter(({ money }) => money === "not-moved")
    assert.deepStrictEqual(
      proven.filter(({ scope }) => scope === "request").map(({ code }) => code),
      [160, 161, 170, 171, 172, 174, 200, 210, 220, 230, 292, 293, 294, 295, 299]
    )
    assert.deepStrictEqual(
      proven.filter(({ scope }) => scope === "member").map(({ code }) => code),
      [16001, 17001]
    )
  })

  it("knows these codes, and lets them prove nothing", () => {
    const unproven = RetCode.table.filter(({ money }) => money === "unknown").map(({ code }) => code)
    assert.deepStrictEqual(
      unproven,
      [110, 130, 150, 153, 8333, 8433, 8434, 226601, 226602, 226603, 226604, 226605, 226606, 226617]
    )
  })

  it("has every code once per scope", () => {
    const keys = RetCode.table.map(({ code, scope }) => `${scope}/${code}`)
    assert.strictEqual(new Set(keys).size, keys.length)
  })

  it("has every code that the emulator answers with", () => {
    for (const code of Object.values(codes.retCodes)) {
      assert.isDefined(RetCode.find(code, { action, scope: "request" }), `RetCode ${code}`)
    }
    for (const [name, code] of Object.entries(codes.memberCodes)) {
      assert.isDefined(RetCode.find(code, { action: name, scope: "member" }), `${name}: ${code}`)
    }
    for (const code of Object.values(codes.instanceCodes)) {
      assert.isDefined(RetCode.find(code, { action, scope: "request" }), `Code ${code}`)
    }
  })
})

describe("find", () => {
  it("reads a member's code as a member's, and an action's as that action's", () => {
    assert.strictEqual(RetCode.find(17001, { action, scope: "member" })?.reason, "InsufficientBalance")
    assert.isUndefined(RetCode.find(17001, { action, scope: "request" }))
    assert.isUndefined(RetCode.find(17001, { action: "CreateCompShareTeamRelation", scope: "member" }))
    assert.isUndefined(RetCode.find(16001, { action, scope: "member" }))
    assert.isUndefined(RetCode.find(8434, { action, scope: "request" }))
    assert.strictEqual(RetCode.find(171, { action, scope: "request" })?.reason, "Unauthenticated")
    assert.isUndefined(RetCode.find(99999, { action, scope: "request" }))
  })
})

describe("toReason", () => {
  it("makes a reason of every row, with what the provider said", () => {
    for (const row of RetCode.table) {
      const details = { code: `${row.code}`, message: "said" }
      const reason = RetCode.toReason(row, { message: row.meaning, details, retryAfterMillis: 3000 })
      assertLike(reason, { _tag: row.reason, message: row.meaning, details })
      assert.strictEqual(
        "retryAfterMillis" in reason,
        row.reason === "Throttled" || row.reason === "Unavailable"
      )
    }
  })

  it("has no better word for an unlisted code than ProviderFailed", () => {
    assert.strictEqual(RetCode.toReason(undefined, { message: "?" })._tag, "ProviderFailed")
  })
})
