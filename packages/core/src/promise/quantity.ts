/** Quantities of the Promise API, made from core's. */
import * as Result from "effect/Result"
import * as Core from "../model/Quantity.ts"
import type { Quantity, QuantityInput } from "./model.ts"

/** Private fields, so that no caller can make an inexact one. */
class Exact implements Quantity {
  readonly unit: string
  readonly amount: string
  readonly #core: Core.Quantity

  constructor(core: Core.Quantity) {
    this.#core = core
    this.unit = core.unit
    this.amount = core.toJSON().amount
    Object.freeze(this)
  }

  static coreOf(value: unknown): Core.Quantity | undefined {
    return typeof value === "object" && value !== null && #core in value ? value.#core : undefined
  }

  plus(other: QuantityInput): Quantity {
    return new Exact(Core.sum(this.#core, exactly(other)))
  }
  minus(other: QuantityInput): Quantity {
    return new Exact(Core.subtract(this.#core, exactly(other)))
  }
  times(factor: string | number | bigint): Quantity {
    return new Exact(Core.multiply(this.#core, factor))
  }
  negated(): Quantity {
    return new Exact(Core.negate(this.#core))
  }
  abs(): Quantity {
    return new Exact(Core.abs(this.#core))
  }
  round({ mode, step }: Parameters<Quantity["round"]>[0]): Quantity {
    return new Exact(Core.round(this.#core, { mode, step: exactly(step) }))
  }
  equals(other: QuantityInput): boolean {
    const that = exactly(other)
    return this.unit === that.unit && this.compare(other) === 0
  }
  compare(other: QuantityInput): number {
    return Core.Order(this.#core, exactly(other))
  }
  lessThan(other: QuantityInput): boolean {
    return this.compare(other) < 0
  }
  greaterThan(other: QuantityInput): boolean {
    return this.compare(other) > 0
  }
  isZero(): boolean {
    return Core.isZero(this.#core)
  }
  isNegative(): boolean {
    return Core.isNegative(this.#core)
  }
  isPositive(): boolean {
    return Core.isPositive(this.#core)
  }
  share(whole: QuantityInput): number {
    return Core.share(this.#core, exactly(whole))
  }
  toString(): string {
    return Core.format(this.#core)
  }
  toJSON() {
    return { unit: this.unit, amount: this.amount }
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString()
  }
}

/** Converts a quantity for callers of the Promise API. */
export const fromCore = (core: Core.Quantity): Quantity => new Exact(core)

/** Converts a caller's quantity for core. Core refuses any other value. */
export const toCore = (input: unknown): unknown => Exact.coreOf(input) ?? input

const exactly = (input: QuantityInput): Core.Quantity => {
  const core = Exact.coreOf(input)
  if (core !== undefined) return core
  const parsed = Core.from(input as string)
  return Result.getOrThrowWith(parsed, ({ message }) => new RangeError(message))
}

/** Returns the quantity of a text, or the quantity itself. */
export const quantity = (input: QuantityInput): Quantity => new Exact(exactly(input))
