/**
 * Amounts in units that people write and no metric has, for suggestions (pure). Text that is not known to be the
 * same amount exactly is not suggested.
 */
import * as BigDecimal from "effect/BigDecimal"
import * as Quantity from "./Quantity.ts"

/** By the metric's unit: how many of it the other one is, as a fraction. */
const rates: Readonly<Record<string, Readonly<Record<string, readonly [times: bigint, over: bigint]>>>> = {
  CNY: {
    "": [1n, 1n],
    cny: [1n, 1n],
    rmb: [1n, 1n],
    yuan: [1n, 1n],
    元: [1n, 1n],
    "￥": [1n, 1n],
    "¥": [1n, 1n],
    jiao: [1n, 10n],
    角: [1n, 10n],
    fen: [1n, 100n],
    分: [1n, 100n]
  },
  minute: {
    "": [1n, 1n],
    m: [1n, 1n],
    mins: [1n, 1n],
    分: [1n, 1n],
    分钟: [1n, 1n],
    h: [60n, 1n],
    hr: [60n, 1n],
    hrs: [60n, 1n],
    hour: [60n, 1n],
    hours: [60n, 1n],
    小时: [60n, 1n],
    s: [1n, 60n],
    sec: [1n, 60n],
    secs: [1n, 60n],
    second: [1n, 60n],
    seconds: [1n, 60n],
    秒: [1n, 60n]
  },
  count: { 个: [1n, 1n], 次: [1n, 1n] }
}

/** The same amount in a unit, if it is known exactly. */
export const inUnit = (text: string, unit: Quantity.Unit): Quantity.Quantity | undefined => {
  const [, before = "", digits = "", after = ""] =
    /^\s*([￥¥]?)\s*([+-]?\d{1,40}(?:\.\d{1,40})?)\s*([\p{L}￥¥]*)\s*$/u.exec(text) ?? []
  if (digits === "" || (before !== "" && after !== "")) return undefined
  const ofUnit = Object.hasOwn(rates, unit) ? rates[unit] : undefined
  const name = `${before}${after}`.toLowerCase()
  const rate = ofUnit !== undefined && Object.hasOwn(ofUnit, name) ? ofUnit[name] : undefined
  if (rate === undefined) return undefined
  const [times, over] = rate.map((part) => BigDecimal.fromBigInt(part))
  const { amount } = Quantity.make(unit, digits)
  if (times === undefined || over === undefined) return undefined
  const scaled = BigDecimal.multiply(amount, times)
  const value = BigDecimal.divideUnsafe(scaled, over)
  return BigDecimal.equals(BigDecimal.multiply(value, over), scaled)
    ? Quantity.make(unit, BigDecimal.normalize(value))
    : undefined
}
