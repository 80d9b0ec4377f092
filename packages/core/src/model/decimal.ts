import * as BigDecimal from "effect/BigDecimal"

/** Decimal text without an exponent, whatever the scale. `BigDecimal.format` changes to `1e+20` for long ones. */
export const plainText = ({ scale, value }: BigDecimal.BigDecimal): string => {
  if (scale <= 0) return `${value * 10n ** BigInt(-scale)}`
  const digits = `${value < 0n ? -value : value}`.padStart(scale + 1, "0")
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Returns the number of whole steps (towards minus infinity) and the remainder, over one scale. */
export const floorSteps = (amount: BigDecimal.BigDecimal, step: BigDecimal.BigDecimal) => {
  const scale = Math.max(amount.scale, step.scale)
  const size = BigDecimal.scale(step, scale).value
  const value = BigDecimal.scale(amount, scale).value
  const remainder = ((value % size) + size) % size
  return { steps: (value - remainder) / size, remainder, size }
}

/**
 * A record from outside for JSON: numbers that JSON would lose digits of, or cannot have, as decimal text. What
 * has a JSON form of its own stays as it is.
 */
export const exact = (record: Readonly<Record<string, unknown>>): { readonly [key: string]: unknown } =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, exactValue(value)]))

const exactValue = (value: unknown): unknown => {
  if (typeof value === "bigint") return `${value}`
  if (BigDecimal.isBigDecimal(value)) return plainText(value)
  if (Array.isArray(value)) return value.map(exactValue)
  if (typeof value !== "object" || value === null) return value ?? null
  if ("toJSON" in value && typeof value.toJSON === "function") return value
  return exact({ ...value })
}
