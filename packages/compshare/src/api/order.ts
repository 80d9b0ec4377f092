/**
 * Orders of the members of a CompShare team: paid and unpaid ones, their sums, and the bill.
 *
 * Amounts are exact yuan, negative for a refund.
 */
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import {
  Done,
  Id,
  IdOrZero,
  Seconds,
  Word,
  listOf,
  listing,
  oneOf,
  operation,
  page,
  pageFields,
  teamField,
  teamGiven,
  timeFields,
  timesInOrder,
  totalFields
} from "./operation.ts"

const orderFields = {
  OrderNo: Lenient.Text,
  /** Seconds since 1970. */
  CreateTime: Lenient.UnixSeconds,
  /** As `OT_BUY`, `OT_REFUND`. */
  OrderType: Lenient.nullish(Lenient.Text),
  /** As `OS_FINISHED`. */
  OrderState: Lenient.nullish(Lenient.Text),
  /** As `Month`, `Dynamic`. */
  ChargeType: Lenient.nullish(Lenient.Text),
  ResourceId: Lenient.nullish(Lenient.Text)
}

/** One order. */
export const Order = Schema.Struct({
  ...orderFields,
  Amount: Lenient.Yuan,
  /** The amount actually paid. */
  AmountReal: Lenient.nullish(Lenient.Yuan)
})
export interface Order extends Schema.Schema.Type<typeof Order> {}

/**
 * Yuan as text with a decimal point (the vendor's page). UCloud's SDKs have a whole number here and do not
 * document its unit. Such a number stays text, because a guess could be wrong by a factor of 100.
 */
const UnpaidAmount = Schema.Union([
  Schema.String.pipe(
    Schema.check(Schema.isPattern(/\./)),
    Schema.decodeTo(Lenient.Yuan, {
      decode: SchemaGetter.transform((text: string) => text),
      encode: SchemaGetter.transform(String)
    })
  ),
  Lenient.Text.pipe(
    Schema.check(
      Schema.makeFilter(
        (text: string) => !text.includes(".") || "expected an amount that can be read exactly"
      )
    )
  )
])

/** An order that is not paid yet. */
export const UnpaidOrder = Schema.Struct({ ...orderFields, Amount: Lenient.nullish(UnpaidAmount) })
export interface UnpaidOrder extends Schema.Schema.Type<typeof UnpaidOrder> {}

const ofMember = { ...teamField, VirtualCompanyId: Id, ...timeFields }

/** The words of the vendor's page, with those that its own client sends instead. */
const sent: ReadonlyMap<string, string> = new Map([
  ["CreateTime", "create_time"],
  ["Asc", "ASC"],
  ["Desc", "DESC"]
])

/** Exactly one of these words. Those of the vendor's page are sent as its own client sends them. */
const sortWord = <const Words extends ReadonlyArray<string>>(words: Words) =>
  Schema.String.pipe(
    Schema.decodeTo(oneOf(words), {
      decode: SchemaGetter.passthrough({ strict: false }),
      encode: SchemaGetter.transform((word: Words[number]) => sent.get(word) ?? word)
    })
  )

const words = Schema.optionalKey(listOf(Word))
const numbers = Schema.optionalKey(listOf(Lenient.Count))

const orderRequest = Schema.Struct({
  ...ofMember,
  ...pageFields,
  OrderBy: Schema.optionalKey(sortWord(["create_time", "order_start_time", "order_end_time", "CreateTime"])),
  OrderDir: Schema.optionalKey(sortWord(["ASC", "DESC", "Asc", "Desc"])),
  ChargeTypes: words,
  OrderStates: words,
  OrderTypes: words,
  OrderNos: words,
  ResourceIds: words,
  ResourceTypes: numbers,
  Regions: numbers
}).pipe(Schema.check(teamGiven, timesInOrder))

/** Here every filter is one text: how to write several values is undocumented. */
const oneWord = Schema.optionalKey(Word.annotate({ message: "give one text: no list is taken here" }))

