/** Plausible data for the emulator: the same seed generates the same team, orders and instances. */
import { instanceCodes } from "./codes.ts"
import { type Dice, makeDice } from "./dice.ts"
import type { Instance, Membership, MemberState } from "./model.ts"
import type { Order } from "./orderBook.ts"
import { yuan } from "./wire.ts"
import type { KnownInstance, LogEntry } from "./world.ts"
import { zones } from "./zones.ts"

/** The end of the generated data: 2026-11-01 00:00 UTC, in Unix seconds. */
export const seedTime = Date.UTC(2026, 10, 1) / 1000

const day = 86_400

const chineseFamilyNames = [..."王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"]
const chineseGivenNames =
  "伟 芳 娜 敏 静 强 磊 洋 艳 勇 思远 雨桐 子涵 浩然 欣怡 梓萱 宇轩 一诺 嘉懿 明哲".split(" ")
const englishGivenNames =
  "Alice Brian Chloe Daniel Emma Felix Grace Henry Iris Jack Kevin Linda Mason Nina".split(" ")
const englishFamilyNames = "Chen Wang Smith Brown Garcia Müller Tan Lim Wong Clark".split(" ")
const groups = ["NLP组", "视觉组", "2026级", "Robotics", "实习"]
const gpus = ["NVIDIA A100", "NVIDIA H20", "NVIDIA RTX 4090", "NVIDIA RTX 3090"]

interface Generated {
  readonly members: ReadonlyArray<MemberState>
  readonly orders: ReadonlyArray<Order>
  readonly instances: ReadonlyArray<KnownInstance>
  readonly log: ReadonlyArray<LogEntry>
  readonly memberships: ReadonlyArray<Membership>
}

/** Generates a team of this many members, with a year of orders. */
export const seedWorld = (seed: number, size: number): Generated => {
  const dice = makeDice(seed)
  const members: Array<MemberState> = []
  const orders: Array<Order> = []
  const instances: Array<Instance> = []
  const log: Array<LogEntry> = [
    { content: "创建团队", operateType: "创建团队", status: "成功", createTime: seedTime - 400 * day }
  ]

  for (let index = 0; index < size; index++) {
    const remarkName = makeName(dice)
    const invited = seedTime - dice.between(30, 390) * day + dice.between(0, day - 1)
    const chance = dice.between(1, 100)
    const status = chance <= 85 ? "Joined" : chance <= 93 ? "Pending" : chance <= 97 ? "Rejected" : "Canceled"
    const about = { content: `成员 ${remarkName}`, status: "成功" } as const
    log.push({ ...about, operateType: "发送邀请", createTime: invited })
    const base = { userCompanyId: 50_002 + index * 3, remarkName, status, createTime: invited } as const
    if (status !== "Joined") {
      members.push({ ...base, virtualCompanyId: 0, allocatedFen: 0n, availableFen: 0n })
      const reply = status === "Rejected" ? "拒绝邀请" : status === "Canceled" ? "取消邀请" : undefined
      if (reply !== undefined) log.push({ ...about, operateType: reply, createTime: invited + 3600 })
      continue
    }
    const virtualCompanyId = 60_001 + index
    const owned = Array.from({ length: dice.between(1, 2) }, (_, nth) =>
      makeInstance(dice, instances.length + nth)
    )
    instances.push(...owned)
    const bought = makeOrders(dice, virtualCompanyId, invited + day, owned, orders.length)
    orders.push(...bought.orders)
    const left = BigInt(dice.between(0, 2_000)) * 100n + BigInt(dice.between(0, 99))
    // Grants are round sums: the spent and the remaining amount, rounded up to the next 100 yuan.
    const allocatedFen = ((bought.spentFen + left + 9_999n) / 10_000n) * 10_000n
    members.push({ ...base, virtualCompanyId, allocatedFen, availableFen: allocatedFen - bought.spentFen })
    log.push({ ...about, operateType: "接受邀请", createTime: invited + 3600 })
    log.push({
      content: `成员 ${remarkName}(${virtualCompanyId}) ${yuan(allocatedFen)} 元`,
      operateType: "分配金额",
      status: "成功",
      createTime: invited + 7200
    })
  }
  return {
    members,
    orders,
    instances: withSpecs(instances, orders, makeDice(seed + secondDice)),
    log: log.sort((one, two) => one.createTime - two.createTime),
    memberships
  }
}

