/**
 * The operations as a table: what may be done when no answer comes. A change here is a change of what is sent
 * twice: review it as one.
 */
import { CompShareEmulator } from "@cloud-quota/compshare/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { teamOrderDownload } from "@cloud-quota/compshare/TeamOrder"
import { operations } from "@cloud-quota/compshare/Operations"
import { assertRowsAsSchema, listingsOf } from "../../../test/support/rows.ts"

describe("the safety class of an operation", () => {
  it("is the reviewed one", () => {
    const classes = Object.values({ ...operations, teamOrderDownload }).map(({ name, safety }) => [
      name,
      safety
    ])
    assert.deepStrictEqual(Object.fromEntries(classes), {
      ListCompShareTeam: "read",
      ListCompShareTeamJoined: "read",
      ListCompShareTeamInvite: "read",
      GetCompShareTeamInfo: "read",
      CreateCompShareTeam: "create",
      UpdateCompShareTeam: "idempotent-write",
      DeleteCompShareTeam: "create",
      CreateCompShareTeamRelation: "create",
      SetCompShareTeamRelation: "create",
      SetCompShareTeamAmount: "delta",
      ListCompShareTeamOperateLog: "read",
      DescribeTeamMemberOrder: "read",
      DescribeTeamMemberOrderCount: "read",
      DescribeTeamMemberUnpaidOrder: "read",
      DescribeTeamMemberUnpaidOrderCount: "read",
      ListMemberProductType: "read",
      DownloadTeamOrder: "read",
      DescribeCompShareSupportZone: "read",
      DescribeCompShareInstance: "read",
      GetCompShareInstancePrice: "read",
      GetCompShareInstanceUserPrice: "read",
      GetCompShareInstanceUpgradePrice: "read",
      GetCompShareAttachedDiskUpgradePrice: "read",
      GetCompShareRefundPrice: "read",
      GetBalance: "read"
    })
  })

  it("of a relation depends on what becomes of it", () => {
    const { setCompShareTeamRelation } = operations
    const of = (Status: "Agree" | "Reject" | "Cancel" | "Send" | "UpdateRemarkName") =>
      setCompShareTeamRelation.safetyOf?.({ Status })
    assert.deepStrictEqual(
      ["Agree", "Reject", "Cancel", "Send", "UpdateRemarkName"].map((word) => of(word as "Send")),
      ["create", "create", "create", "create", "idempotent-write"]
    )
  })

  it("has a method of the same name", () => {
    for (const [key, { name }] of Object.entries(operations)) {
      assert.strictEqual(key, `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`)
    }
  })
})

describe("the emulator", () => {
  it.effect("answers every operation", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ size: 1 })
      for (const { name } of Object.values({ ...operations, teamOrderDownload })) {
        yield* emulator.transport.request({
          method: "POST",
          url: new URL("https://api.compshare.cn/"),
          headers: { "content-type": "application/json" },
          body: Redacted.make(JSON.stringify({ Action: name }))
        })
        assert.strictEqual(yield* emulator.count(name), 1, name)
      }
    })
  )
})

describe("the rows of a listing", () => {
  it.each(listingsOf(operations))("are what the schema says: $name", assertRowsAsSchema)
})
