/**
 * Invented packages of resources, bought by or granted to a tenant: enough for the quotas of its
 * sub-accounts.
 */
import * as BigDecimal from "effect/BigDecimal"
import * as BigInt_ from "effect/BigInt"
import { draw, inventId } from "./dice.ts"
import { everyField, type QuotaField, type Usage, type UserState } from "./quota.ts"
import { day, seedTime } from "./time.ts"

/** A bought or granted package. */
export interface Package {
  readonly resourceId: string
  /** Empty for a granted package. */
  readonly orderId: string
  /** The quota field that uses it up; absent if there is none. */
  readonly field?: QuotaField
  readonly resourceType: string
  readonly businessType: BusinessType
  readonly subResourceType?: string
  readonly chargingMode: "PERIODIC" | "ONE_TIME"
  readonly source: "PURCHASED" | "SP_ALLOCATED" | "ADMIN_ALLOCATED"
  readonly unit: "NUM" | "MIN" | "HOUR" | "CHANNEL" | "GB" | "TEN_THOUSAND_WORDS"
  readonly amount: BigDecimal.BigDecimal
  /** The used amount, if no quota field determines it. */
  readonly used?: BigDecimal.BigDecimal
  /** In milliseconds since 1970, as the next. */
  readonly since: number
  readonly expiresAt: number
  readonly name: string
}

/** The vendor's words for the purpose of a resource. */
export const businessTypes = [
  "VOICE_CLONE",
  "SYNTHETICS_SOUND",
  "ASSET_MANAGER",
  "MODELING_2D",
  "LIVE_2D",
  "VIDEO_2D",
  "CHAT_2D",
  "BUSINESS_CARD_2D",
  "PICTURE_2D",
  "MODELING_3D",
  "VDS_3D",
  "TTSA_3D",
  "FLEXUS_2D"
] as const

/** The purpose of a resource. */
export type BusinessType = (typeof businessTypes)[number]

type Kind = Pick<Package, "resourceType" | "businessType" | "unit" | "name" | "subResourceType">

const type = "hws.resource.type.metastudio"

// The code of image modelling is on the vendor's page; the others follow its pattern.
const kinds: Readonly<Record<QuotaField, Kind>> = {
  modeling_count_2d_model: {
    resourceType: `${type}.avatarmodeling.number`,
    businessType: "MODELING_2D",
    unit: "NUM",
    name: "分身数字人形象制作"
  },
  modeling_count_2d_model_flexus: flexus("modeling_count_2d_model_flexus", "NUM", "形象制作Flexus版"),
  video_time_2d_model: {
    resourceType: `${type}.avatarvideo.time`,
    businessType: "VIDEO_2D",
    unit: "MIN",
    name: "分身数字人视频制作"
  },
  video_time_flexus_2d_model: flexus("video_time_flexus_2d_model", "MIN", "视频制作Flexus版"),
  voice_clone_basic: voice("basic", "声音制作基础版"),
  voice_clone_middle: voice("middle", "声音制作进阶版"),
  voice_clone_advance: voice("advance", "声音制作高级版"),
  voice_clone_flexus: flexus("voice_clone_flexus", "NUM", "声音制作Flexus版")
}

function flexus(subResourceType: string, unit: "NUM" | "MIN", name: string): Kind {
  return { resourceType: `${type}.flexus.package`, businessType: "FLEXUS_2D", subResourceType, unit, name }
}

function voice(level: string, name: string): Kind {
  return { resourceType: `${type}.voiceclone.${level}`, businessType: "VOICE_CLONE", unit: "NUM", name }
}

/**
 * For every quota field one package that has expired, one that is about to, and one that lasts. The latter
 * two together cover the sum of all finite limits, and the used amount.
 */
export const inventPackages = (seed: number, users: Iterable<UserState>): ReadonlyArray<Package> => {
  const states = [...users]
  const used = totals(states)
  const ofFields = Object.values(
    everyField((field) => {
      const limits = states.reduce((sum, { quota }) => sum + BigInt(Math.max(quota[field] ?? 0, 0)), 0n)
      const needed = BigInt_.max(BigInt_.max(limits, roundUp(used[field])), 10n)
      const key = `${seed}/package/${field}`
      const expired = roundUp(used[field]) / 3n
      const soon = needed / 2n
      return [
        inventPackage(`${key}/0`, field, expired, -40),
        inventPackage(`${key}/1`, field, soon, 10 + draw(`${key}/soon`, 20)),
        inventPackage(`${key}/2`, field, needed - soon, 200 + draw(`${key}/later`, 100))
      ].filter(({ amount }) => !BigDecimal.isZero(amount))
    })
  ).flat()
  return [...ofFields, ...others(seed)].sort((a, b) => a.expiresAt - b.expiresAt)
}

