/** Samples of a measurement, and what they amount to. */

/** The median of samples, with their 10th and 90th percentile. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

/** Returns the sample below which this share of the samples lies. */
export const quantile = (samples: ReadonlyArray<number>, share: number): number => {
  const sorted = samples.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (samples: ReadonlyArray<number>): number => quantile(samples, 0.5)

export const spreadOf = (samples: ReadonlyArray<number>): Spread => ({
  median: median(samples),
  low: quantile(samples, 0.1),
  high: quantile(samples, 0.9)
})

/** Returns the spread of a single number, such as a count. */
export const exactly = (number: number): Spread => ({ median: number, low: number, high: number })

/** Returns the spread of the ratios, round by round. */
export const ratio = (samples: ReadonlyArray<number>, base: ReadonlyArray<number>): Spread =>
  spreadOf(samples.map((sample, round) => sample / (base[round] ?? Number.NaN)))

/** Returns the spread of the differences, round by round. */
export const difference = (samples: ReadonlyArray<number>, base: ReadonlyArray<number>): Spread =>
  spreadOf(samples.map((sample, round) => sample - (base[round] ?? Number.NaN)))

/** Returns the spread divided by a number. */
export const over = ({ high, low, median }: Spread, number: number): Spread => ({
  median: median / number,
  low: low / number,
  high: high / number
})
