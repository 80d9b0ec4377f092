/** Invented sub-accounts that resemble a real tenant's: the same ones for the same seed. */
import * as BigDecimal from "effect/BigDecimal"
import { draw, inventId } from "./dice.ts"
import { everyField, type QuotaField, type UserState } from "./quota.ts"

/** Makes `size` sub-accounts. */
export const inventUsers = (seed: number, size: number): ReadonlyArray<UserState> =>
  Array.from({ length: size }, (_, index) => inventUser(`${seed}/${index}`))

const inventUser = (key: string): UserState => {
  const quota = everyField((field) => inventLimit(`${key}/${field}/limit`, field))
  return {
    userId: inventId(`${key}/id`),
    quota,
    usage: everyField((field) => inventUsage(`${key}/${field}/usage`, field, quota[field]))
  }
}

const isMinutes = (field: QuotaField): boolean => field.startsWith("video_time_")

// A quarter is unlimited and a quarter is zero; the rest are typical limits.
const inventLimit = (key: string, field: QuotaField): number => {
  const usual = isMinutes(field) ? [30, 60, 120, 300, 600, 1_200, 6_000] : [1, 2, 3, 5, 10, 20, 50]
  const kind = draw(`${key}/kind`, 4)
  return kind === 0 ? -1 : kind === 1 ? 0 : (usual[draw(key, usual.length)] ?? 0)
}

// Up to the limit; minutes in hundredths, as if metered in seconds.
const inventUsage = (key: string, field: QuotaField, limit: number): BigDecimal.BigDecimal => {
  const ceiling = limit === -1 ? 40 : limit
  return isMinutes(field)
    ? BigDecimal.make(BigInt(draw(key, ceiling * 100 + 1)), 2)
    : BigDecimal.make(BigInt(draw(key, ceiling + 1)), 0)
}
