/**
 * The tariff. It is invented, but matches the prices of the vendor's examples: a 4090 with 16 cores and 64 GB
 * for 1068.00 yuan a month, 71.20 a day, 1.66 an hour.
 */
import type { ExactNumber } from "./wire.ts"

/** A price in units of 0.00001 yuan: the vendor writes prices with up to five decimals. */
export type Price = bigint

const yuan = (whole: number): Price => BigInt(Math.round(whole * 100_000))

const gpuMonth: ReadonlyMap<string, Price> = new Map([
  ["3090", yuan(500)],
  ["4090", yuan(800)],
  ["A100", yuan(2400)],
  ["H20", yuan(2000)]
])

/** All known GPU types. */
export const gpuTypes: ReadonlyArray<string> = [...gpuMonth.keys()]

/** The parts of an instance's configuration that have a price. */
export interface Configuration {
  readonly gpuType: string
  readonly gpu: number
  readonly cpu: number
  readonly memoryMb: number
}

/** The monthly price of an instance, without its disks. An unknown GPU costs as much as a 4090. */
export const instanceMonth = ({ cpu, gpu, gpuType, memoryMb }: Configuration): Price =>
  (gpuMonth.get(gpuType) ?? yuan(800)) * BigInt(gpu) +
  yuan(8) * BigInt(cpu) +
  (yuan(2.1875) * BigInt(memoryMb)) / 1024n

/** The monthly price of a system disk. */
export const systemDiskMonth = (gb: number): Price => yuan(2) * BigInt(gb)

/** The monthly prices of a data disk, and of its snapshots. */
export const dataDiskMonth = (gb: number): Price => (yuan(1) * BigInt(gb)) / 2n
export const snapshotMonth = (gb: number): Price => (yuan(1) * BigInt(gb)) / 10n

/** The kinds of charge. `Year` is not on the vendor's page, but in the documents of its clients. */
export const chargeTypes = ["Year", "Month", "Day", "Dynamic", "Postpay", "Spot"] as const

export type ChargeType = (typeof chargeTypes)[number]

/** Whether the kind of charge is paid in advance, for several periods at once. */
export const isPrepaid = (chargeType: ChargeType): boolean =>
  chargeType !== "Postpay" && chargeType !== "Spot"

/**
 * Converts a monthly price to another kind of charge: the list price, and the price with an instance's
 * discount. Postpaid hours are truncated to whole fen; the others are not, so that finer prices occur too. An
 * unknown kind is charged by the hour.
 */
export const inCharge = (
  month: Price,
  chargeType: string
): { readonly list: Price; readonly paid: Price } => {
  const hour = month / 640n
  switch (chargeType) {
    case "Year":
      return { list: month * 10n, paid: month * 10n }
    case "Month":
      return { list: month, paid: month }
    case "Day":
      return { list: month / 15n, paid: month / 15n }
    case "Postpay":
      return { list: toFen(hour), paid: toFen((hour * 89n) / 100n) }
    case "Spot":
      return { list: toFen(hour), paid: toFen((hour * 5n) / 8n) }
    default:
      return { list: hour, paid: hour }
  }
}

const toFen = (price: Price): Price => (price / 1000n) * 1000n

/** A price as the vendor writes it: a JSON number of yuan, with two to five decimals. */
export const toNumber = (price: Price): ExactNumber => {
  const digits = (price < 0n ? -price : price).toString().padStart(6, "0")
  const fraction = digits.slice(-5).replace(/0{1,3}$/, "")
  return { _tag: "ExactNumber", text: `${price < 0n ? "-" : ""}${digits.slice(0, -5)}.${fraction}` }
}
