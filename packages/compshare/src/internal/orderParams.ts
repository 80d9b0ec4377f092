/**
 * The parameters of the operations on orders, checked before anything is sent.
 */
import * as Result from "effect/Result"
import type {
  MemberProductTypeQuery,
  TeamMemberOrderCountQuery,
  TeamMemberOrderQuery,
  TeamMemberPeriod,
  TeamMemberUnpaidOrderCountQuery,
  TeamOrderDownload
} from "../TeamOrder.ts"
import { type Checked, checks, ifGiven } from "./params.ts"
import type { Settings } from "./settings.ts"

type Checks = ReturnType<typeof checks>

/** The words of the vendor's page, and those that its own client sends instead. */
const sent: ReadonlyMap<unknown, string> = new Map([
  ["CreateTime", "create_time"],
  ["Asc", "ASC"],
  ["Desc", "DESC"]
])

const sentFor = (word: unknown): unknown => sent.get(word) ?? word

const period = (check: Checks, settings: Settings, query: TeamMemberPeriod): Checked =>
  Result.gen(function* () {
    return {
      TeamId: yield* check.id("teamId", query.teamId ?? settings.teamId),
      VirtualCompanyId: yield* check.id("virtualCompanyId", query.virtualCompanyId),
      ...(yield* check.times(query.beginTime, query.endTime))
    }
  })

/** Both listings, of orders and of unpaid ones, take the same. */
export const orders = (
  action: "DescribeTeamMemberOrder" | "DescribeTeamMemberUnpaidOrder",
  settings: Settings,
  query: TeamMemberOrderQuery & { readonly offset?: number }
): Checked =>
  Result.gen(function* () {
    const check = checks(action)
    const texts = (field: string, value: unknown) => ifGiven(value, (list) => check.texts(field, list))
    const numbers = (field: string, value: unknown) => ifGiven(value, (list) => check.numbers(field, list))
    return {
      ...(yield* period(check, settings, query)),
      ...(yield* check.page(query.limit, query.offset)),
      OrderBy: yield* ifGiven(sentFor(query.orderBy), (value) =>
        check.oneOf("orderBy", value, ["create_time", "order_start_time", "order_end_time"])
      ),
      OrderDir: yield* ifGiven(sentFor(query.orderDir), (value) =>
        check.oneOf("orderDir", value, ["ASC", "DESC"])
      ),
      ChargeTypes: yield* texts("chargeTypes", query.chargeTypes),
      OrderStates: yield* texts("orderStates", query.orderStates),
      OrderTypes: yield* texts("orderTypes", query.orderTypes),
      OrderNos: yield* texts("orderNos", query.orderNos),
      ResourceIds: yield* texts("resourceIds", query.resourceIds),
      ResourceTypes: yield* numbers("resourceTypes", query.resourceTypes),
      Regions: yield* numbers("regions", query.regions)
    }
  })

export const orderCount = (settings: Settings, query: TeamMemberOrderCountQuery): Checked =>
  Result.gen(function* () {
    const check = checks("DescribeTeamMemberOrderCount")
    const text = (field: string, value: unknown) =>
      ifGiven(value, (word) => check.text(field, word, "one text: no list is taken here"))
    return {
      ...(yield* period(check, settings, query)),
      ChargeTypes: yield* text("chargeTypes", query.chargeTypes),
      OrderStates: yield* text("orderStates", query.orderStates),
      OrderTypes: yield* text("orderTypes", query.orderTypes),
      ResourceTypes: yield* text("resourceTypes", query.resourceTypes),
      Regions: yield* text("regions", query.regions)
    }
  })

export const unpaidOrderCount = (settings: Settings, query: TeamMemberUnpaidOrderCountQuery): Checked =>
  Result.gen(function* () {
    const check = checks("DescribeTeamMemberUnpaidOrderCount")
    const texts = (field: string, value: unknown) => ifGiven(value, (list) => check.texts(field, list))
    return {
      ...(yield* period(check, settings, query)),
      ChargeTypes: yield* texts("chargeTypes", query.chargeTypes),
      OrderStates: yield* texts("orderStates", query.orderStates),
      OrderTypes: yield* texts("orderTypes", query.orderTypes)
    }
  })

export const productTypes = (settings: Settings, query: MemberProductTypeQuery): Checked =>
  Result.gen(function* () {
    const check = checks("ListMemberProductType")
    return {
      ...(yield* period(check, settings, query)),
      OrderStates: yield* ifGiven(query.orderStates, (value) => check.texts("orderStates", value))
    }
  })

export const download = (settings: Settings, query: TeamOrderDownload): Checked =>
  Result.gen(function* () {
    const check = checks("DownloadTeamOrder")
    const { beginTime, endTime, orderStates, virtualCompanyId = 0 } = query
    const seconds = (field: string, value: unknown) => ifGiven(value, (time) => check.seconds(field, time))
    return {
      TeamId: yield* check.id("teamId", query.teamId ?? settings.teamId),
      VirtualCompanyId: virtualCompanyId === 0 ? 0 : yield* check.id("virtualCompanyId", virtualCompanyId),
      ...(beginTime !== undefined && endTime !== undefined
        ? yield* check.times(beginTime, endTime)
        : { BeginTime: yield* seconds("beginTime", beginTime), EndTime: yield* seconds("endTime", endTime) }),
      OrderStates: yield* ifGiven(orderStates, (value) => check.texts("orderStates", value))
    }
  })
