/**
 * The emulator's instances, prices and balance on the wire, after the examples of the vendor's pages.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"
import { call, type Params, refusal, send } from "./fixtures/signedCall.ts"
import { assertLike } from "../../../test/support/like.ts"

const example: CompShareEmulator.Settings = {
  members: [{ virtualCompanyId: 60001 }],
  instances: [
    { uHostId: "uhost-xxxx", region: "cn-wlcb", zone: "cn-wlcb-01", code: 0, message: "" },
    {
      uHostId: "uhost-yyyy",
      region: "cn-gd",
      zone: "cn-gd-02",
      code: 226602,
      message: "资源已过期",
      name: "trainer",
      state: "Stopped",
      chargeType: "Dynamic",
      gpuType: "A100",
      gpu: 8,
      cpu: 128,
      memoryMb: 524_288,
      createTime: 1_700_000_000,
      expireTime: 1_702_592_000
    }
  ]
}

interface Row {
  readonly UHostId: string
  readonly Zone: string
  readonly IsExpire: string
}

const rowsOf = (answer: Readonly<Record<string, unknown>>) => answer["UHostSet"] as ReadonlyArray<Row>

describe("instances", () => {
  const describeInstances = (change: Params = {}): Params => ({
    Action: "DescribeCompShareInstance",
    ...change
  })

  it.effect("are told with everything that is documented, for all regions or one", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const all = yield* call(emulator, describeInstances())
      assertLike(all, {
        Action: "DescribeCompShareInstanceResponse",
        RetCode: 0,
        TotalCount: 2,
        UHostSet: [
          {
            UHostId: "uhost-xxxx",
            Name: "uhost-xxxx",
            Zone: "cn-wlcb-01",
            State: "Running",
            ChargeType: "Month",
            CPU: 16,
            Memory: 65_536,
            GPU: 1,
            GpuType: "4090",
            IsExpire: "No",
            InstancePrice: 1068,
            DiskSet: [
              { DiskId: "bsm-xxxx", IsBoot: "True", Size: 60 },
              { DiskId: "udisk-xxxx", IsBoot: "False", Size: 100 }
            ]
          },
          {
            UHostId: "uhost-yyyy",
            Name: "trainer",
            State: "Stopped",
            GPU: 8,
            GpuType: "A100",
            IsExpire: "Yes",
            CreateTime: 1_700_000_000,
            ExpireTime: 1_702_592_000
          }
        ]
      })
      const ids = (change: Params) =>
        Effect.map(call(emulator, describeInstances(change)), (answer) =>
          rowsOf(answer).map((row) => row.UHostId)
        )
      assert.deepStrictEqual(yield* ids({ Region: "cn-gd" }), ["uhost-yyyy"])
      assert.deepStrictEqual(yield* ids({ Region: "cn-wlcb", Zone: "cn-wlcb-01" }), ["uhost-xxxx"])
      assert.deepStrictEqual(yield* ids({ Region: "cn-bj2" }), [])
      assert.deepStrictEqual(yield* ids({ "UHostIds.0": "uhost-yyyy", "UHostIds.1": "uhost-gone" }), [
        "uhost-yyyy"
      ])
    })
  )

  it.effect("come in pages of 20 unless told otherwise, and each is in some member's orders or fresh", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ size: 100 })
      const first = yield* call(emulator, describeInstances())
      assert.lengthOf(rowsOf(first), 20)
      const total = Number(first["TotalCount"])
      assert.isAbove(total, 85)
      const seen: Array<string> = []
      for (let Offset = 0; Offset < total; Offset += 30) {
        const page = yield* call(emulator, describeInstances({ Limit: "30", Offset: String(Offset) }))
        assert.strictEqual(page["TotalCount"], total)
        seen.push(...rowsOf(page).map((row) => row.UHostId))
      }
      assert.strictEqual(new Set(seen).size, total)
      const file = yield* send(emulator, { Action: "DownloadTeamOrder", TeamId: "1001" })
      const ordered = new Set([...file.body.matchAll(/uhost-\w+/g)].map(([id]) => id))
      assert.isTrue([...ordered].every((id) => seen.includes(id)))
      assert.isAbove(ordered.size, total / 2)
      assert.isAbove(new Set(rowsOf(first).map((row) => row.Zone)).size, 2)
      // Who is expired cannot be refunded.
      assert.isTrue(rowsOf(first).some((row) => row.IsExpire === "Yes"))
    })
  )

  it.effect("are refused in pages above 100", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      assert.deepStrictEqual(
        yield* call(emulator, describeInstances({ Limit: "101" })),
        refusal("DescribeCompShareInstance", 230, "Params [Limit] not available")
      )
    })
  )
})

const place = { Region: "cn-wlcb", Zone: "cn-wlcb-01" }

/** The prices of an answer as they were written, digit for digit. */
const written = (body: string, name: string) =>
  [...body.matchAll(new RegExp(`"${name}":(-?[\\d.]+)`, "g"))].map(([, text]) => text)

