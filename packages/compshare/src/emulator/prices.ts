/**
 * Prices on the wire: of a new instance, and of an upgrade or a downgrade.
 *
 * Parameters and lists are named as on the vendor's page and in its command line; the documents of its
 * clients have `PriceDetail` for `PriceDetails`, and `Cpu` where these have `CPU`.
 */
import * as Result from "effect/Result"
import {
  type Action,
  type Actions,
  type Bounds,
  type Call,
  integer,
  noPermission,
  optionalBoolean,
  optionalInteger,
  records,
  required
} from "./call.ts"
import { bootDiskId, dataDiskId } from "./instances.ts"
import {
  type ChargeType,
  chargeTypes,
  type Configuration,
  dataDiskMonth,
  gpuTypes,
  inCharge,
  instanceMonth,
  isPrepaid,
  type Price,
  snapshotMonth,
  systemDiskMonth,
  toNumber
} from "./tariff.ts"
import { notAvailable, type Params, type Refusal } from "./wire.ts"
import type { KnownInstance } from "./world.ts"

/** Undocumented choices: the bounds of each. */
const gpus: Bounds = { least: 1n, most: 8n }
const cores: Bounds = { least: 1n, most: 256n }
const megabytes: Bounds = { least: 1024n, most: 2_097_152n }
const gigabytes: Bounds = { least: 1n, most: 100_000n }

/** The monthly price of a new instance, by part. */
interface Parts {
  readonly instance: Price
  readonly systemDisk: Price
  readonly dataDisks: Price | undefined
}

/** Undocumented choices: the default is one disk of 60 GB, and every image is free. */
const getInstancePrice: Action = ({ params }) =>
  Result.gen(function* () {
    const instance = yield* configuration(params, { gpu: "Gpu", cpu: "Cpu" })
    const { dataDisks, systemDisk } = yield* disks(params)
    const times = yield* optionalInteger(params, "Quantity", { least: 1n, most: 120n }, 1n)
    const asked = yield* chargeType(params)
    const parts = { instance: instanceMonth(instance), systemDisk, dataDisks }
    return priceLists(parts, asked ?? ["Month", "Day", "Dynamic", "Postpay", "Spot"], times)
  })

/** Undocumented choice: as in the vendor's example, the price of a system disk of 60 GB is included. */
const getInstanceUserPrice: Action = ({ params }) =>
  Result.gen(function* () {
    const instance = yield* configuration(params, { gpu: "GPU", cpu: "CPU" })
    const asked = yield* chargeType(params)
    const parts = { instance: instanceMonth(instance), systemDisk: systemDiskMonth(60), dataDisks: undefined }
    return priceLists(parts, asked ?? ["Month", "Day", "Postpay", "Spot"], 1n)
  })

const priceLists = (parts: Parts, asked: ReadonlyArray<ChargeType>, times: bigint) => {
  const details = (kind: "list" | "paid") =>
    asked.map((chargeType) => {
      const count = isPrepaid(chargeType) ? times : 1n
      const disk = (month: Price) => toNumber(inCharge(month, chargeType).list * count)
      return {
        ChargeType: chargeType,
        Instance: toNumber(inCharge(parts.instance, chargeType)[kind] * count),
        Disks: parts.dataDisks === undefined ? undefined : disk(parts.dataDisks),
        SystemDisks: disk(parts.systemDisk),
        InstanceDiscountType: kind === "paid" && chargeType === "Spot" ? 0 : undefined
      }
    })
  return {
    PriceDetails: details("paid"),
    OriginalPriceDetails: details("list"),
    ListPriceDetails: details("list")
  }
}

/**
 * The price difference to the present configuration, negative for a downgrade. Undocumented choices: it
 * covers a whole period of the instance's own kind of charge, however much has passed; absent fields keep
 * their value.
 */
const getUpgradePrice: Action = (call) =>
  Result.gen(function* () {
    const instance = yield* instanceOf(call)
    const { params } = call
    const target = {
      gpuType: instance.gpuType,
      cpu: Number(yield* optionalInteger(params, "CPU", cores, BigInt(instance.cpu))),
      gpu: Number(yield* optionalInteger(params, "GPU", gpus, BigInt(instance.gpu))),
      memoryMb: Number(yield* memory(optionalInteger(params, "Memory", megabytes, BigInt(instance.memoryMb))))
    }
    const now = inCharge(instanceMonth(instance), instance.chargeType)
    const then = inCharge(instanceMonth(target), instance.chargeType)
    return {
      Price: toNumber(then.paid - now.paid),
      OriginalPrice: toNumber(then.list - now.list),
      ListPrice: toNumber(then.list - now.list)
    }
  })

