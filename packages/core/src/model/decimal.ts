import * as BigDecimal from "effect/BigDecimal"

/** Decimal text without an exponent, whatever the scale. `BigDecimal.format` changes to `1e+20` for long ones. */
export const plainText = ({ scale, value }: BigDecimal.BigDecimal): string => {
  if (scale <= 0) return `${value * 10n ** BigInt(-scale)}`
  const digits = `${value < 0n ? -value : value}`.padStart(scale + 1, "0")
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** The same for a whole number of decimal places. */
export const placesText = (unscaled: number, scale: number): string => {
  if (scale === 0) return `${unscaled}`
  const digits = `${Math.abs(unscaled)}`.padStart(scale + 1, "0")
  return `${unscaled < 0 ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Returns a whole number of decimal places as a number of smaller ones, if a double holds it exactly. */
export const wholeAt = (scale: number, unscaled: bigint | number, from: number): number | undefined => {
  if (typeof unscaled !== "number") return undefined
  // If the product is a safe integer, it was computed without rounding.
  const whole = scale === from ? unscaled : unscaled * 10 ** (scale - from)
  return Number.isSafeInteger(whole) ? whole : undefined
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