describe("prices of a new instance", () => {
  const ask = (change: Params = {}): Params => ({
    Action: "GetCompShareInstancePrice",
    ...place,
    GpuType: "4090",
    Gpu: "1",
    Cpu: "16",
    Memory: "65536",
    ...change
  })
  const systemDisk = { "Disks.0.IsBoot": "true", "Disks.0.Type": "CLOUD_SSD", "Disks.0.Size": "60" }

  it.effect("are those of the vendor's example, written with their digits", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const { body } = yield* send(emulator, ask({ ...systemDisk, ChargeType: "Month" }))
      const month = '[{"ChargeType":"Month","Instance":1068.00,"SystemDisks":120.00}]'
      assert.strictEqual(
        body,
        `{"Action":"GetCompShareInstancePriceResponse","RetCode":0,"PriceDetails":${month},` +
          `"OriginalPriceDetails":${month},"ListPriceDetails":${month}}`
      )
    })
  )

  it.effect("are of every kind of charge if none is named, some finer than a fen", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const { body } = yield* send(emulator, ask())
      const kinds = ["Month", "Day", "Dynamic", "Postpay", "Spot"]
      assert.deepStrictEqual(
        JSON.parse(body).PriceDetails.map((row: { readonly ChargeType: string }) => row.ChargeType),
        kinds
      )
      assert.deepStrictEqual(written(body, "Instance").slice(0, 5), [
        "1068.00",
        "71.20",
        "1.66875",
        "1.48",
        "1.04"
      ])
    })
  )

  it.effect("grow with time, data disks and volumes", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const { body } = yield* send(
        emulator,
        ask({
          ...systemDisk,
          "Disks.1.Type": "CLOUD_SSD",
          "Disks.1.Size": "100",
          "Volumes.0.Type": "UDisk",
          "Volumes.0.Size": "20",
          ChargeType: "Month",
          Quantity: "3"
        })
      )
      assert.strictEqual(written(body, "Instance")[0], "3204.00")
      assert.strictEqual(written(body, "SystemDisks")[0], "360.00")
      assert.strictEqual(written(body, "Disks")[0], "180.00")
    })
  )

  const cases: ReadonlyArray<readonly [what: string, change: Params, retCode: number, message: string]> = [
    ["no zone", { Zone: "" }, 230, "Params [Zone] not available"],
    ["no GPU type", { GpuType: "" }, 220, "Missing params [GpuType]"],
    ["an unknown GPU type", { GpuType: "9999" }, 230, "Params [GpuType] not available"],
    ["no GPU", { Gpu: "0" }, 230, "Params [Gpu] not available"],
    ["part of a gigabyte", { Memory: "65537" }, 230, "Params [Memory] not available"],
    ["an unknown charge", { ChargeType: "Monthly" }, 230, "Params [ChargeType] not available"],
    ["only data disks", { "Disks.0.Type": "a", "Disks.0.Size": "1" }, 230, "Params [Disks] not available"],
    ["a disk of no size", { "Disks.0.Type": "a" }, 220, "Missing params [Size]"]
  ]
  for (const [what, change, retCode, message] of cases) {
    it.effect(`are refused for ${what}`, () =>
      Effect.gen(function* () {
        const emulator = yield* CompShareEmulator.make(example)
        assert.deepStrictEqual(
          yield* call(emulator, ask(change)),
          refusal("GetCompShareInstancePrice", retCode, message)
        )
      })
    )
  }

  it.effect("for the user are those of the vendor's example, with the discounts", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const user = {
        Action: "GetCompShareInstanceUserPrice",
        ...place,
        GpuType: "4090",
        GPU: "1",
        CPU: "16",
        Memory: "65536"
      }
      assertLike(yield* call(emulator, user), {
        RetCode: 0,
        PriceDetails: [
          { ChargeType: "Month", Instance: 1068, SystemDisks: 120 },
          { ChargeType: "Day", Instance: 71.2, SystemDisks: 8 },
          { ChargeType: "Postpay", Instance: 1.48, SystemDisks: 0.18 },
          { ChargeType: "Spot", Instance: 1.04, SystemDisks: 0.18, InstanceDiscountType: 0 }
        ],
        OriginalPriceDetails: [
          { ChargeType: "Month", Instance: 1068, SystemDisks: 120 },
          { ChargeType: "Day", Instance: 71.2, SystemDisks: 8 },
          { ChargeType: "Postpay", Instance: 1.66, SystemDisks: 0.18 },
          { ChargeType: "Spot", Instance: 1.66, SystemDisks: 0.18 }
        ]
      })
      // The two actions spell the number of cards differently.
      const { GPU: _, ...without } = user
      assert.deepStrictEqual(
        yield* call(emulator, { ...without, Gpu: "1" }),
        refusal("GetCompShareInstanceUserPrice", 220, "Missing params [GPU]")
      )
    })
  )
})

