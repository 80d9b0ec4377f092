/**
 * Fields that an operation does not have, and times in milliseconds: refused by name, and nothing is sent.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Quantity from "@cloud-quota/core/Quantity"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Stream } from "effect"
import * as CompShareClient from "@cloud-quota/compshare/CompShareClient"
import * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import { emulated, options, untyped } from "./fixtures/clients.ts"

const odd = { unheardOf: 1 }
const period = { VirtualCompanyId: 60001, BeginTime: 1_764_547_200, EndTime: 1_764_633_600 }
const millis = { VirtualCompanyId: 60001, BeginTime: 1_764_547_200_000, EndTime: 1_764_633_600_000 }
const zone = { Zone: "cn-wlcb-01" }
const machine = { ...zone, GpuType: "4090", Memory: 65536, Gpu: 1, Cpu: 16 }
const userMachine = { ...zone, GpuType: "4090", Memory: 65536, GPU: 1, CPU: 16 }
const amount = {
  TeamId: 1001,
  VirtualCompanyId: [60001],
  Amount: Quantity.cny(1),
  OperateType: "AllocateAmount"
}

type Row = readonly [method: string, args: ReadonlyArray<unknown>, field?: string]

const rows: ReadonlyArray<Row> = [
  ["setCompShareTeamAmount", [{ ...amount, ...odd }]],
  ["listCompShareTeam", [odd]],
  ["describeCompShareSupportZone", [odd]],
  ["getBalance", [odd]],
  ["listCompShareTeamJoined", [odd]],
  ["listCompShareTeamInvite", [odd]],
  ["getCompShareTeamInfo", [{ TeamId: 1001, ...odd }]],
  ["createCompShareTeam", [{ Name: "a", ...odd }]],
  ["updateCompShareTeam", [{ Name: "a", ...odd }]],
  ["deleteCompShareTeam", [{ TeamId: 1001, ...odd }]],
  ["createCompShareTeamRelation", [{ UserInfo: [{ UserCompanyId: 50001 }], ...odd }]],
  [
    "createCompShareTeamRelation",
    [{ UserInfo: [{ UserCompanyId: 50001, ...odd }] }],
    "UserInfo[0].unheardOf"
  ],
  ["setCompShareTeamRelation", [{ Status: "Agree", ...odd }]],
  ["listCompShareTeamOperateLog", [{ ...period, VirtualCompanyId: 1 }], "VirtualCompanyId"],
  ["stream.listCompShareTeamOperateLog", [{ BeginTime: 1, EndTime: 2, ...odd }]],
  ["describeTeamMemberOrder", [{ ...period, ...odd }]],
  ["stream.describeTeamMemberOrder", [{ ...period, ...odd }]],
  ["describeTeamMemberOrderCount", [{ ...period, ...odd }]],
  ["describeTeamMemberUnpaidOrder", [{ ...period, ...odd }]],
  ["stream.describeTeamMemberUnpaidOrder", [{ ...period, ...odd }]],
  ["describeTeamMemberUnpaidOrderCount", [{ ...period, ...odd }]],
  ["listMemberProductType", [{ ...period, ...odd }]],
  ["downloadTeamOrder", [odd]],
  ["describeCompShareInstance", [odd]],
  ["stream.describeCompShareInstance", [odd]],
  ["getCompShareInstancePrice", [{ ...machine, ...odd }]],
  [
    "getCompShareInstancePrice",
    [{ ...machine, Volumes: [{ Type: "CLOUD_SSD", Size: 1, ...odd }] }],
    "Volumes[0].unheardOf"
  ],
  ["getCompShareInstanceUserPrice", [{ ...userMachine, ...odd }]],
  ["getCompShareInstanceUpgradePrice", [{ ...zone, UHostId: "uhost-1", CPU: 1, ...odd }]],
  [
    "getCompShareAttachedDiskUpgradePrice",
    [{ ...zone, UHostId: "uhost-1", DiskId: "d", DiskSpace: 1, ...odd }]
  ],
  ["getCompShareRefundPrice", [{ ...zone, UHostIds: ["uhost-1"], ...odd }]],
  ["call", ["DescribeCompShareGpuInventory", {}, odd]]
]

const timed: ReadonlyArray<Row> = [
  ["listCompShareTeamOperateLog", [{ BeginTime: millis.BeginTime, EndTime: millis.EndTime }]],
  ["describeTeamMemberOrder", [millis]],
  ["describeTeamMemberOrderCount", [millis]],
  ["describeTeamMemberUnpaidOrder", [millis]],
  ["describeTeamMemberUnpaidOrderCount", [millis]],
  ["listMemberProductType", [millis]],
  ["downloadTeamOrder", [{ BeginTime: millis.BeginTime, EndTime: millis.EndTime }]],
  ["downloadTeamOrder", [{ BeginTime: millis.BeginTime }]]
]

const refusal = Effect.fnUntraced(function* ([method, args]: Row) {
  const { client, requests } = yield* emulated()
  const called: unknown = Reflect.apply(
    method.split(".").reduce((place, key) => Object(place)[key], Object(client)),
    client,
    args
  )
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

  it.effect("is refused with the field that was meant", () =>
    Effect.gen(function* () {
      const wrong = yield* refusal(["getCompShareTeamInfo", [{ Teamid: 1001 }]])
      assert.strictEqual(wrong.message, "Teamid: is not known here: did you mean TeamId?")
    })
  )

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
        assert.strictEqual(field, "BeginTime")
        assert.match(message, /^BeginTime: is in milliseconds: give seconds since 1970, as 1764547200(;|$)/)
      })
    )
  }
})
