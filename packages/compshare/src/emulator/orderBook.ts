/**
 * The orders of all members. An index per member and a cache of recent views let a year of a large team be
 * read page by page.
 */

/** A row of `DescribeTeamMemberOrder`, as on the wire, with its member. */
export interface Order {
  readonly virtualCompanyId: number
  readonly OrderNo: string
  readonly OrderType: string
  readonly OrderState: string
  readonly ChargeType: string
  /** Yuan, as decimal text; negative in a refund. */
  readonly Amount: string
  /** The amount actually paid, in yuan. */
  readonly AmountReal: string
  readonly AmountFree?: string
  readonly AmountCoupon?: string
  readonly ResourceId: string
  readonly ResourceType?: number
  readonly RegionId?: number
  readonly Quantity?: string
  readonly Count?: number
  /** Unix seconds, as the times below. */
  readonly CreateTime: number
  readonly UpdateTime?: number
  readonly StartTime?: number
  readonly EndTime?: number
  readonly TradeNo?: string
  readonly ProjectName?: string
  readonly OrderDetail: ReadonlyArray<{ readonly ProductName: string; readonly Value: string }>
}

/** How many views are kept, which is enough for as many concurrent readers. */
const keptViews = 64

/** Orders that can be added and removed during a listing. */
export interface OrderBook {
  /** One member's orders, in insertion order. */
  readonly of: (virtualCompanyId: number) => ReadonlyArray<Order>
  /** Throws if an order with this number exists. */
  readonly add: (order: Order) => void
  /** Throws if no order with this number exists. */
  readonly remove: (orderNo: string) => void
  /** The cached view of this key. It is computed again after an order was added or removed. */
  readonly view: (key: string, compute: () => ReadonlyArray<Order>) => ReadonlyArray<Order>
}

export const makeOrderBook = (initial: ReadonlyArray<Order>): OrderBook => {
  const byMember = Map.groupBy(initial, (order) => order.virtualCompanyId)
  const memberOf = new Map(initial.map((order) => [order.OrderNo, order.virtualCompanyId]))
  const views = new Map<string, ReadonlyArray<Order>>()
  for (const order of initial) requireAmounts(order)
  return {
    of: (virtualCompanyId) => byMember.get(virtualCompanyId) ?? [],
    add: (order) => {
      requireAmounts(order)
      if (memberOf.has(order.OrderNo)) throw new Error(`there is an order ${order.OrderNo} already`)
      memberOf.set(order.OrderNo, order.virtualCompanyId)
      byMember.set(order.virtualCompanyId, [...(byMember.get(order.virtualCompanyId) ?? []), order])
      views.clear()
    },
    remove: (orderNo) => {
      const member = memberOf.get(orderNo)
      if (member === undefined) throw new Error(`there is no order ${orderNo}`)
      memberOf.delete(orderNo)
      byMember.set(
        member,
        (byMember.get(member) ?? []).filter((order) => order.OrderNo !== orderNo)
      )
      views.clear()
    },
    view: (key, compute) => {
      const known = views.get(key)
      if (known !== undefined) return known
      const computed = compute()
      const [oldest] = views.keys()
      if (oldest !== undefined && views.size >= keptViews) views.delete(oldest)
      views.set(key, computed)
      return computed
    }
  }
}

/** The amounts of an order in yuan. An absent amount is zero. */
export const amounts = ["Amount", "AmountReal", "AmountFree", "AmountCoupon"] as const

const decimal = /^(-?)(\d+)(?:\.(\d+))?$/

const requireAmounts = (order: Order): void => {
  for (const name of amounts) {
    if (!decimal.test(order[name] ?? "0")) throw new Error(`${name} of an order must be as 10.00`)
  }
}

/**
 * Returns the exact sum of decimal texts, with at least two decimals, or as many as the finest of them has.
 */
export const sum = (texts: ReadonlyArray<string>): string => {
  const parts = texts.map((text) => decimal.exec(text) ?? [])
  const scale = parts.reduce((finest, [, , , fraction = ""]) => Math.max(finest, fraction.length), 2)
  const total = parts.reduce((so, [, sign, whole = "0", fraction = ""]) => {
    const units = BigInt(whole + fraction.padEnd(scale, "0"))
    return sign === "-" ? so - units : so + units
  }, 0n)
  const digits = (total < 0n ? -total : total).toString().padStart(scale + 1, "0")
  return `${total < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