/**
 * Undocumented choices: a disk can only grow, is paid by the month, and has no backup unless one is
 * requested.
 */
const getDiskUpgradePrice: Action = (call) =>
  Result.gen(function* () {
    const instance = yield* instanceOf(call)
    const id = yield* required(call.params, "DiskId")
    const isBoot = id === bootDiskId(instance)
    if (!isBoot && id !== dataDiskId(instance)) return yield* notAvailable("DiskId")
    const from = isBoot ? instance.bootDiskGb : instance.dataDiskGb
    const to = Number(yield* integer(call.params, "DiskSpace", gigabytes))
    if (to <= from) return yield* notAvailable("DiskSpace")
    const backup = call.params.get("BackupMode") ?? "NONE"
    if (!["NONE", "DATAARK", "SNAPSHOT"].includes(backup)) return yield* notAvailable("BackupMode")
    const disk = (isBoot ? systemDiskMonth : dataDiskMonth)(to - from)
    const snapshot = backup === "NONE" ? 0n : snapshotMonth(to)
    const detail = { UDisk: toNumber(disk), Snapshot: toNumber(snapshot) }
    const price = toNumber(disk + snapshot)
    return {
      Price: price,
      OriginalPrice: price,
      ListPrice: price,
      PriceDetail: detail,
      OriginalPriceDetail: detail,
      ListPriceDetail: detail
    }
  })

/** The instance of a request. Undocumented choice: an unknown one is treated as another account's. */
const instanceOf = ({ params, world }: Call): Result.Result<KnownInstance, Refusal> =>
  Result.gen(function* () {
    const place = yield* requiredPlace(params)
    const id = yield* required(params, "UHostId")
    const instance = world.instances.find(
      (one) => one.uHostId === id && one.region === place.region && one.zone === place.zone
    )
    return instance === undefined ? yield* noPermission : instance
  })

const requiredPlace = (params: Params) =>
  Result.gen(function* () {
    return { region: yield* required(params, "Region"), zone: yield* required(params, "Zone") }
  })

const configuration = (
  params: Params,
  names: { readonly gpu: string; readonly cpu: string }
): Result.Result<Configuration, Refusal> =>
  Result.gen(function* () {
    yield* requiredPlace(params)
    const gpuType = yield* required(params, "GpuType")
    if (!gpuTypes.includes(gpuType)) return yield* notAvailable("GpuType")
    return {
      gpuType,
      gpu: Number(yield* integer(params, names.gpu, gpus)),
      cpu: Number(yield* integer(params, names.cpu, cores)),
      memoryMb: Number(yield* memory(integer(params, "Memory", megabytes)))
    }
  })

/** Memory comes in whole gigabytes. */
const memory = (megabytes: Result.Result<bigint, Refusal>): Result.Result<bigint, Refusal> =>
  Result.flatMap(megabytes, (mb) => (mb % 1024n === 0n ? Result.succeed(mb) : notAvailable("Memory")))

const chargeType = (params: Params): Result.Result<ReadonlyArray<ChargeType> | undefined, Refusal> => {
  const text = params.get("ChargeType")
  if (text === undefined) return Result.succeed(undefined)
  const known = chargeTypes.find((one) => one === text)
  return known === undefined ? notAvailable("ChargeType") : Result.succeed([known])
}

/** Exactly one of the requested disks must be the system disk. Volumes cost as much as data disks. */
const disks = (params: Params) =>
  Result.gen(function* () {
    const system: Array<number> = []
    const data: Array<number> = []
    for (const disk of yield* records(params, "Disks")) {
      yield* required(disk, "Type")
      const isBoot = yield* optionalBoolean(disk, "IsBoot")
      ;(isBoot ? system : data).push(Number(yield* integer(disk, "Size", gigabytes)))
    }
    if (system.length > 1 || (system.length === 0 && data.length > 0)) return yield* notAvailable("Disks")
    for (const volume of yield* records(params, "Volumes")) {
      yield* required(volume, "Type")
      data.push(Number(yield* integer(volume, "Size", gigabytes)))
    }
    const total = (sizes: ReadonlyArray<number>) => sizes.reduce((sum, size) => sum + size, 0)
    return {
      systemDisk: systemDiskMonth(system[0] ?? 60),
      dataDisks: data.length === 0 ? undefined : dataDiskMonth(total(data))
    }
  })

export const priceActions: Actions = [
  ["GetCompShareInstancePrice", getInstancePrice],
  ["GetCompShareInstanceUserPrice", getInstanceUserPrice],
  ["GetCompShareInstanceUpgradePrice", getUpgradePrice],
  ["GetCompShareAttachedDiskUpgradePrice", getDiskUpgradePrice]
]