describe("prices of a change", () => {
  const upgrade = (change: Params): Params => ({
    Action: "GetCompShareInstanceUpgradePrice",
    ...place,
    UHostId: "uhost-xxxx",
    ...change
  })
  const disk = (change: Params): Params => ({
    Action: "GetCompShareAttachedDiskUpgradePrice",
    ...place,
    UHostId: "uhost-xxxx",
    DiskId: "udisk-xxxx",
    DiskSpace: "200",
    ...change
  })

  it.effect("are the difference, below zero if the instance gets smaller", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const prices = (change: Params) =>
        Effect.map(send(emulator, upgrade(change)), ({ body }) =>
          ["Price", "OriginalPrice", "ListPrice"].flatMap((name) => written(body, name))
        )
      const twice = ["1068.00", "1068.00", "1068.00"]
      assert.deepStrictEqual(yield* prices({ CPU: "32", Memory: "131072", GPU: "2" }), twice)
      assert.deepStrictEqual(yield* prices({ CPU: "8" }), ["-64.00", "-64.00", "-64.00"])
      assert.deepStrictEqual(yield* prices({}), ["0.00", "0.00", "0.00"])
    })
  )

  it.effect("of a disk are those of the vendor's example, and more with snapshots", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make(example)
      const detail = { UDisk: 50, Snapshot: 0 }
      assert.deepStrictEqual(yield* call(emulator, disk({})), {
        Action: "GetCompShareAttachedDiskUpgradePriceResponse",
        RetCode: 0,
        Price: 50,
        OriginalPrice: 50,
        ListPrice: 50,
        PriceDetail: detail,
        OriginalPriceDetail: detail,
        ListPriceDetail: detail
      })
      assertLike(yield* call(emulator, disk({ BackupMode: "SNAPSHOT" })), {
        Price: 70,
        PriceDetail: { UDisk: 50, Snapshot: 20 }
      })
    })
  )

  const cases: ReadonlyArray<readonly [what: string, params: Params, retCode: number, message: string]> = [
    ["no instance", upgrade({ UHostId: "" }), 220, "Missing params [UHostId]"],
    ["an instance elsewhere", upgrade({ UHostId: "uhost-yyyy" }), 200, "No Permission"],
    ["no cores", upgrade({ CPU: "0" }), 230, "Params [CPU] not available"],
    ["an unknown disk", disk({ DiskId: "udisk-yyyy" }), 230, "Params [DiskId] not available"],
    ["a disk that shrinks", disk({ DiskSpace: "50" }), 230, "Params [DiskSpace] not available"],
    ["a fraction", disk({ DiskSpace: "200.5" }), 230, "Params [DiskSpace] not available"],
    ["an unknown backup", disk({ BackupMode: "TAPE" }), 230, "Params [BackupMode] not available"]
  ]
  for (const [what, params, RetCode, Message] of cases) {
    it.effect(`${params["Action"]} refuses ${what}`, () =>
      Effect.gen(function* () {
        const emulator = yield* CompShareEmulator.make(example)
        assert.deepStrictEqual(
          yield* call(emulator, params),
          refusal(params["Action"] ?? "", RetCode, Message)
        )
      })
    )
  }
})

describe("the balance", () => {
  it.effect("is what the administrator can allocate, as text", () =>
    Effect.gen(function* () {
      const emulator = yield* CompShareEmulator.make({ ...example, adminBalanceFen: 123_456n })
      yield* emulator.consoleAllocate(60001, 56n)
      const answer = yield* call(emulator, { Action: "GetBalance" })
      assert.deepStrictEqual(answer, {
        Action: "GetBalanceResponse",
        RetCode: 0,
        AccountInfo: {
          Amount: "1234.00",
          AmountAvailable: "1234.00",
          AmountCredit: "0.00",
          AmountFree: "0.00",
          AmountFreeze: "0.00"
        }
      })
    })
  )
})
