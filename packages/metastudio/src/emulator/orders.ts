/** A year of invented orders: one for every bought package, and other orders of a tenant. */
import * as BigDecimal from "effect/BigDecimal"
import { draw, inventId, pick } from "./dice.ts"
import { metaStudio, type Order, type OrderItem, type ServiceType } from "./orderBook.ts"
import type { Package } from "./packages.ts"
import { day, seedTime } from "./time.ts"
import { digits } from "./wire.ts"

const storage: ServiceType = { code: "hws.service.type.obs", name: "对象存储服务" }

/** Makes a year of orders, which ends with the invented data. */
export const inventOrders = (seed: number, packages: ReadonlyArray<Package>): ReadonlyArray<Order> => [
  ...packages.filter(({ source }) => source === "PURCHASED").map((bought) => orderOf(seed, bought)),
  ...Array.from({ length: 120 }, (_, index) => inventOrder(`${seed}/order/${index}`))
]

const orderOf = (seed: number, bought: Package): Order => {
  const price = inventPrice(`${seed}/price/${bought.resourceId}`)
  const { orderId, name: product, resourceId, resourceType, since } = bought
  return {
    orderId,
    ...price,
    createTime: since,
    paymentTime: since + 95_000,
    items: [{ product, resourceType, resourceId, ...price }]
  }
}

const inventOrder = (key: string): Order => {
  const orderType = pick(`${key}/type`, [1, 1, 1, 2, 2, 3, 4] as const)
  const status = pick(`${key}/status`, [5, 5, 5, 5, 5, 5, 4, 6, 3, 1, 9] as const)
  const serviceType = pick(`${key}/service`, [metaStudio, metaStudio, storage] as const)
  const resources = serviceType.code.replace("service", "resource")
  const items = Array.from({ length: 1 + draw(`${key}/items`, 3) }, (_, index): OrderItem => {
    const { amount, officialAmount } = inventPrice(`${key}/item/${index}`)
    const product = {
      product: serviceType.name,
      resourceType: `${resources}.${pick(`${key}/kind/${index}`, ["a", "b"])}`,
      resourceId: inventId(`${key}/resource/${index}`)
    }
    // A refund is negative, and has no discount of its own. The latter is documented.
    return orderType === 4 ? { ...product, amount: `-${amount}` } : { ...product, amount, officialAmount }
  })
  const createTime = seedTime - draw(`${key}/time`, 365 * 86_400) * 1000 - day / 24
  const paid = status === 5 ? { paymentTime: createTime + draw(`${key}/payment`, 3000) * 1000 } : {}
  return {
    orderId: `CS${inventId(key).slice(0, 13).toUpperCase()}`,
    orderType,
    status,
    serviceType,
    amount: sum(items.map(({ amount }) => amount)),
    officialAmount: sum(items.map(({ amount, officialAmount }) => officialAmount ?? amount)),
    createTime,
    ...paid,
    items
  }
}

/** Up to some thousand yuan with up to sixteen decimals, which is more than a double can hold. */
const inventPrice = (key: string) => {
  const scale = pick(`${key}/scale`, [0, 2, 2, 2, 8, 16] as const)
  const fraction = BigInt(draw(`${key}/fine`, 10 ** 8)) * 10n ** 8n + BigInt(draw(`${key}/finer`, 10 ** 8))
  const yuan = BigInt(1 + draw(`${key}/yuan`, 5000))
  const official = yuan * 10n ** BigInt(scale) + fraction / 10n ** BigInt(16 - scale)
  const discount = pick(`${key}/discount`, [100n, 100n, 90n, 75n] as const)
  const amount = (official * discount) / 100n
  return {
    amount: digits(BigDecimal.make(amount, scale)),
    officialAmount: digits(BigDecimal.make(official, scale))
  }
}

const sum = (amounts: ReadonlyArray<string>): string =>
  digits(BigDecimal.sumAll(amounts.map((amount) => BigDecimal.fromStringUnsafe(amount))))
