/**
 * Fields that an operation does not have, and times in milliseconds: refused by name, and nothing is sent.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Quantity from "@cloud-quota/core/Quantity"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Stream } from "effect"
import * as CompShareClient from "../src/CompShareClient.ts"
import * as CompShareEmulator from "../src/CompShareEmulator.ts"
import { emulated, options, untyped } from "./fixtures/clients.ts"

const odd = { unheardOf: 1 }
const period = { virtualCompanyId: 60001, beginTime: 1_764_547_200, endTime: 1_764_633_600 }
const millis = { virtualCompanyId: 60001, beginTime: 1_764_547_200_000, endTime: 1_764_633_600_000 }
const zone = { zone: "cn-wlcb-01" }
const machine = { ...zone, gpuType: "4090", gpu: 1, cpu: 16, memory: 65536 }
const amount = {
  teamId: 1001,
  virtualCompanyIds: [60001],
  amount: Quantity.cny(1),
  operateType: "AllocateAmount"
}

type Row = readonly [method: keyof CompShareClient.Service, args: ReadonlyArray<unknown>, field?: string]

const rows: ReadonlyArray<Row> = [
  ["setCompShareTeamAmount", [{ ...amount, ...odd }]],
  ["listCompShareTeamJoined", [odd]],
  ["listCompShareTeamInvite", [odd]],
  ["getCompShareTeamInfo", [{ teamId: 1001, ...odd }]],
  ["createCompShareTeam", [{ name: "a", ...odd }]],
  ["updateCompShareTeam", [{ name: "a", ...odd }]],
  ["deleteCompShareTeam", [{ teamId: 1001, ...odd }]],
  ["createCompShareTeamRelation", [{ users: [{ userCompanyId: 50001 }], ...odd }]],
  ["createCompShareTeamRelation", [{ users: [{ userCompanyId: 50001, ...odd }] }]],
  ["setCompShareTeamRelation", [{ status: "Agree", ...odd }]],
  ["listCompShareTeamOperateLog", [{ ...period, virtualCompanyId: 1 }], "virtualCompanyId"],
  ["teamOperateLog", [{ beginTime: 1, endTime: 2, ...odd }]],
  ["describeTeamMemberOrder", [{ ...period, ...odd }]],
  ["teamMemberOrders", [{ ...period, ...odd }]],
  ["describeTeamMemberOrderCount", [{ ...period, ...odd }]],
  ["describeTeamMemberUnpaidOrder", [{ ...period, ...odd }]],
  ["teamMemberUnpaidOrders", [{ ...period, ...odd }]],
  ["describeTeamMemberUnpaidOrderCount", [{ ...period, ...odd }]],
  ["listMemberProductType", [{ ...period, ...odd }]],
  ["downloadTeamOrder", [odd]],
  ["describeCompShareInstance", [odd]],
  ["compShareInstances", [odd]],
  ["getCompShareInstancePrice", [{ ...machine, ...odd }]],
  ["getCompShareInstancePrice", [{ ...machine, volumes: [{ type: "CLOUD_SSD", size: 1, ...odd }] }]],
  ["getCompShareInstanceUserPrice", [{ ...machine, ...odd }]],
  ["getCompShareInstanceUpgradePrice", [{ ...zone, uHostId: "uhost-1", cpu: 1, ...odd }]],
  [
    "getCompShareAttachedDiskUpgradePrice",
    [{ ...zone, uHostId: "uhost-1", diskId: "d", diskSpace: 1, ...odd }]
  ],
  ["getCompShareRefundPrice", [{ ...zone, uHostIds: ["uhost-1"], ...odd }]],
  ["call", ["DescribeCompShareGpuInventory", {}, odd]]
]

const timed: ReadonlyArray<Row> = [
  ["listCompShareTeamOperateLog", [{ beginTime: millis.beginTime, endTime: millis.endTime }]],
  ["describeTeamMemberOrder", [millis]],
  ["describeTeamMemberOrderCount", [millis]],
  ["describeTeamMemberUnpaidOrder", [millis]],
  ["describeTeamMemberUnpaidOrderCount", [millis]],
  ["listMemberProductType", [millis]],
  ["downloadTeamOrder", [{ beginTime: millis.beginTime, endTime: millis.endTime }]],
  ["downloadTeamOrder", [{ beginTime: millis.beginTime }]]
]

const refusal = Effect.fnUntraced(function* ([method, args]: Row) {
  const { client, requests } = yield* emulated()
  const called: unknown = Reflect.apply(Object(client[method]), client, args)
  const effect = (Stream.isStream(called) ? Stream.runCollect(untyped(called)) : called) as Effect.Effect<
    unknown,
    CloudQuotaError
  >
  const { money, reason } = yield* Effect.flip(effect)
  assert.strictEqual(reason._tag, "InvalidRequest")
  assert.strictEqual(money, "not-moved")
  assert.deepStrictEqual(requests, [])
  return { message: reason.message, field: "field" in reason ? reason.field : undefined }
})

describe("a field that is not known", () => {
  for (const row of rows) {
    it.effect(`is refused by ${row[0]}: ${JSON.stringify(row[1])}`, () =>
      Effect.map(refusal(row), ({ field }) => assert.strictEqual(field, row[2] ?? "unheardOf"))
    )
  }

  it.effect("is refused in the options of a client, and in the settings of the emulator", () =>
    Effect.gen(function* () {
      for (const wrong of [
        { ...options, ...odd },
        { ...options, retry: odd },
        { ...options, circuitBreaker: odd },
        { ...options, rateLimit: odd }
      ]) {
        const { reason } = yield* Effect.flip(CompShareClient.make(untyped(wrong)))
        assert.strictEqual(reason._tag, "InvalidRequest")
        assert.match(reason.message, /unheardOf/)
      }
      const made = yield* Effect.exit(CompShareEmulator.make(untyped(odd)))
      assert.isTrue(Exit.hasDies(made))
    })
  )
})

describe("a time in milliseconds", () => {
  for (const row of timed) {
    it.effect(`is refused by ${row[0]}, with the same in seconds: ${JSON.stringify(row[1])}`, () =>
      Effect.map(refusal(row), ({ field, message }) => {
        assert.strictEqual(field, "beginTime")
        assert.match(message, /is in milliseconds: give seconds since 1970, as 1764547200$/)
      })
    )
  }
})