/** Later additions use a generator of their own, so that a seed keeps its original results. */
const secondDice = 1_000_000

/** The administrator is a member of one other team, and has an open invitation to another. */
const memberships: ReadonlyArray<Membership> = [
  {
    teamId: 2001,
    teamName: "NLP Lab",
    teamCompanyId: 51001,
    virtualCompanyId: 80_001,
    status: "Joined",
    remarkName: "张老师",
    createTime: seedTime - 200 * day
  },
  {
    teamId: 2002,
    teamName: "视觉实验室",
    teamCompanyId: 51002,
    virtualCompanyId: 0,
    status: "Pending",
    remarkName: "张老师",
    createTime: seedTime - 2 * day
  }
]

/** Fills the instances from their orders: the member of an instance's orders pays for it. */
const withSpecs = (
  instances: ReadonlyArray<Instance>,
  orders: ReadonlyArray<Order>,
  dice: Dice
): ReadonlyArray<KnownInstance> => {
  const ordersOf = Map.groupBy(orders, (order) => order.ResourceId)
  return instances.map((instance, index) => {
    const gpu = dice.pick([1, 1, 1, 2, 4, 8])
    const own = ordersOf.get(instance.uHostId) ?? []
    const first = own[0]
    const last = own.at(-1)
    const isExpired = instance.code !== 0
    const createTime = first?.CreateTime ?? seedTime - dice.between(1, 300) * day
    return {
      ...instance,
      name: `gpu-${String(index + 1).padStart(4, "0")}`,
      state: isExpired ? "Stopped" : dice.pick(["Running", "Running", "Running", "Stopped"]),
      chargeType: last?.ChargeType ?? "Dynamic",
      gpuType: last?.OrderDetail[0]?.Value.split(" ").at(-1) ?? "4090",
      gpu,
      cpu: 16 * gpu,
      memoryMb: 65_536 * gpu,
      bootDiskGb: 60,
      dataDiskGb: 50 * dice.between(1, 20),
      createTime,
      expireTime: isExpired ? seedTime - dice.between(1, 30) * day : seedTime + dice.between(1, 30) * day
    }
  })
}

const makeName = (dice: Dice): string => {
  const name =
    dice.between(1, 10) <= 7
      ? dice.pick(chineseFamilyNames) + dice.pick(chineseGivenNames)
      : `${dice.pick(englishGivenNames)} ${dice.pick(englishFamilyNames)}`
  return dice.between(1, 5) === 1 ? `${name}(${dice.pick(groups)})` : name
}

const makeInstance = (dice: Dice, number: number): Instance => {
  const { region, zone } = dice.pick(zones)
  const uHostId = `uhost-${(36 ** 4 * (number + 1) + dice.between(0, 36 ** 4 - 1)).toString(36).padStart(12, "1")}`
  const chance = dice.between(1, 10)
  const fen = BigInt(dice.between(1, 50_000))
  const quote: Pick<Instance, "code" | "message" | "refundPriceYuan"> =
    chance <= 6
      ? { code: 0, message: "", refundPriceYuan: yuan(fen) }
      : chance <= 8
        ? { code: 0, message: "", refundPriceYuan: `${yuan(fen)}${dice.between(100, 999)}` }
        : { code: instanceCodes.expired, message: "资源已过期" }
  return { uHostId, region, zone, ...quote }
}

