/**
 * Zones, instances and prices through the client: over the emulator, and over answers as the vendor's
 * pages show them.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { Quantity } from "@cloud-quota/core/Quantity"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import { type Unreadable, rawRows } from "@cloud-quota/core/adapter/Operation"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Stream } from "effect"
import { inspect } from "node:util"
import type { Service } from "@cloud-quota/compshare/CompShareClient"
import { emulated, scripted, text, untyped, withoutSigning } from "./fixtures/clients.ts"
import { assertLike } from "../../../test/support/like.ts"

const shown = (amount: Quantity | null | undefined) =>
  amount === undefined || amount === null ? undefined : `${amount}`

const instances = ["a", "b", "c"].map((letter, index) => ({
  uHostId: `uhost-${letter}`,
  region: index === 2 ? "cn-sh2" : "cn-wlcb",
  zone: index === 2 ? "cn-sh2-01" : "cn-wlcb-01",
  code: 0,
  message: "",
  refundPriceYuan: "4.69928",
  name: `host ${letter}`,
  createTime: 1_700_000_000 + index,
  expireTime: 1_702_592_000 + index
}))

const machine = { Zone: "cn-wlcb-01", GpuType: "4090", Memory: 65_536 }
const specification = { ...machine, Gpu: 1, Cpu: 16 }
const userSpecification = { ...machine, GPU: 1, CPU: 16 }

describe("over the emulator", () => {
  it.effect("the zones are told to whoever has good keys, and to nobody else", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ instances })
      const { ZoneInfo: zones } = yield* client.describeCompShareSupportZone()
      assert.isTrue(zones.some(({ Region, Zone }) => Region === "cn-wlcb" && Zone === "cn-wlcb-01"))
      const wrong = yield* emulated({ instances, privateKey: "another" })
      const error = yield* Effect.flip(wrong.client.describeCompShareSupportZone())
      assertLike(error, { reason: { _tag: "Unauthenticated" }, money: "not-moved" })
    })
  )

  it.effect("the instances of every region are read in pages, with their passwords hidden", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* emulated({ instances })
      const all = yield* Stream.runCollect(client.stream.describeCompShareInstance({ Limit: 2 }))
      assertLike(all, [
        {
          UHostId: "uhost-a",
          Name: "host a",
          Region: "cn-wlcb",
          Zone: "cn-wlcb-01",
          State: "Running",
          ChargeType: "Month",
          GpuType: "4090",
          GPU: 1,
          CPU: 16,
          Memory: 65_536,
          AutoRenew: false,
          IsExpire: false,
          CreateTime: 1_700_000_000,
          ExpireTime: 1_702_592_000
        },
        { UHostId: "uhost-b" },
        { UHostId: "uhost-c", Region: "cn-sh2" }
      ])
      assert.deepStrictEqual(
        sent().map(({ Offset }) => Offset),
        ["0", "1"]
      )
      for (const request of sent()) assert.notProperty(request, "Region")
      const password = Buffer.from("password of uhost-a").toString("base64")
      assert.strictEqual(
        Redacted.isRedacted(all[0]?.Password) ? Redacted.value(all[0].Password) : "",
        password
      )
      assert.notMatch(
        `${inspect(all, { depth: 9 })} ${JSON.stringify(all)}`,
        new RegExp(`${password}|ssh -p`)
      )
    })
  )

  it.effect("the instances of one region, and those that are asked for", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ instances })
      const ids = (query: Parameters<typeof client.describeCompShareInstance>[0]) =>
        Effect.map(client.describeCompShareInstance(query), (page) =>
          page.UHostSet.map(({ UHostId }) => UHostId)
        )
      assert.deepStrictEqual(yield* ids({ Region: "cn-sh2" }), ["uhost-c"])
      assert.deepStrictEqual(yield* ids({ Region: "cn-wlcb", Zone: "cn-wlcb-01" }), ["uhost-a", "uhost-b"])
      assert.deepStrictEqual(yield* ids({ UHostIds: ["uhost-b"] }), ["uhost-b"])
      assertLike(yield* Effect.flip(ids({ Region: "nowhere" })), {
        reason: { _tag: "InvalidRequest", details: { code: "230" } }
      })
    })
  )

  it.effect("prices are exact, and fit each other", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ instances })
      const quote = yield* client.getCompShareInstancePrice({
        ...specification,
        ChargeType: "Month",
        Disks: [
          { IsBoot: true, Type: "CLOUD_SSD", Size: 60 },
          { IsBoot: false, Type: "CLOUD_SSD", Size: 100 }
        ],
        Volumes: [{ Type: "UDisk", Size: 100 }],
        Quantity: 2
      })
      assert.deepStrictEqual(
        quote.PriceDetails?.map(({ ChargeType }) => ChargeType),
        ["Month"]
      )
      assert.isDefined(quote.PriceDetails?.[0]?.Disks)
      const own = yield* client.getCompShareInstanceUserPrice(userSpecification)
      assert.isAbove(own.PriceDetails?.length ?? Number.NaN, 1)
      assert.lengthOf(own.ListPriceDetails ?? [], own.PriceDetails?.length ?? 0)
      const here = { Zone: "cn-wlcb-01", UHostId: "uhost-a" }
      const up = yield* client.getCompShareInstanceUpgradePrice({ ...here, GPU: 2, CPU: 32, Memory: 131_072 })
      assert.match(shown(up.Price) ?? "", /^[1-9]\d*\.\d+ CNY$/)
      const disk = yield* client.getCompShareAttachedDiskUpgradePrice({
        ...here,
        DiskId: "udisk-a",
        DiskSpace: 2000
      })
      assert.strictEqual(shown(disk.Price), shown(disk.PriceDetail?.UDisk))
      const error = yield* Effect.flip(
        client.getCompShareInstanceUpgradePrice({ Zone: "cn-wlcb-01", UHostId: "uhost-z", GPU: 2 })
      )
      assert.deepInclude(error, { operation: "GetCompShareInstanceUpgradePrice", money: "not-moved" })
    })
  )
})

describe("the vendor's own examples", () => {
  it.effect("DescribeCompShareSupportZone", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{
  "Action": "DescribeCompShareSupportZoneResponse", "RetCode": 0,
  "ZoneInfo": [
    {"Region": "cn-wlcb", "Zone": "cn-wlcb-01", "Describe": "华北二A"},
    {"Region": "cn-sh2", "Zone": "cn-sh2-02", "Describe": "上海二"}
  ]
}`)
      ])
      const { ZoneInfo: zones } = yield* client.describeCompShareSupportZone()
      assertLike(zones, [
        { Region: "cn-wlcb", Zone: "cn-wlcb-01", Describe: "华北二A" },
        { Region: "cn-sh2", Zone: "cn-sh2-02", Describe: "上海二" }
      ])
      assert.deepStrictEqual(sent().map(withoutSigning), [
        { Action: "DescribeCompShareSupportZone", Region: "cn-wlcb" }
      ])
    })
  )

  it.effect("DescribeCompShareInstance", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{
  "Action": "DescribeCompShareInstanceResponse", "TotalCount": 8, "RetCode": 0,
  "UHostSet": [
    {
      "Zone": "xdLgDoph", "State": "TnNuGSYE", "Memory": 6, "CPU": 5, "AutoRenew": "KHTdKhxO",
      "Name": "pkIdkUfV", "UHostId": "wMwHWPOr", "GPU": 1, "ExpireTime": 4, "GpuType": "syCegFMi",
      "ChargeType": "xePQZDOs", "CreateTime": 7, "IPSet": [{"IP": "ZmBtTbhB"}]
    }
  ]
}`)
      ])
      const page = yield* client.describeCompShareInstance({
        Region: "cn-zj",
        Zone: "cn-zj-01",
        UHostIds: ["cnHQCXgZ"],
        Offset: 2,
        Limit: 9
      })
      assert.strictEqual(page.TotalCount, 8)
      assert.deepStrictEqual(page.UHostSet, [
        {
          UHostId: "wMwHWPOr",
          Name: "pkIdkUfV",
          Zone: "xdLgDoph",
          State: "TnNuGSYE",
          ChargeType: "xePQZDOs",
          GpuType: "syCegFMi",
          GPU: 1,
          CPU: 5,
          Memory: 6,
          AutoRenew: "KHTdKhxO",
          CreateTime: 7,
          ExpireTime: 4
        }
      ])
      assertLike(rawRows(page, "UHostSet"), [{ IPSet: [{ IP: "ZmBtTbhB" }], AutoRenew: "KHTdKhxO" }])
      assert.deepStrictEqual(sent().map(withoutSigning), [
        {
          Action: "DescribeCompShareInstance",
          Region: "cn-zj",
          Zone: "cn-zj-01",
          "UHostIds.0": "cnHQCXgZ",
          Offset: "2",
          Limit: "9"
        }
      ])
    })
  )

  const details = (key: string) =>
    `"${key}": [{"ChargeType": "Month", "Instance": 1068.00, "SystemDisks": 120.00, "CompShareImage": 2.44633}]`

  it.effect("GetCompShareInstancePrice, with disks and volumes under numbers of their own", () =>
    Effect.gen(function* () {
      const lists = ["PriceDetails", "OriginalPriceDetails", "ListPriceDetails"].map(details).join(",")
      const { client, sent } = yield* scripted([
        text(`{"Action": "GetCompShareInstancePriceResponse", "RetCode": 0, ${lists}}`)
      ])
      const quote = yield* client.getCompShareInstancePrice({
        ...specification,
        ChargeType: "Month",
        Disks: [{ IsBoot: true, Type: "CLOUD_SSD", Size: 60 }],
        Volumes: [{ Type: "UDisk", Size: 100 }],
        CompShareImageId: "compshareImage-xxxx",
        Quantity: 1
      })
      for (const [detail] of [
        quote.PriceDetails ?? [],
        quote.OriginalPriceDetails ?? [],
        quote.ListPriceDetails ?? []
      ]) {
        assert.strictEqual(detail?.ChargeType, "Month")
        assert.strictEqual(shown(detail?.Instance), "1068.00 CNY")
        assert.strictEqual(shown(detail?.SystemDisks), "120.00 CNY")
        assert.strictEqual(shown(detail?.CompShareImage), "2.44633 CNY")
        assert.notProperty(detail, "Disks")
      }
      assert.deepStrictEqual(sent().map(withoutSigning), [
        {
          Action: "GetCompShareInstancePrice",
          Region: "cn-wlcb",
          Zone: "cn-wlcb-01",
          GpuType: "4090",
          Gpu: "1",
          Cpu: "16",
          Memory: "65536",
          ChargeType: "Month",
          "Disks.0.IsBoot": "true",
          "Disks.0.Type": "CLOUD_SSD",
          "Disks.0.Size": "60",
          "Volumes.0.Type": "UDisk",
          "Volumes.0.Size": "100",
          CompShareImageId: "compshareImage-xxxx",
          Quantity: "1"
        }
      ])
    })
  )

  it.effect("GetCompShareInstanceUserPrice, whose lists the SDKs name in another way", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{"RetCode": 0, ${details("PriceDetails")}, "OriginalPriceDetails": null}`),
        text(`{"RetCode": 0, ${details("PriceDetail")}, ${details("ListPriceDetail")}}`)
      ])
      const query = { ...userSpecification, Region: "cn-sh2" }
      const first = yield* client.getCompShareInstanceUserPrice(query)
      const second = yield* client.getCompShareInstanceUserPrice(query)
      assert.strictEqual(shown(first.PriceDetails?.[0]?.Instance), "1068.00 CNY")
      assert.strictEqual(shown(second.PriceDetail?.[0]?.Instance), "1068.00 CNY")
      assert.deepStrictEqual([first.OriginalPriceDetails, second.OriginalPriceDetails], [null, undefined])
      assert.lengthOf(second.ListPriceDetail ?? [], 1)
      assert.deepStrictEqual(sent().map(withoutSigning)[0], {
        Action: "GetCompShareInstanceUserPrice",
        Region: "cn-sh2",
        Zone: "cn-wlcb-01",
        GpuType: "4090",
        GPU: "1",
        CPU: "16",
        Memory: "65536"
      })
    })
  )

  it.effect("GetCompShareInstanceUpgradePrice, which may give something back", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{"RetCode": 0, "Price": 356.00, "OriginalPrice": 356.00}`),
        text(`{"RetCode": 0, "Price": -0.29}`)
      ])
      const query = { Zone: "cn-wlcb-01", UHostId: "uhost-xxxx", CPU: 32, Memory: 131_072, GPU: 2 }
      const more = yield* client.getCompShareInstanceUpgradePrice(query)
      assert.deepStrictEqual([more.Price, more.OriginalPrice, more.ListPrice].map(shown), [
        "356.00 CNY",
        "356.00 CNY",
        undefined
      ])
      const less = yield* client.getCompShareInstanceUpgradePrice({
        Zone: "z",
        UHostId: "uhost-xxxx",
        GPU: 1
      })
      assert.strictEqual(shown(less.Price), "-0.29 CNY")
      assert.deepStrictEqual(sent().map(withoutSigning), [
        {
          Action: "GetCompShareInstanceUpgradePrice",
          Region: "cn-wlcb",
          Zone: "cn-wlcb-01",
          UHostId: "uhost-xxxx",
          CPU: "32",
          Memory: "131072",
          GPU: "2"
        },
        {
          Action: "GetCompShareInstanceUpgradePrice",
          Region: "cn-wlcb",
          Zone: "z",
          UHostId: "uhost-xxxx",
          GPU: "1"
        }
      ])
    })
  )

  it.effect("GetCompShareAttachedDiskUpgradePrice", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* scripted([
        text(`{
  "Action": "GetCompShareAttachedDiskUpgradePriceResponse", "RetCode": 0, "Price": 50.00, "OriginalPrice": 50.00,
  "PriceDetail": {"UDisk": 50.00, "Snapshot": 0.00}, "OriginalPriceDetail": {"UDisk": 50.00, "Snapshot": 0.00}
}`)
      ])
      const quote = yield* client.getCompShareAttachedDiskUpgradePrice({
        Zone: "cn-wlcb-01",
        UHostId: "uhost-xxxx",
        DiskId: "udisk-xxxx",
        DiskSpace: 200,
        BackupMode: "NONE"
      })
      assert.strictEqual(shown(quote.Price), "50.00 CNY")
      assert.strictEqual(shown(quote.PriceDetail?.Snapshot), "0.00 CNY")
      assert.strictEqual(shown(quote.OriginalPriceDetail?.UDisk), "50.00 CNY")
      assert.notProperty(quote, "ListPriceDetail")
      assert.deepStrictEqual(sent().map(withoutSigning), [
        {
          Action: "GetCompShareAttachedDiskUpgradePrice",
          Region: "cn-wlcb",
          Zone: "cn-wlcb-01",
          UHostId: "uhost-xxxx",
          DiskId: "udisk-xxxx",
          DiskSpace: "200",
          BackupMode: "NONE"
        }
      ])
    })
  )
})

describe("an instance", () => {
  const only = Effect.fnUntraced(function* (row: object) {
    const { client } = yield* scripted([TestTransport.json({ RetCode: 0, UHostSet: [row] })])
    const answer = yield* client.describeCompShareInstance()
    return { instance: answer.UHostSet[0], raw: rawRows(answer, "UHostSet")[0] }
  })

  it.effect("whose state, times and renewal are not in a known form keeps them as they came", () =>
    Effect.gen(function* () {
      const row = {
        UHostId: "a",
        State: "",
        CreateTime: "2026-01-01 00:00:00",
        ExpireTime: 0,
        AutoRenew: "?"
      }
      assert.deepStrictEqual(yield* only(row), { instance: row, raw: row })
    })
  )

  it.effect("may write its times and its numbers as text", () =>
    Effect.gen(function* () {
      assertLike(yield* only({ UHostId: "a", CreateTime: "1700000000", Memory: "65536", IsExpire: "Yes" }), {
        instance: { CreateTime: 1_700_000_000, Memory: 65_536, IsExpire: true }
      })
    })
  )

  it.effect("hides whatever opens it, and keeps the rest of its row", () =>
    Effect.gen(function* () {
      const row = {
        UHostId: "a",
        Password: "c2VjcmV0",
        SshLoginCommand: "ssh root@203.0.113.10",
        Softwares: [{ Name: "JupyterLab", URL: "http://203.0.113.10:8888/?token=deadbeef" }],
        IPSet: [{ IP: "203.0.113.10" }],
        Remark: "kept"
      }
      const { instance, raw } = yield* only(row)
      const print = `${inspect([instance, raw], { depth: 9 })} ${JSON.stringify([instance, raw])}`
      for (const secret of ["c2VjcmV0", "ssh root", "deadbeef"]) assert.notInclude(print, secret)
      assertLike(raw, { IPSet: [{ IP: "203.0.113.10" }], Remark: "kept" })
      const softwares = raw?.["Softwares"]
      assert.deepStrictEqual(
        Redacted.isRedacted(softwares) ? Redacted.value(softwares) : undefined,
        row.Softwares
      )
    })
  )
})

describe("pages", () => {
  it.effect("of instances do not go on for ever where Offset is ignored", () =>
    Effect.gen(function* () {
      const page = TestTransport.json({ RetCode: 0, UHostSet: [{ UHostId: "a" }, { UHostId: "b" }] })
      const { client, requests } = yield* scripted(Array.from({ length: 9 }, () => page))
      const error = yield* Effect.flip(Stream.runDrain(client.stream.describeCompShareInstance({ Limit: 2 })))
      assertLike(error, {
        operation: "DescribeCompShareInstance",
        money: "not-moved",
        reason: { _tag: "MalformedResponse" }
      })
      assert.lengthOf(requests, 4)
    })
  )
})

describe("what is not sent", () => {
  const refused = Effect.fnUntraced(function* (
    use: (client: Service) => Effect.Effect<unknown, CloudQuotaError>,
    field: string
  ) {
    const { client, requests } = yield* scripted([])
    const error = yield* Effect.flip(use(client))
    assertLike(error, { money: "not-moved", reason: { _tag: "InvalidRequest", field } })
    assert.deepStrictEqual(requests, [])
  })

  it.effect.each<[object, string]>([
    [{ Zone: "cn-wlcb-01" }, "Zone"],
    [{ Region: "" }, "Region"],
    [{ UHostIds: "uhost-1" }, "UHostIds"],
    [{ UHostIds: [] }, "UHostIds"],
    [{ Limit: 0 }, "Limit"],
    [{ Offset: -1 }, "Offset"]
  ])("instances with %j", ([query, field]) =>
    refused((client) => client.describeCompShareInstance(untyped(query)), field)
  )

  it.effect.each<[object, string]>([
    [{ Zone: "" }, "Zone"],
    [{ GpuType: 4090 }, "GpuType"],
    [{ Gpu: 0 }, "Gpu"],
    [{ Cpu: "16" }, "Cpu"],
    // In GB by mistake.
    [{ Memory: 64 }, "Memory"],
    [{ Memory: 0 }, "Memory"],
    [{ ChargeType: ["Month"] }, "ChargeType"],
    [{ Disks: {} }, "Disks"],
    [{ Disks: [null] }, "Disks[0]"],
    [{ Disks: [{ Type: "CLOUD_SSD", Size: 60 }] }, "Disks[0].IsBoot"],
    [{ Disks: [{ IsBoot: true, Type: "", Size: 60 }] }, "Disks[0].Type"],
    [{ Volumes: [{ Type: "UDisk", Size: 0.5 }] }, "Volumes[0].Size"],
    [{ Quantity: 0 }, "Quantity"],
    [{ CompShareImageId: 1 }, "CompShareImageId"]
  ])("a price with %j", ([wrong, field]) =>
    refused((client) => client.getCompShareInstancePrice(untyped({ ...specification, ...wrong })), field)
  )

  it.effect("upgrades of nothing, or to nothing", () =>
    Effect.gen(function* () {
      const here = { Zone: "z", UHostId: "uhost-1" }
      yield* refused(
        (client) => client.getCompShareInstanceUserPrice({ ...userSpecification, CPU: 0 }),
        "CPU"
      )
      yield* refused((client) => client.getCompShareInstanceUpgradePrice(here), "CPU")
      yield* refused((client) => client.getCompShareInstanceUpgradePrice({ ...here, GPU: 0 }), "GPU")
      yield* refused((client) => client.getCompShareInstanceUpgradePrice({ ...here, Memory: 1 }), "Memory")
      yield* refused(
        (client) => client.getCompShareInstanceUpgradePrice({ ...here, UHostId: "", GPU: 1 }),
        "UHostId"
      )
      const disk = { ...here, DiskId: "udisk-1", DiskSpace: 1 }
      yield* refused(
        (client) => client.getCompShareAttachedDiskUpgradePrice({ ...disk, DiskId: " " }),
        "DiskId"
      )
      yield* refused(
        (client) => client.getCompShareAttachedDiskUpgradePrice({ ...disk, DiskSpace: 0 }),
        "DiskSpace"
      )
      yield* refused(
        (client) => client.getCompShareAttachedDiskUpgradePrice({ ...disk, BackupMode: "" }),
        "BackupMode"
      )
    })
  )
})

describe("answers that are not as documented", () => {
  const here = { Zone: "z", UHostId: "uhost-1" }
  it.effect.each<[string, (client: Service) => Effect.Effect<unknown, CloudQuotaError>, string]>([
    [
      "prices that are no numbers",
      (client) => client.getCompShareInstanceUserPrice(userSpecification),
      `"PriceDetails": [{"Instance": "cheap"}]`
    ],
    [
      "an upgrade without a price",
      (client) => client.getCompShareInstanceUpgradePrice({ ...here, GPU: 2 }),
      `"OriginalPrice": 1`
    ],
    [
      "a disk's price in one part that is none",
      (client) => client.getCompShareAttachedDiskUpgradePrice({ ...here, DiskId: "d", DiskSpace: 1 }),
      `"Price": 1, "PriceDetail": 1`
    ]
  ])("%s", ([, use, body]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([text(`{"RetCode": 0, ${body}}`)])
      const error = yield* Effect.flip(use(client))
      assertLike(error, { reason: { _tag: "MalformedResponse" }, money: "not-moved" })
    })
  )
})

describe("a row that is not as documented", () => {
  it.effect.each<
    [
      string,
      (client: Service) => Effect.Effect<{ readonly unreadable: ReadonlyArray<Unreadable> }, CloudQuotaError>,
      string
    ]
  >([
    [
      "Region: is missing",
      (client) => client.describeCompShareSupportZone(),
      `"ZoneInfo": [{"Region": "r", "Zone": "z"}, {"Zone": "z"}]`
    ],
    [
      "UHostId: is missing",
      (client) => client.describeCompShareInstance(),
      `"UHostSet": [{"UHostId": "x"}, {"Name": "x"}]`
    ],
    [
      "CreateTime",
      (client) => client.describeCompShareInstance(),
      `"UHostSet": [{"UHostId": "x"}, {"UHostId": "y", "CreateTime": true}]`
    ],
    [
      "Code: is missing",
      (client) => client.getCompShareRefundPrice({ Zone: "z", UHostIds: ["a"] }),
      `"RefundPriceSet": [{"UHostId": "a", "Code": 0}, {"UHostId": "b"}]`
    ]
  ])("%s", ([problem, use, body]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([text(`{"RetCode": 0, ${body}}`)])
      const { unreadable } = yield* use(client)
      assertLike(unreadable, [{ index: 1 }])
      assert.include(unreadable[0]?.problem, problem)
    })
  )
})
