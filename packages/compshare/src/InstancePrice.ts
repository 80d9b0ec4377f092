/**
 * What CompShare's instances and disks cost, and what would come back for them. Prices are exact
 * yuan, which may be finer than a fen; a quote charges nothing.
 */
import type * as Quantity from "@cloud-quota/core/Quantity"

/** Where something is quoted. */
interface Place {
  /** The client's own region if absent. */
  readonly region?: string
  readonly zone: string
}

/** A specification to be quoted. */
export interface InstanceUserPriceQuery extends Place {
  /** As `4090`. */
  readonly gpuType: string
  readonly gpu: number
  readonly cpu: number
  /** MB, a multiple of 1024. */
  readonly memory: number
  /** As `Month`, `Day`, `Dynamic`, `Postpay`, `Spot`. All of them if absent, says the vendor's page. */
  readonly chargeType?: string
}

/** A disk to be quoted. */
export interface InstancePriceDisk {
  readonly isBoot: boolean
  /** As `CLOUD_SSD`. */
  readonly type: string
  /** GB. */
  readonly size: number
}

/** A shared storage to be quoted. */
export interface InstancePriceVolume {
  /** As `UDisk`. */
  readonly type: string
  /** GB. */
  readonly size: number
}

/** A specification to be quoted, with what else would be ordered. */
export interface InstancePriceQuery extends InstanceUserPriceQuery {
  readonly disks?: ReadonlyArray<InstancePriceDisk>
  readonly volumes?: ReadonlyArray<InstancePriceVolume>
  /** For community images that cost something. */
  readonly compShareImageId?: string
  /** For how many units of `chargeType`. 1 if absent. */
  readonly quantity?: number
}

/** The parts of a price under one way of charging. */
export interface InstancePriceDetail {
  readonly chargeType?: string
  /** CPU, memory and GPU. */
  readonly instance?: Quantity.Quantity
  readonly disks?: Quantity.Quantity
  readonly systemDisks?: Quantity.Quantity
  readonly compShareImage?: Quantity.Quantity
  /** 1: at night. 2: on a holiday. */
  readonly instanceDiscountType?: number
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** A quote, under each way of charging. */
export interface InstancePrices {
  readonly requestId?: string
  /** What it would cost. */
  readonly prices: ReadonlyArray<InstancePriceDetail>
  /** Before discounts. */
  readonly originalPrices: ReadonlyArray<InstancePriceDetail>
  /** By the catalogue. */
  readonly listPrices: ReadonlyArray<InstancePriceDetail>
}

/** What an instance is to become. What is absent stays; at least one of them has to be there. */
export interface InstanceUpgradePriceQuery extends Place {
  readonly uHostId: string
  readonly cpu?: number
  /** MB, a multiple of 1024. */
  readonly memory?: number
  readonly gpu?: number
}

/** What the change of an instance would cost; negative: would give back. */
export interface InstanceUpgradePrice {
  readonly requestId?: string
  readonly price: Quantity.Quantity
  /** Before discounts. */
  readonly originalPrice?: Quantity.Quantity
  /** By the catalogue. */
  readonly listPrice?: Quantity.Quantity
  /** The whole answer, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** What an attached disk is to become. */
export interface AttachedDiskUpgradePriceQuery extends Place {
  readonly uHostId: string
  /** As `udisk-xxxx`. */
  readonly diskId: string
  /** GB. */
  readonly diskSpace: number
  /** As `NONE`, `DATAARK`, `SNAPSHOT`. What the disk has, if absent. */
  readonly backupMode?: string
}

/** The parts of a disk's price. */
export interface DiskPriceDetail {
  readonly uDisk?: Quantity.Quantity
  readonly snapshot?: Quantity.Quantity
}

/** What a larger disk would cost. */
export interface AttachedDiskUpgradePrice extends InstanceUpgradePrice {
  readonly priceDetail?: DiskPriceDetail
  readonly originalPriceDetail?: DiskPriceDetail
  readonly listPriceDetail?: DiskPriceDetail
}

/** Instances in one zone. */
export interface RefundPriceQuery extends Place {
  readonly uHostIds: ReadonlyArray<string>
}

/** What deleting one instance would give back. */
export interface RefundPrice {
  readonly uHostId: string
  /** 0: refundable. */
  readonly code: number
  readonly message?: string
  /** Yuan, exact, which may be finer than a fen. */
  readonly refundPrice?: Quantity.Quantity
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** The quotes of one call. */
export interface RefundPrices {
  readonly requestId?: string
  readonly refundPrices: ReadonlyArray<RefundPrice>
}