/** Generates up to twenty orders of one member, and their total cost. */
const makeOrders = (
  dice: Dice,
  virtualCompanyId: number,
  from: number,
  owned: ReadonlyArray<Instance>,
  firstNumber: number
): { readonly orders: ReadonlyArray<Order>; readonly spentFen: bigint } => {
  const orders: Array<Order> = []
  let spentFen = 0n
  let refundableFen = 0n
  let instance = dice.pick(owned)
  const earliest = Math.max(from, seedTime - 365 * day)
  const times = Array.from({ length: dice.between(0, 20) }, () => dice.between(earliest, seedTime - 1))
  for (const [index, createTime] of times.sort((one, two) => one - two).entries()) {
    const refund = refundableFen > 0n && dice.between(1, 10) === 1
    // A refund is for the last purchase.
    if (!refund) instance = dice.pick(owned)
    const location = zones.find((zone) => zone.zone === instance.zone)
    // The vendor's page shows `Paid` and `Unpaid`; the service's answers look like OS_FINISHED. The other
    // states and the kinds of charge are undocumented choices.
    const state = refund || dice.between(1, 12) > 1 ? "OS_FINISHED" : dice.pick(["OS_UNPAID", "OS_CANCELED"])
    const realFen = refund ? -refundableFen : BigInt(dice.between(50, 20_000))
    const couponFen = !refund && dice.between(1, 4) === 1 ? realFen / 5n : 0n
    const chargeType = dice.pick(["Dynamic", "Dynamic", "Day", "Month", "Postpay"])
    if (state === "OS_FINISHED") {
      spentFen += realFen
      refundableFen = refund ? 0n : realFen / 2n
    }
    const date = new Date(createTime * 1000).toISOString().slice(0, 10).replaceAll("-", "")
    const days = chargeType === "Month" ? 30 : 1
    orders.push({
      virtualCompanyId,
      OrderNo: `order-${date}${String(firstNumber + index + 1).padStart(6, "0")}`,
      OrderType: refund
        ? "OT_REFUND"
        : dice.pick(["OT_BUY", "OT_RENEW", "OT_UPGRADE", "OT_POSTPAID_PAYMENT"]),
      OrderState: state,
      ChargeType: chargeType,
      Amount: yuan(realFen + couponFen),
      AmountReal: yuan(realFen),
      AmountFree: "0.00",
      AmountCoupon: yuan(couponFen),
      ResourceId: instance.uHostId,
      ResourceType: 1,
      RegionId: location?.regionId ?? 0,
      Quantity: String(days),
      Count: 1,
      CreateTime: createTime,
      UpdateTime: createTime + 5,
      StartTime: createTime,
      EndTime: createTime + days * day,
      TradeNo: `trade-${date}${String(firstNumber + index + 1).padStart(6, "0")}`,
      ProjectName: "Default",
      OrderDetail: [{ ProductName: "GPU算力", Value: dice.pick(gpus) }]
    })
  }
  return { orders, spentFen }
}

/**
 * Generates this many orders of a year, spread evenly over the members: for tests of large accounts, which
 * need the number rather than plausible rows. The last order is just before {@link seedTime}.
 */
export const makeYearOfOrders = (
  seed: number,
  members: ReadonlyArray<number>,
  count: number
): ReadonlyArray<Order> => {
  const dice = makeDice(seed + secondDice)
  return Array.from({ length: count }, (_, index) => {
    const virtualCompanyId = members[index % members.length]
    if (virtualCompanyId === undefined) throw new Error("orderCount needs a member who has joined")
    const createTime = seedTime - Math.ceil(((count - index) * 365 * day) / count)
    const amount = yuan(BigInt(dice.between(50, 20_000)))
    return {
      virtualCompanyId,
      OrderNo: `order-year-${String(index + 1).padStart(7, "0")}`,
      OrderType: "OT_BUY",
      OrderState: dice.between(1, 20) === 1 ? "OS_UNPAID" : "OS_FINISHED",
      ChargeType: dice.pick(["Dynamic", "Day", "Month"]),
      Amount: amount,
      AmountReal: amount,
      AmountFree: "0.00",
      AmountCoupon: "0.00",
      ResourceId: `uhost-year-${virtualCompanyId}`,
      ResourceType: 1,
      RegionId: 3001,
      CreateTime: createTime,
      OrderDetail: [{ ProductName: "GPU算力", Value: dice.pick(gpus) }]
    }
  })
}
