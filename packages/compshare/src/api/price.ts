/**
 * Prices of CompShare's instances and disks, and refunds. Amounts are exact yuan, possibly finer than a fen.
 * A quote charges nothing.
 */
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Schema from "effect/Schema"
import { Positive, Word, listOf, listing, operation } from "./operation.ts"

const place = {
  /** As `cn-wlcb-01`. */
  Zone: Word,
  /** Default: the client's own region. */
  Region: Schema.optionalKey(Word)
}

const Megabytes = Positive.pipe(
  Schema.check(
    Schema.makeFilter((size: number) => size % 1024 === 0 || "give MB, a multiple of 1024: 65536 for 64 GB")
  )
)

const specification = {
  ...place,
  /** As `4090`. */
  GpuType: Word,
  /** MB, a multiple of 1024. */
  Memory: Megabytes,
  /**
   * As `Month`, `Day`, `Dynamic`, `Postpay`, `Spot`. Default: all of them, according to the vendor's page.
   */
  ChargeType: Schema.optionalKey(Word)
}

/** A disk to quote. */
const Disk = Schema.Struct({
  IsBoot: Schema.Boolean.annotate({ message: "give true for the system disk, false for any other" }),
  /** As `CLOUD_SSD`. */
  Type: Word,
  /** GB. */
  Size: Positive
})

/** A shared storage to quote. */
const Volume = Schema.Struct({
  /** As `UDisk`. */
  Type: Word,
  /** GB. */
  Size: Positive
})

/** The parts of a price under one kind of charge. */
export const PriceDetail = Schema.Struct({
  ChargeType: Lenient.nullish(Lenient.Text),
  /** CPU, memory and GPU. */
  Instance: Lenient.nullish(Lenient.Yuan),
  Disks: Lenient.nullish(Lenient.Yuan),
  SystemDisks: Lenient.nullish(Lenient.Yuan),
  CompShareImage: Lenient.nullish(Lenient.Yuan),
  /** 1: night discount. 2: holiday discount. */
  InstanceDiscountType: Lenient.nullish(Lenient.Whole)
})
export interface PriceDetail extends Schema.Schema.Type<typeof PriceDetail> {}

const details = Lenient.nullish(Schema.Array(PriceDetail))

/** Named with an s on the vendor's page and in its command line, without one in UCloud's SDKs. */
const prices = Schema.Struct({
  PriceDetails: details,
  PriceDetail: details,
  /** Before discounts. */
  OriginalPriceDetails: details,
  OriginalPriceDetail: details,
  /** The catalogue price. */
  ListPriceDetails: details,
  ListPriceDetail: details
})

const upgrade = {
  /** Negative for a refund. */
  Price: Lenient.Yuan,
  /** Before discounts. */
  OriginalPrice: Lenient.nullish(Lenient.Yuan),
  /** The catalogue price. */
  ListPrice: Lenient.nullish(Lenient.Yuan)
}

const DiskPrice = Lenient.nullish(
  Schema.Struct({ UDisk: Lenient.nullish(Lenient.Yuan), Snapshot: Lenient.nullish(Lenient.Yuan) })
)

/** The refund for one instance. */
export const RefundPrice = Schema.Struct({
  UHostId: Lenient.Text,
  /** 0: refundable. */
  Code: Lenient.Whole,
  /** On the vendor's page. */
  Message: Lenient.nullish(Lenient.Text),
  /** In UCloud's SDKs. */
  ErrMessage: Lenient.nullish(Lenient.Text),
  RefundPrice: Lenient.nullish(Lenient.Yuan)
})
export interface RefundPrice extends Schema.Schema.Type<typeof RefundPrice> {}

export const priceOperations = {
  /** The price of a new instance. The vendor writes `Cpu` and `Gpu` here, and `CPU` and `GPU` elsewhere. */
  getCompShareInstancePrice: operation({
    name: "GetCompShareInstancePrice",
    safety: "read",
    request: Schema.Struct({
      ...specification,
      Cpu: Positive,
      Gpu: Positive,
      Disks: Schema.optionalKey(Schema.Array(Disk)),
      Volumes: Schema.optionalKey(Schema.Array(Volume)),
      /** For community images that have a price. */
      CompShareImageId: Schema.optionalKey(Word),
      /** Number of units of `ChargeType`. @default 1 */
      Quantity: Schema.optionalKey(Positive)
    }),
    answer: prices,
    doc: "The price of a new instance.",
    source: "GetCompShareInstancePrice"
  }),
  /** The price of a new instance for this account. */
  getCompShareInstanceUserPrice: operation({
    name: "GetCompShareInstanceUserPrice",
    safety: "read",
    request: Schema.Struct({ ...specification, CPU: Positive, GPU: Positive }),
    answer: prices,
    doc: "The price of a new instance for this account.",
    source: "GetCompShareInstanceUserPrice"
  }),
  /** The price of changing an instance. An absent field keeps its value. */
  getCompShareInstanceUpgradePrice: operation({
    name: "GetCompShareInstanceUpgradePrice",
    safety: "read",
    request: Schema.Struct({
      ...place,
      UHostId: Word,
      CPU: Schema.optionalKey(Positive),
      /** MB, a multiple of 1024. */
      Memory: Schema.optionalKey(Megabytes),
      GPU: Schema.optionalKey(Positive)
    }).pipe(
      Schema.check(
        Schema.makeFilter(
          ({ CPU, GPU, Memory }) =>
            CPU !== undefined ||
            GPU !== undefined ||
            Memory !== undefined || { path: ["CPU"], issue: "give at least one of CPU, Memory and GPU" }
        )
      )
    ),
    answer: Schema.Struct(upgrade),
    doc: "The price of changing an instance.",
    source: "GetCompShareInstanceUpgradePrice"
  }),
  /** The price of enlarging an attached disk. */
  getCompShareAttachedDiskUpgradePrice: operation({
    name: "GetCompShareAttachedDiskUpgradePrice",
    safety: "read",
    request: Schema.Struct({
      ...place,
      UHostId: Word,
      /** As `udisk-xxxx`. */
      DiskId: Word,
      /** GB. */
      DiskSpace: Positive,
      /** As `NONE`, `DATAARK`, `SNAPSHOT`. Default: the disk's own mode. */
      BackupMode: Schema.optionalKey(Word)
    }),
    answer: Schema.Struct({
      ...upgrade,
      PriceDetail: DiskPrice,
      OriginalPriceDetail: DiskPrice,
      ListPriceDetail: DiskPrice
    }),
    doc: "The price of enlarging an attached disk.",
    source: "GetCompShareAttachedDiskUpgradePrice"
  }),
  /** The refunds for deleting instances. */
  getCompShareRefundPrice: listing({
    name: "GetCompShareRefundPrice",
    safety: "read",
    request: Schema.Struct({ ...place, UHostIds: listOf(Word) }),
    answer: Schema.Struct({}),
    rows: { field: "RefundPriceSet", row: RefundPrice },
    doc: "The refunds for deleting instances.",
    source: "GetCompShareRefundPrice"
  })
}