const inventPackage = (key: string, field: QuotaField, amount: bigint, days: number): Package => ({
  ...kinds[field],
  resourceId: inventId(key),
  orderId: orderIdOf(key),
  field,
  chargingMode: kinds[field].unit === "NUM" ? "ONE_TIME" : "PERIODIC",
  source: "PURCHASED",
  amount: BigDecimal.make(amount, 0),
  since: seedTime + (days - 301) * day + draw(`${key}/hour`, 24) * 3_600_000,
  expiresAt: seedTime + days * day
})

/** Packages that are unrelated to quotas, and packages that were granted instead of bought. */
const others = (seed: number): ReadonlyArray<Package> => {
  const make = (
    index: number,
    kind: Kind & Pick<Package, "source" | "chargingMode">,
    amount: bigint,
    used: BigDecimal.BigDecimal
  ): Package => {
    const key = `${seed}/package/other/${index}`
    return {
      ...kind,
      resourceId: inventId(key),
      orderId: kind.source === "PURCHASED" ? orderIdOf(key) : "",
      amount: BigDecimal.make(amount, 0),
      used,
      since: seedTime - (60 + 10 * index) * day,
      expiresAt: seedTime + (120 + 30 * index) * day
    }
  }
  return [
    make(
      0,
      {
        resourceType: `${type}.avatarlive.time`,
        businessType: "LIVE_2D",
        unit: "HOUR",
        name: "分身数字人直播",
        source: "SP_ALLOCATED",
        chargingMode: "PERIODIC"
      },
      100n,
      BigDecimal.make(37_25n, 2)
    ),
    make(
      1,
      {
        resourceType: `${type}.avatarchat.channel`,
        businessType: "CHAT_2D",
        unit: "CHANNEL",
        name: "智能交互基础版",
        source: "SP_ALLOCATED",
        chargingMode: "PERIODIC"
      },
      3n,
      BigDecimal.make(1n, 0)
    ),
    make(
      2,
      {
        resourceType: `${type}.asset.storage`,
        businessType: "ASSET_MANAGER",
        unit: "GB",
        name: "资产存储",
        source: "PURCHASED",
        chargingMode: "PERIODIC"
      },
      500n,
      BigDecimal.make(123_456_789n, 6)
    ),
    make(
      3,
      {
        resourceType: `${type}.tts.words`,
        businessType: "SYNTHETICS_SOUND",
        unit: "TEN_THOUSAND_WORDS",
        name: "声音合成",
        source: "ADMIN_ALLOCATED",
        chargingMode: "ONE_TIME"
      },
      20n,
      BigDecimal.make(5n, 1)
    )
  ]
}

const orderIdOf = (key: string): string => `CS${inventId(`${key}/order`).slice(0, 13).toUpperCase()}`

/** Returns the total usage of all sub-accounts. */
export const totals = (users: Iterable<UserState>): Usage => {
  const states = [...users]
  return everyField((field) => BigDecimal.sumAll(states.map(({ usage }) => usage[field])))
}

/**
 * Returns the used part of each package: the package that expires first is used first. Usage beyond the last
 * package would be paid on demand, which these operations do not report.
 */
export const usedOf = (
  packages: ReadonlyArray<Package>,
  totals: Usage
): Map<string, BigDecimal.BigDecimal> => {
  const left = { ...totals }
  const used = new Map<string, BigDecimal.BigDecimal>()
  for (const { amount, field, resourceId, used: own } of packages) {
    if (field === undefined) {
      used.set(resourceId, own ?? BigDecimal.make(0n, 0))
      continue
    }
    const part = BigDecimal.min(left[field], amount)
    left[field] = BigDecimal.subtract(left[field], part)
    used.set(resourceId, part)
  }
  return used
}

const roundUp = (amount: BigDecimal.BigDecimal): bigint => BigDecimal.scale(BigDecimal.ceil(amount), 0).value
