/**
 * The parameters of the operations on instances and their prices, checked before anything is sent.
 */
import * as Result from "effect/Result"
import type { InstanceQuery } from "../Instance.ts"
import type {
  AttachedDiskUpgradePriceQuery,
  InstancePriceQuery,
  InstanceUpgradePriceQuery,
  InstanceUserPriceQuery,
  RefundPriceQuery
} from "../InstancePrice.ts"
import type * as Signature from "../Signature.ts"
import { type Checked, checkNames, checks, ifGiven } from "./params.ts"

type Checks = ReturnType<typeof checks>

const aRegion = "a region, as cn-wlcb, or leave it out"
const aZone = "the zone of the instances, as cn-wlcb-01"
const anInstance = "the id of an instance, as uhost-xxxx"

export const instances = (query: InstanceQuery & { readonly offset?: number } = {}): Checked =>
  Result.gen(function* () {
    const check = checks("DescribeCompShareInstance")
    const { limit, offset, region, uHostIds, zone } = query
    if (zone !== undefined && region === undefined) {
      return yield* check.fail("zone", "give its region, too, or leave both out")
    }
    return {
      // Also where it is absent: the client's own region would hide the instances of the others.
      Region: yield* ifGiven(region, (value) => check.text("region", value, aRegion)),
      Zone: yield* ifGiven(zone, (value) => check.text("zone", value, aZone)),
      UHostIds: yield* ifGiven(uHostIds, (value) => check.texts("uHostIds", value)),
      ...(yield* check.page(limit, offset))
    }
  })

const place = (
  check: Checks,
  { region, zone }: { readonly region?: string; readonly zone: string }
): Checked =>
  Result.gen(function* () {
    const Zone = yield* check.text("zone", zone, aZone)
    // An absent region is left to the client's own.
    return region === undefined ? { Zone } : { Zone, Region: yield* check.text("region", region, aRegion) }
  })

export const refundPrice = (query: RefundPriceQuery): Checked =>
  Result.gen(function* () {
    const check = checks("GetCompShareRefundPrice")
    return {
      ...(yield* place(check, query)),
      UHostIds: yield* check.texts("uHostIds", query.uHostIds)
    }
  })

const specification = (check: Checks, query: InstanceUserPriceQuery) =>
  Result.gen(function* () {
    return {
      at: yield* place(check, query),
      GpuType: yield* check.text("gpuType", query.gpuType, "a type of GPU, as 4090"),
      gpu: yield* check.whole("gpu", query.gpu, "how many GPUs, 1 or more"),
      cpu: yield* check.whole("cpu", query.cpu, "how many CPU cores, 1 or more"),
      Memory: yield* check.megabytes("memory", query.memory),
      ChargeType: yield* ifGiven(query.chargeType, (value) =>
        check.text("chargeType", value, "a way of charging, as Month, or leave it out")
      )
    }
  })

/** The vendor's page and its command line write `Cpu` and `Gpu` here, and `CPU` and `GPU` below. */
export const instancePrice = (query: InstancePriceQuery): Checked =>
  Result.gen(function* () {
    const check = checks("GetCompShareInstancePrice")
    const { at, cpu, gpu, ...rest } = yield* specification(check, query)
    const disk = (field: string, item: { readonly size: unknown; readonly type: unknown }) =>
      Result.gen(function* () {
        yield* checkNames("GetCompShareInstancePrice", item, { isBoot: true, size: true, type: true }, field)
        const { size, type } = item
        return {
          Type: yield* check.text(`${field}.type`, type, "its type, as CLOUD_SSD"),
          Size: yield* check.whole(`${field}.size`, size, "its size in GB, 1 or more")
        }
      })
    return {
      ...at,
      ...rest,
      Cpu: cpu,
      Gpu: gpu,
      Disks: yield* each(check, "disks", query.disks, (field, item) =>
        Result.gen(function* () {
          const sized = yield* disk(field, item)
          return typeof item.isBoot === "boolean"
            ? { IsBoot: item.isBoot, ...sized }
            : yield* check.fail(`${field}.isBoot`, "give true for the system disk, false for any other")
        })
      ),
      Volumes: yield* each(check, "volumes", query.volumes, disk),
      CompShareImageId: yield* ifGiven(query.compShareImageId, (value) =>
        check.text("compShareImageId", value, "the id of an image, or leave it out")
      ),
      Quantity: yield* ifGiven(query.quantity, (value) =>
        check.whole("quantity", value, "for how many units of chargeType, 1 or more")
      )
    }
  })

const each = <A extends object>(
  check: Checks,
  field: string,
  items: ReadonlyArray<A> | undefined,
  checkItem: (field: string, item: A) => Checked
): Checked<ReadonlyArray<Signature.Params> | undefined> => {
  if (items === undefined) return Result.succeed(undefined)
  if (!Array.isArray(items)) return check.fail(field, "give a list, or leave it out")
  return Result.all(
    items.map((item: A, index) =>
      typeof item === "object" && item !== null
        ? checkItem(`${field}.${index}`, item)
        : check.fail(`${field}.${index}`, "give an object with its type and its size")
    )
  )
}

export const instanceUserPrice = (query: InstanceUserPriceQuery): Checked =>
  Result.map(specification(checks("GetCompShareInstanceUserPrice"), query), ({ at, cpu, gpu, ...rest }) => ({
    ...at,
    ...rest,
    CPU: cpu,
    GPU: gpu
  }))

export const instanceUpgradePrice = (query: InstanceUpgradePriceQuery): Checked =>
  Result.gen(function* () {
    const check = checks("GetCompShareInstanceUpgradePrice")
    const { cpu, gpu, memory } = query
    if (cpu === undefined && gpu === undefined && memory === undefined) {
      return yield* check.fail("cpu", "give at least one of cpu, memory and gpu")
    }
    return {
      ...(yield* place(check, query)),
      UHostId: yield* check.text("uHostId", query.uHostId, anInstance),
      CPU: yield* ifGiven(cpu, (value) => check.whole("cpu", value, "how many CPU cores, 1 or more")),
      Memory: yield* ifGiven(memory, (value) => check.megabytes("memory", value)),
      GPU: yield* ifGiven(gpu, (value) => check.whole("gpu", value, "how many GPUs, 1 or more"))
    }
  })

export const attachedDiskUpgradePrice = (query: AttachedDiskUpgradePriceQuery): Checked =>
  Result.gen(function* () {
    const check = checks("GetCompShareAttachedDiskUpgradePrice")
    return {
      ...(yield* place(check, query)),
      UHostId: yield* check.text("uHostId", query.uHostId, anInstance),
      DiskId: yield* check.text("diskId", query.diskId, "the id of a disk, as udisk-xxxx"),
      DiskSpace: yield* check.whole("diskSpace", query.diskSpace, "the new size in GB, 1 or more"),
      BackupMode: yield* ifGiven(query.backupMode, (value) =>
        check.text("backupMode", value, "a way of backing up, as NONE, or leave it out")
      )
    }
  })
