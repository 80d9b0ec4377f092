/** GPU instances on the wire: their properties, and the refunds for deleting them. */
import * as Result from "effect/Result"
import { type Action, type Actions, list, page, required } from "./call.ts"
import { instanceCodes } from "./codes.ts"
import { instanceMonth, inCharge, toNumber } from "./tariff.ts"
import { missing } from "./wire.ts"
import type { KnownInstance } from "./world.ts"

/**
 * The instances of all regions, or of one. Undocumented choices: an unknown id finds nothing, and the oldest
 * known instance comes first.
 */
const describeInstances: Action = ({ params, world }) =>
  Result.gen(function* () {
    const ids = yield* list(params, "UHostIds")
    const { cut } = yield* page(params, 20n)
    const region = params.get("Region")
    const zone = params.get("Zone")
    const found = world.instances.filter(
      (one) =>
        (region === undefined || one.region === region) &&
        (zone === undefined || one.zone === zone) &&
        (ids.length === 0 || ids.includes(one.uHostId))
    )
    return { TotalCount: found.length, UHostSet: cut(found).map(toRow) }
  })

/** `Region` is not on the vendor's page, but its command line reads it. */
const toRow = (instance: KnownInstance) => ({
  UHostId: instance.uHostId,
  Name: instance.name,
  Region: instance.region,
  Zone: instance.zone,
  State: instance.state,
  ChargeType: instance.chargeType,
  MachineType: "G",
  CpuPlatform: "Amd/Auto",
  InstanceType: "UHost",
  CompShareImageId: "compshareImage-000000000001",
  CompShareImageName: "PyTorch",
  CompShareImageType: "System",
  OsName: "Ubuntu 22.04",
  OsType: "Linux",
  CPU: instance.cpu,
  Memory: instance.memoryMb,
  GPU: instance.gpu,
  GpuType: instance.gpuType,
  TotalDiskSpace: instance.dataDiskGb,
  DiskSet: [
    {
      DiskId: bootDiskId(instance),
      DiskType: "CLOUD_SSD",
      Type: "Boot",
      IsBoot: "True",
      Drive: "/dev/vda",
      Size: instance.bootDiskGb
    },
    {
      DiskId: dataDiskId(instance),
      DiskType: "CLOUD_SSD",
      Type: "Udisk",
      IsBoot: "False",
      Drive: "/dev/vdb",
      Size: instance.dataDiskGb
    }
  ],
  IPSet: [{ IPMode: "IPv4", Type: "Bgp", IP: "203.0.113.10", Bandwidth: 100, Default: "true" }],
  Password: Buffer.from(`password of ${instance.uHostId}`).toString("base64"),
  SshLoginCommand: "ssh -p 22 ubuntu@203.0.113.10",
  InstancePrice: toNumber(inCharge(instanceMonth(instance), instance.chargeType).list),
  AutoRenew: "No",
  IsExpire: instance.code === instanceCodes.expired ? "Yes" : "No",
  CreateTime: instance.createTime,
  ExpireTime: instance.expireTime
})

export const bootDiskId = ({ uHostId }: KnownInstance): string => uHostId.replace("uhost-", "bsm-")

export const dataDiskId = ({ uHostId }: KnownInstance): string => uHostId.replace("uhost-", "udisk-")

const getRefundPrice: Action = ({ params, world }) =>
  Result.gen(function* () {
    const region = yield* required(params, "Region")
    const zone = yield* required(params, "Zone")
    const ids = yield* list(params, "UHostIds")
    if (ids.length === 0) return yield* missing("UHostIds")
    return {
      RefundPriceSet: ids.map((id) => {
        const instance = world.instances.find(
          (one) => one.uHostId === id && one.region === region && one.zone === zone
        )
        // Undocumented choice: an instance outside this zone is an error of its own row.
        if (instance === undefined)
          return { UHostId: id, Code: instanceCodes.notAvailable, Message: "Params [UHostId] not available" }
        const { code, message, refundPriceYuan } = instance
        return {
          UHostId: id,
          Code: code,
          Message: message,
          RefundPrice:
            refundPriceYuan === undefined
              ? undefined
              : { _tag: "ExactNumber" as const, text: refundPriceYuan }
        }
      })
    }
  })

export const instanceActions: Actions = [
  ["DescribeCompShareInstance", describeInstances],
  ["GetCompShareRefundPrice", getRefundPrice]
]
