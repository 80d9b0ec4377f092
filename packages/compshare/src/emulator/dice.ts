/** Seeded numbers, for data that is only displayed. */

/** A source of numbers: the same seed returns the same numbers in the same order. */
export interface Dice {
  /** A whole number, both ends included. */
  readonly between: (least: number, most: number) => number
  readonly pick: <A>(from: ReadonlyArray<A>) => A
}

/** A small generator (mulberry32): data for display needs repeatable numbers, not good ones. */
export const makeDice = (seed: number): Dice => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  const pick = <A>(from: ReadonlyArray<A>): A => {
    const picked = from[between(0, from.length - 1)]
    if (picked === undefined) throw new Error("nothing to pick from")
    return picked
  }
  return { between, pick }
}
