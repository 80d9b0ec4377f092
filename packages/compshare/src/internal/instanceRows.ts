/**
 * The rows of CompShare's answers about instances and prices. Every row keeps what came besides, as
 * `details`.
 */
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { Instance, InstancePage, SupportZone, SupportZones } from "../Instance.ts"
import type {
  AttachedDiskUpgradePrice,
  DiskPriceDetail,
  InstancePriceDetail,
  InstancePrices,
  InstanceUpgradePrice,
  RefundPrice,
  RefundPrices
} from "../InstancePrice.ts"
import * as Decode from "./decode.ts"
import { defined, optional, required } from "./decode.ts"

const supportZone = (row: Decode.Fields): Result.Result<SupportZone, string> =>
  Result.gen(function* () {
    return {
      region: yield* required(row, "Region", Decode.text),
      zone: yield* required(row, "Zone", Decode.text),
      details: row,
      ...defined({ describe: yield* optional(row, "Describe", Decode.text) })
    }
  })

export const supportZones = (fields: Decode.Fields): Result.Result<Omit<SupportZones, "requestId">, string> =>
  Result.map(Decode.list(fields, "ZoneInfo", supportZone), (zones) => ({ zones }))

/** What opens an instance to whoever reads it. */
const secrets = ["Password", "SshLoginCommand", "Softwares"]

const withoutSecrets = (row: Decode.Fields): Decode.Fields =>
  Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      secrets.includes(key) && value !== null ? Redacted.make(value) : value
    ])
  )

const instance = (row: Decode.Fields): Result.Result<Instance, string> =>
  Result.gen(function* () {
    const password = yield* optional(row, "Password", Decode.text)
    return {
      uHostId: yield* required(row, "UHostId", Decode.text),
      details: withoutSecrets(row),
      ...defined({
        name: yield* optional(row, "Name", Decode.text),
        region: yield* optional(row, "Region", Decode.text),
        zone: yield* optional(row, "Zone", Decode.text),
        // The vendor's page: empty where it could not find out.
        state: (yield* optional(row, "State", Decode.text)) || undefined,
        chargeType: yield* optional(row, "ChargeType", Decode.text),
        gpuType: yield* optional(row, "GpuType", Decode.text),
        gpu: yield* optional(row, "GPU", Decode.integer),
        cpu: yield* optional(row, "CPU", Decode.integer),
        memory: yield* optional(row, "Memory", Decode.integer),
        instanceType: yield* optional(row, "InstanceType", Decode.text),
        autoRenew: yield* optional(row, "AutoRenew", yesOrNo),
        isExpire: yield* optional(row, "IsExpire", yesOrNo),
        createTime: yield* optional(row, "CreateTime", seconds),
        expireTime: yield* optional(row, "ExpireTime", seconds),
        password: password === undefined ? undefined : Redacted.make(password)
      })
    }
  })

/** `Yes` or `No`. Any other word says neither, and stays in the details. */
const yesOrNo: Decode.Decoder<boolean | undefined> = (wire) =>
  Result.orElse(Decode.boolean(wire), (problem) =>
    typeof wire === "string" ? Result.succeed(undefined) : Result.fail(problem)
  )

/**
 * A number in the vendor's SDKs, a text in an undocumented form on its page: what does not read as
 * seconds stays in the details. Zero is no moment that anything was made or ends.
 */
const seconds: Decode.Decoder<number | undefined> = (wire) =>
  Result.map(
    Result.orElse(Decode.unixSeconds(wire), (problem) =>
      typeof wire === "string" ? Result.succeed(0) : Result.fail(problem)
    ),
    (time) => (time === 0 ? undefined : time)
  )

export const instancePage = (fields: Decode.Fields): Result.Result<Omit<InstancePage, "requestId">, string> =>
  Result.gen(function* () {
    const instances = yield* Decode.list(fields, "UHostSet", instance)
    return { instances, ...defined({ total: yield* optional(fields, "TotalCount", Decode.integer) }) }
  })

const priceDetail = (row: Decode.Fields): Result.Result<InstancePriceDetail, string> =>
  Result.gen(function* () {
    return {
      details: row,
      ...defined({
        chargeType: yield* optional(row, "ChargeType", Decode.text),
        instance: yield* optional(row, "Instance", Decode.yuan),
        disks: yield* optional(row, "Disks", Decode.yuan),
        systemDisks: yield* optional(row, "SystemDisks", Decode.yuan),
        compShareImage: yield* optional(row, "CompShareImage", Decode.yuan),
        instanceDiscountType: yield* optional(row, "InstanceDiscountType", Decode.integer)
      })
    }
  })

export const instancePrices = (
  fields: Decode.Fields
): Result.Result<Omit<InstancePrices, "requestId">, string> =>
  Result.gen(function* () {
    // With an s on the vendor's page and in its command line, without one in its SDKs.
    const list = (key: string) =>
      Decode.list(fields, fields[`${key}s`] === undefined ? key : `${key}s`, priceDetail)
    return {
      prices: yield* list("PriceDetail"),
      originalPrices: yield* list("OriginalPriceDetail"),
      listPrices: yield* list("ListPriceDetail")
    }
  })

export const instanceUpgradePrice = (
  fields: Decode.Fields
): Result.Result<Omit<InstanceUpgradePrice, "requestId">, string> =>
  Result.gen(function* () {
    return {
      price: yield* required(fields, "Price", Decode.yuan),
      details: fields,
      ...defined({
        originalPrice: yield* optional(fields, "OriginalPrice", Decode.yuan),
        listPrice: yield* optional(fields, "ListPrice", Decode.yuan)
      })
    }
  })

const diskPriceDetail: Decode.Decoder<DiskPriceDetail> = (wire) =>
  Result.gen(function* () {
    const row = yield* Decode.fields(wire)
    return defined({
      uDisk: yield* optional(row, "UDisk", Decode.yuan),
      snapshot: yield* optional(row, "Snapshot", Decode.yuan)
    })
  })

export const attachedDiskUpgradePrice = (
  fields: Decode.Fields
): Result.Result<Omit<AttachedDiskUpgradePrice, "requestId">, string> =>
  Result.gen(function* () {
    return {
      ...(yield* instanceUpgradePrice(fields)),
      ...defined({
        priceDetail: yield* optional(fields, "PriceDetail", diskPriceDetail),
        originalPriceDetail: yield* optional(fields, "OriginalPriceDetail", diskPriceDetail),
        listPriceDetail: yield* optional(fields, "ListPriceDetail", diskPriceDetail)
      })
    }
  })

const refundPrice = (row: Decode.Fields): Result.Result<RefundPrice, string> =>
  Result.gen(function* () {
    return {
      uHostId: yield* required(row, "UHostId", Decode.text),
      code: yield* required(row, "Code", Decode.integer),
      details: row,
      ...defined({
        message:
          (yield* optional(row, "Message", Decode.text)) ||
          (yield* optional(row, "ErrMessage", Decode.text)) ||
          undefined,
        refundPrice: yield* optional(row, "RefundPrice", Decode.yuan)
      })
    }
  })

export const refundPrices = (fields: Decode.Fields): Result.Result<Omit<RefundPrices, "requestId">, string> =>
  Result.map(Decode.list(fields, "RefundPriceSet", refundPrice), (prices) => ({ refundPrices: prices }))