export const orderOperations = {
  /** One page of a member's orders. */
  describeTeamMemberOrder: listing({
    name: "DescribeTeamMemberOrder",
    safety: "read",
    ownTeam: true,
    times: true,
    request: orderRequest,
    answer: Schema.Struct(totalFields),
    rows: { field: "OrderInfos", row: Order },
    page: page("OrderInfos", ({ OrderNo }: Order) => OrderNo),
    doc: "One page of a member's orders.",
    source: "DescribeTeamMemberOrder"
  }),
  /** The sums of a member's orders. */
  describeTeamMemberOrderCount: operation({
    name: "DescribeTeamMemberOrderCount",
    safety: "read",
    ownTeam: true,
    times: true,
    request: Schema.Struct({
      ...ofMember,
      ChargeTypes: oneWord,
      OrderStates: oneWord,
      OrderTypes: oneWord,
      ResourceTypes: oneWord,
      Regions: oneWord
    }).pipe(Schema.check(teamGiven, timesInOrder)),
    answer: Schema.Struct({
      TotalCount: Lenient.Whole,
      Amount: Lenient.Yuan,
      /** The amount actually paid. */
      AmountReal: Lenient.nullish(Lenient.Yuan),
      /** The amount paid from gifts. */
      AmountFree: Lenient.nullish(Lenient.Yuan),
      /** The amount paid by coupon. */
      AmountCoupon: Lenient.nullish(Lenient.Yuan)
    }),
    doc: "The sums of a member's orders.",
    source: "DescribeTeamMemberOrderCount"
  }),
  /** One page of a member's unpaid orders. The vendor's page has no total here, UCloud's SDKs have one. */
  describeTeamMemberUnpaidOrder: listing({
    name: "DescribeTeamMemberUnpaidOrder",
    safety: "read",
    ownTeam: true,
    times: true,
    request: orderRequest,
    answer: Schema.Struct(totalFields),
    rows: { field: "OrderInfos", row: UnpaidOrder },
    page: page("OrderInfos", ({ OrderNo }: UnpaidOrder) => OrderNo),
    doc: "One page of a member's unpaid orders.",
    source: "DescribeTeamMemberUnpaidOrder"
  }),
  /** The sums of a member's unpaid orders. */
  describeTeamMemberUnpaidOrderCount: operation({
    name: "DescribeTeamMemberUnpaidOrderCount",
    safety: "read",
    ownTeam: true,
    times: true,
    request: Schema.Struct({ ...ofMember, ChargeTypes: words, OrderStates: words, OrderTypes: words }).pipe(
      Schema.check(teamGiven, timesInOrder)
    ),
    answer: Schema.Struct({ TotalCount: Lenient.Whole, Amount: Lenient.nullish(UnpaidAmount) }),
    doc: "The sums of a member's unpaid orders.",
    source: "DescribeTeamMemberUnpaidOrderCount"
  }),
  /** The kinds of things that a member has ordered. */
  listMemberProductType: operation({
    name: "ListMemberProductType",
    safety: "read",
    ownTeam: true,
    times: true,
    request: Schema.Struct({ ...ofMember, OrderStates: words }).pipe(Schema.check(teamGiven, timesInOrder)),
    answer: Schema.Struct({ ProductTypeList: Lenient.nullish(Schema.Array(Lenient.Text)) }),
    doc: "The kinds of things that a member has ordered.",
    source: "ListMemberProductType"
  })
}

/** The request for a bill. */
export const TeamOrderDownload = Schema.Struct({
  ...teamField,
  /** 0: all members. @default 0 */
  VirtualCompanyId: Schema.optionalKey(IdOrZero),
  /** Seconds since 1970, as `EndTime`. */
  BeginTime: Schema.optionalKey(Seconds),
  /** After `BeginTime`. */
  EndTime: Schema.optionalKey(Seconds),
  OrderStates: words
}).pipe(Schema.check(teamGiven, timesInOrder))
export interface TeamOrderDownload extends Schema.Schema.Type<typeof TeamOrderDownload> {}

/** The bill. Its answer is a file, so it is not among the other operations. */
export const teamOrderDownload = operation({
  name: "DownloadTeamOrder",
  safety: "read",
  ownTeam: true,
  request: TeamOrderDownload,
  answer: Done,
  doc: "The bill of a team, or of one member, as CSV.",
  source: "DownloadTeamOrder"
})
