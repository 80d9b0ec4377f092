/** The orders of the account. Paging stays fast for very many of them. */
import * as BigDecimal from "effect/BigDecimal"
import * as Option from "effect/Option"
import { beijingDay } from "./time.ts"

/** One item of an order. */
export interface OrderItem {
  /** As `分身数字人视频制作`. */
  readonly product: string
  readonly resourceType: string
  readonly resourceId: string
  /** Yuan after discounts, as exact decimal text; negative in a refund. */
  readonly amount: string
  /** Yuan before discounts. Default: the amount. */
  readonly officialAmount?: string
}

/** An order. Codes are the vendor's own numbers. */
export interface Order {
  readonly orderId: string
  /** 1 new (the default), 2 renewal, 3 change, 4 unsubscription. */
  readonly orderType?: number
  /** 1 in approval, 3 in progress, 4 cancelled, 5 completed (the default), 6 unpaid, 9 to be confirmed. */
  readonly status?: number
  /** Default: MetaStudio's. */
  readonly serviceType?: ServiceType
  /** Yuan after discounts, as exact decimal text; negative in a refund. */
  readonly amount: string
  /** Yuan before discounts. Default: the amount. */
  readonly officialAmount?: string
  /** @default "CNY" */
  readonly currency?: string
  /** In milliseconds since 1970, whole seconds. */
  readonly createTime: number
  /** The time of payment. Default: the creation time of a completed order; none for any other. */
  readonly paymentTime?: number
  /** They add up to the order. Default: one item over the whole amount. */
  readonly items?: ReadonlyArray<OrderItem>
}

/** A service as named on bills. */
export interface ServiceType {
  readonly code: string
  readonly name: string
}

/** MetaStudio. Its code is undocumented, and follows the pattern of its resources. */
export const metaStudio: ServiceType = {
  code: "hws.service.type.metastudio",
  name: "数字内容生产线 MetaStudio"
}

/** An order with its defaults filled in, and its amounts read. */
export interface OrderState {
  readonly order: Order
  readonly orderType: number
  readonly status: number
  readonly serviceType: ServiceType
  readonly amount: BigDecimal.BigDecimal
  readonly officialAmount: BigDecimal.BigDecimal
  readonly currency: string
  readonly paymentTime: number | undefined
  readonly items: ReadonlyArray<ItemState>
}

/** An item with its amounts read. */
export interface ItemState {
  readonly id: string
  readonly product: string
  readonly resourceType: string
  readonly resourceId: string
  readonly amount: BigDecimal.BigDecimal
  readonly officialAmount: BigDecimal.BigDecimal
}

/** The orders of the account. */
export interface OrderBook {
  /** Oldest first. */
  readonly all: () => ReadonlyArray<OrderState>
  /**
   * The orders that the filter keeps, oldest first. `name` identifies the filter: the same name returns the
   * same list until an order is added or removed.
   */
  readonly filtered: (name: string, keeps: (order: OrderState) => boolean) => ReadonlyArray<OrderState>
  /** Ids are case-insensitive, as the vendor documents. */
  readonly find: (orderId: string) => OrderState | undefined
  /** The orders paid in a month of Beijing time, as `2026-01`, in order of payment. */
  readonly paidIn: (cycle: string) => ReadonlyArray<OrderState>
  /** Adds an order, or replaces the one with this id. */
  readonly add: (order: Order) => void
  readonly remove: (orderId: string) => void
}

/** Makes the book of these orders. */
export const makeOrderBook = (orders: ReadonlyArray<Order>): OrderBook => {
  const byId = new Map(orders.map((order) => [order.orderId.toLowerCase(), fillIn(order)]))
  // All three are computed on first use after a change.
  let sorted: ReadonlyArray<OrderState> | undefined
  let months: Map<string, ReadonlyArray<OrderState>> | undefined
  let last: { readonly name: string; readonly found: ReadonlyArray<OrderState> } | undefined

  const forget = () => {
    sorted = undefined
    months = undefined
    last = undefined
  }

  const book: OrderBook = {
    all: () => {
      sorted ??= [...byId.values()].sort(byTime)
      return sorted
    },
    filtered: (name, keeps) => {
      if (last?.name !== name) last = { name, found: book.all().filter(keeps) }
      return last.found
    },
    find: (orderId) => byId.get(orderId.toLowerCase()),
    paidIn: (cycle) => {
      months ??= groupByMonth(book.all())
      return months.get(cycle) ?? []
    },
    add: (order) => {
      byId.set(order.orderId.toLowerCase(), fillIn(order))
      forget()
    },
    remove: (orderId) => {
      if (!byId.delete(orderId.toLowerCase())) throw new Error(`the emulator has no order ${orderId}`)
      forget()
    }
  }
  return book
}

const byTime = (a: OrderState, b: OrderState): number =>
  a.order.createTime - b.order.createTime || (a.order.orderId < b.order.orderId ? -1 : 1)

const groupByMonth = (orders: ReadonlyArray<OrderState>) => {
  const paid = orders.flatMap((state) =>
    state.paymentTime === undefined ? [] : [{ state, paidAt: state.paymentTime }]
  )
  const months = Map.groupBy(
    paid.sort((a, b) => a.paidAt - b.paidAt),
    ({ paidAt }) => beijingDay(paidAt).slice(0, 7)
  )
  return new Map([...months].map(([cycle, rows]) => [cycle, rows.map(({ state }) => state)]))
}

const fillIn = (order: Order): OrderState => {
  const { createTime, orderId, orderType = 1, serviceType = metaStudio, status = 5 } = order
  const amount = read(orderId, order.amount)
  const officialAmount = read(orderId, order.officialAmount ?? order.amount)
  const items = order.items?.map(
    (item, index): ItemState => ({
      ...item,
      id: `${orderId}-${String(index + 1).padStart(6, "0")}`,
      amount: read(orderId, item.amount),
      officialAmount: read(orderId, item.officialAmount ?? item.amount)
    })
  ) ?? [
    {
      id: `${orderId}-000001`,
      product: serviceType.name,
      resourceType: serviceType.code.replace("service", "resource"),
      resourceId: `${orderId}-resource`,
      amount,
      officialAmount
    }
  ]
  const sum = BigDecimal.sumAll(items.map((item) => item.amount))
  const officialSum = BigDecimal.sumAll(items.map((item) => item.officialAmount))
  if (!BigDecimal.equals(sum, amount) || !BigDecimal.equals(officialSum, officialAmount)) {
    throw new RangeError(`the items of order ${orderId} do not add up to it`)
  }
  return {
    order,
    orderType,
    status,
    serviceType,
    amount,
    officialAmount,
    currency: order.currency ?? "CNY",
    paymentTime: order.paymentTime ?? (status === 5 ? createTime : undefined),
    items
  }
}

const read = (orderId: string, text: string): BigDecimal.BigDecimal =>
  Option.getOrThrowWith(
    /^-?\d+(\.\d+)?$/.test(text) ? BigDecimal.fromString(text) : Option.none(),
    () => new RangeError(`order ${orderId} has an amount that is not decimal text: ${text}`)
  )
