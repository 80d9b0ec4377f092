/**
 * Zones, instances and prices through the client: over the emulator, and over answers as the vendor's
 * pages show them.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { Quantity } from "@cloud-quota/core/Quantity"
import * as TestTransport from "@cloud-quota/core/TestTransport"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted, Stream } from "effect"
import { inspect } from "node:util"
import type { Service } from "../src/CompShareClient.ts"
import type { InstancePriceQuery } from "../src/InstancePrice.ts"
import { emulated, scripted, text, untyped, withoutSigning } from "./fixtures/clients.ts"

const shown = (amount: Quantity | undefined) => (amount === undefined ? undefined : `${amount}`)

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

const specification = { zone: "cn-wlcb-01", gpuType: "4090", gpu: 1, cpu: 16, memory: 65_536 }

describe("over the emulator", () => {
  it.effect("the zones are told to whoever has good keys, and to nobody else", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ instances })
      const { zones } = yield* client.describeCompShareSupportZone
      expect(zones).toContainEqual(expect.objectContaining({ region: "cn-wlcb", zone: "cn-wlcb-01" }))
      const wrong = yield* emulated({ instances, privateKey: "another" })
      const error = yield* Effect.flip(wrong.client.describeCompShareSupportZone)
      expect(error).toMatchObject({ reason: { _tag: "Unauthenticated" }, money: "not-moved" })
    })
  )

  it.effect("the instances of every region are read in pages, with their passwords hidden", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* emulated({ instances })
      const all = yield* Stream.runCollect(client.compShareInstances({ limit: 2 }))
      expect(all).toMatchObject([
        {
          uHostId: "uhost-a",
          name: "host a",
          region: "cn-wlcb",
          zone: "cn-wlcb-01",
          state: "Running",
          chargeType: "Month",
          gpuType: "4090",
          gpu: 1,
          cpu: 16,
          memory: 65_536,
          autoRenew: false,
          isExpire: false,
          createTime: 1_700_000_000,
          expireTime: 1_702_592_000
        },
        { uHostId: "uhost-b" },
        { uHostId: "uhost-c", region: "cn-sh2" }
      ])
      expect(sent().map(({ Offset }) => Offset)).toEqual(["0", "1"])
      for (const request of sent()) expect(request).not.toHaveProperty("Region")
      const password = Buffer.from("password of uhost-a").toString("base64")
      expect(all[0]?.password === undefined ? "" : Redacted.value(all[0].password)).toBe(password)
      expect(`${inspect(all, { depth: 9 })} ${JSON.stringify(all)}`).not.toMatch(
        new RegExp(`${password}|ssh -p`)
      )
    })
  )

  it.effect("the instances of one region, and those that are asked for", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ instances })
      const ids = (query: Parameters<typeof client.describeCompShareInstance>[0]) =>
        Effect.map(client.describeCompShareInstance(query), (page) =>
          page.instances.map(({ uHostId }) => uHostId)
        )
      expect(yield* ids({ region: "cn-sh2" })).toEqual(["uhost-c"])
      expect(yield* ids({ region: "cn-wlcb", zone: "cn-wlcb-01" })).toEqual(["uhost-a", "uhost-b"])
      expect(yield* ids({ uHostIds: ["uhost-b"] })).toEqual(["uhost-b"])
      expect(yield* Effect.flip(ids({ region: "nowhere" }))).toMatchObject({
        reason: { _tag: "InvalidRequest", details: { code: "230" } }
      })
    })
  )

  it.effect("prices are exact, and fit each other", () =>
    Effect.gen(function* () {
      const { client } = yield* emulated({ instances })
      const quote = yield* client.getCompShareInstancePrice({
        ...specification,
        chargeType: "Month",
        disks: [
          { isBoot: true, type: "CLOUD_SSD", size: 60 },
          { isBoot: false, type: "CLOUD_SSD", size: 100 }
        ],
        volumes: [{ type: "UDisk", size: 100 }],
        quantity: 2
      })
      expect(quote.prices.map(({ chargeType }) => chargeType)).toEqual(["Month"])
      expect(quote.prices[0]?.disks).toBeDefined()
      const own = yield* client.getCompShareInstanceUserPrice(specification)
      expect(own.prices.length).toBeGreaterThan(1)
      expect(own.listPrices).toHaveLength(own.prices.length)
      const here = { zone: "cn-wlcb-01", uHostId: "uhost-a" }
      const up = yield* client.getCompShareInstanceUpgradePrice({ ...here, gpu: 2, cpu: 32, memory: 131_072 })
      expect(shown(up.price)).toMatch(/^[1-9]\d*\.\d+ CNY$/)
      const disk = yield* client.getCompShareAttachedDiskUpgradePrice({
        ...here,
        diskId: "udisk-a",
        diskSpace: 2000
      })
      expect(shown(disk.price)).toBe(shown(disk.priceDetail?.uDisk))
      const error = yield* Effect.flip(
        client.getCompShareInstanceUpgradePrice({ zone: "cn-wlcb-01", uHostId: "uhost-z", gpu: 2 })
      )
      expect(error).toMatchObject({ operation: "GetCompShareInstanceUpgradePrice", money: "not-moved" })
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
      const { zones } = yield* client.describeCompShareSupportZone
      expect(zones).toMatchObject([
        { region: "cn-wlcb", zone: "cn-wlcb-01", describe: "华北二A" },
        { region: "cn-sh2", zone: "cn-sh2-02", describe: "上海二" }
      ])
      expect(sent().map(withoutSigning)).toEqual([
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
        region: "cn-zj",
        zone: "cn-zj-01",
        uHostIds: ["cnHQCXgZ"],
        offset: 2,
        limit: 9
      })
      expect(page.total).toBe(8)
      expect(page.instances).toEqual([
        {
          uHostId: "wMwHWPOr",
          name: "pkIdkUfV",
          zone: "xdLgDoph",
          state: "TnNuGSYE",
          chargeType: "xePQZDOs",
          gpuType: "syCegFMi",
          gpu: 1,
          cpu: 5,
          memory: 6,
          createTime: 7,
          expireTime: 4,
          details: expect.objectContaining({ IPSet: [{ IP: "ZmBtTbhB" }], AutoRenew: "KHTdKhxO" })
        }
      ])
      expect(sent().map(withoutSigning)).toEqual([
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
        chargeType: "Month",
        disks: [{ isBoot: true, type: "CLOUD_SSD", size: 60 }],
        volumes: [{ type: "UDisk", size: 100 }],
        compShareImageId: "compshareImage-xxxx",
        quantity: 1
      })
      for (const [detail] of [quote.prices, quote.originalPrices, quote.listPrices]) {
        expect(detail?.chargeType).toBe("Month")
        expect(shown(detail?.instance)).toBe("1068.00 CNY")
        expect(shown(detail?.systemDisks)).toBe("120.00 CNY")
        expect(shown(detail?.compShareImage)).toBe("2.44633 CNY")
        expect(detail).not.toHaveProperty("disks")
      }
      expect(sent().map(withoutSigning)).toEqual([
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
      const query = { ...specification, region: "cn-sh2" }
      const first = yield* client.getCompShareInstanceUserPrice(query)
      const second = yield* client.getCompShareInstanceUserPrice(query)
      expect([first, second].map(({ prices }) => shown(prices[0]?.instance))).toEqual([
        "1068.00 CNY",
        "1068.00 CNY"
      ])
      expect([first.originalPrices, second.originalPrices]).toEqual([[], []])
      expect(second.listPrices).toHaveLength(1)
      expect(sent().map(withoutSigning)[0]).toEqual({
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
      const query = { zone: "cn-wlcb-01", uHostId: "uhost-xxxx", cpu: 32, memory: 131_072, gpu: 2 }
      const more = yield* client.getCompShareInstanceUpgradePrice(query)
      expect([more.price, more.originalPrice, more.listPrice].map(shown)).toEqual([
        "356.00 CNY",
        "356.00 CNY",
        undefined
      ])
      const less = yield* client.getCompShareInstanceUpgradePrice({
        zone: "z",
        uHostId: "uhost-xxxx",
        gpu: 1
      })
      expect(shown(less.price)).toBe("-0.29 CNY")
      expect(sent().map(withoutSigning)).toEqual([
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
        zone: "cn-wlcb-01",
        uHostId: "uhost-xxxx",
        diskId: "udisk-xxxx",
        diskSpace: 200,
        backupMode: "NONE"
      })
      expect(shown(quote.price)).toBe("50.00 CNY")
      expect(shown(quote.priceDetail?.snapshot)).toBe("0.00 CNY")
      expect(shown(quote.originalPriceDetail?.uDisk)).toBe("50.00 CNY")
      expect(quote).not.toHaveProperty("listPriceDetail")
      expect(sent().map(withoutSigning)).toEqual([
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
    return (yield* client.describeCompShareInstance()).instances[0]
  })

  it.effect("whose state, times and renewal are not told in a known way leaves them out", () =>
    Effect.gen(function* () {
      const row = {
        UHostId: "a",
        State: "",
        CreateTime: "2026-01-01 00:00:00",
        ExpireTime: 0,
        AutoRenew: "?"
      }
      expect(yield* only(row)).toEqual({ uHostId: "a", details: row })
    })
  )

  it.effect("may write its times and its numbers as text", () =>
    Effect.gen(function* () {
      expect(
        yield* only({ UHostId: "a", CreateTime: "1700000000", Memory: "65536", IsExpire: "Yes" })
      ).toMatchObject({ createTime: 1_700_000_000, memory: 65_536, isExpire: true })
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
      const instance = yield* only(row)
      const print = `${inspect(instance, { depth: 9 })} ${JSON.stringify(instance)}`
      for (const secret of ["c2VjcmV0", "ssh root", "deadbeef"]) expect(print).not.toContain(secret)
      expect(instance?.details).toMatchObject({ IPSet: [{ IP: "203.0.113.10" }], Remark: "kept" })
      const softwares = instance?.details["Softwares"]
      expect(Redacted.isRedacted(softwares) ? Redacted.value(softwares) : undefined).toEqual(row.Softwares)
    })
  )
})

describe("pages", () => {
  it.effect("of instances do not go on for ever where Offset is ignored", () =>
    Effect.gen(function* () {
      const page = TestTransport.json({ RetCode: 0, UHostSet: [{ UHostId: "a" }, { UHostId: "b" }] })
      const { client, requests } = yield* scripted(Array.from({ length: 9 }, () => page))
      const error = yield* Effect.flip(Stream.runDrain(client.compShareInstances({ limit: 2 })))
      expect(error).toMatchObject({
        operation: "DescribeCompShareInstance",
        money: "not-moved",
        reason: { _tag: "MalformedResponse" }
      })
      expect(requests).toHaveLength(4)
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
    expect(error).toMatchObject({ money: "not-moved", reason: { _tag: "InvalidRequest", field } })
    expect(requests).toEqual([])
  })

  it.effect.each<[object, string]>([
    [{ zone: "cn-wlcb-01" }, "zone"],
    [{ region: "" }, "region"],
    [{ uHostIds: "uhost-1" }, "uHostIds"],
    [{ uHostIds: [] }, "uHostIds"],
    [{ limit: 0 }, "limit"],
    [{ offset: -1 }, "offset"]
  ])("instances with %j", ([query, field]) =>
    refused((client) => client.describeCompShareInstance(untyped(query)), field)
  )

  it.effect.each<[Partial<Record<keyof InstancePriceQuery, unknown>>, string]>([
    [{ zone: "" }, "zone"],
    [{ gpuType: 4090 }, "gpuType"],
    [{ gpu: 0 }, "gpu"],
    [{ cpu: "16" }, "cpu"],
    // In GB by mistake.
    [{ memory: 64 }, "memory"],
    [{ memory: 0 }, "memory"],
    [{ chargeType: ["Month"] }, "chargeType"],
    [{ disks: {} }, "disks"],
    [{ disks: [null] }, "disks.0"],
    [{ disks: [{ type: "CLOUD_SSD", size: 60 }] }, "disks.0.isBoot"],
    [{ disks: [{ isBoot: true, type: "", size: 60 }] }, "disks.0.type"],
    [{ volumes: [{ type: "UDisk", size: 0.5 }] }, "volumes.0.size"],
    [{ quantity: 0 }, "quantity"],
    [{ compShareImageId: 1 }, "compShareImageId"]
  ])("a price with %j", ([wrong, field]) =>
    refused((client) => client.getCompShareInstancePrice(untyped({ ...specification, ...wrong })), field)
  )

  it.effect("upgrades of nothing, or to nothing", () =>
    Effect.gen(function* () {
      const here = { zone: "z", uHostId: "uhost-1" }
      yield* refused((client) => client.getCompShareInstanceUserPrice({ ...specification, cpu: 0 }), "cpu")
      yield* refused((client) => client.getCompShareInstanceUpgradePrice(here), "cpu")
      yield* refused((client) => client.getCompShareInstanceUpgradePrice({ ...here, gpu: 0 }), "gpu")
      yield* refused((client) => client.getCompShareInstanceUpgradePrice({ ...here, memory: 1 }), "memory")
      yield* refused(
        (client) => client.getCompShareInstanceUpgradePrice({ ...here, uHostId: "", gpu: 1 }),
        "uHostId"
      )
      const disk = { ...here, diskId: "udisk-1", diskSpace: 1 }
      yield* refused(
        (client) => client.getCompShareAttachedDiskUpgradePrice({ ...disk, diskId: " " }),
        "diskId"
      )
      yield* refused(
        (client) => client.getCompShareAttachedDiskUpgradePrice({ ...disk, diskSpace: 0 }),
        "diskSpace"
      )
      yield* refused(
        (client) => client.getCompShareAttachedDiskUpgradePrice({ ...disk, backupMode: "" }),
        "backupMode"
      )
    })
  )
})

describe("answers that are not as documented", () => {
  const here = { zone: "z", uHostId: "uhost-1" }
  it.effect.each<[string, (client: Service) => Effect.Effect<unknown, CloudQuotaError>, string]>([
    [
      "a zone without a region",
      (client) => client.describeCompShareSupportZone,
      `"ZoneInfo": [{"Zone": "z"}]`
    ],
    [
      "an instance without an id",
      (client) => client.describeCompShareInstance(),
      `"UHostSet": [{"Name": "x"}]`
    ],
    [
      "an instance with a time of another kind",
      (client) => client.describeCompShareInstance(),
      `"UHostSet": [{"UHostId": "x", "CreateTime": true}]`
    ],
    [
      "prices that are no numbers",
      (client) => client.getCompShareInstanceUserPrice(specification),
      `"PriceDetails": [{"Instance": "cheap"}]`
    ],
    [
      "an upgrade without a price",
      (client) => client.getCompShareInstanceUpgradePrice({ ...here, gpu: 2 }),
      `"OriginalPrice": 1`
    ],
    [
      "a disk's price in one part that is none",
      (client) => client.getCompShareAttachedDiskUpgradePrice({ ...here, diskId: "d", diskSpace: 1 }),
      `"Price": 1, "PriceDetail": 1`
    ]
  ])("%s", ([, use, body]) =>
    Effect.gen(function* () {
      const { client } = yield* scripted([text(`{"RetCode": 0, ${body}}`)])
      const error = yield* Effect.flip(use(client))
      expect(error).toMatchObject({ reason: { _tag: "MalformedResponse" }, money: "not-moved" })
    })
  )
})
