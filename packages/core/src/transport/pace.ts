/**
 * When the next request may begin: two ways to tell, without clocks or fibers of their own. Times are
 * monotonic milliseconds.
 */

/** What has begun so far, and so when the next request may. */
export interface Pace {
  /** The earliest time for the next request; one that is not after `now` means now. */
  readonly readyAt: (now: number) => number
  readonly started: (now: number) => void
  /** Which slowdown is in force: what was sent under an earlier one says nothing about this one. */
  readonly generation: () => number
  /** The provider has throttled a request that was sent under that generation. */
  readonly throttled: (now: number, generation: number) => void
}

/**
 * At most so many in any window of that length, wherever it is laid. (A bucket of tokens would let twice
 * as many through around the moment when it is full.)
 */
export const slidingWindow = (requests: number, perMillis: number): Pace => {
  // The last beginnings, in a ring: the one that is overwritten next is the oldest.
  const begun: Array<number> = []
  let next = 0
  return {
    readyAt: (now) => (begun.length < requests ? now : (begun[next] ?? now - perMillis) + perMillis),
    started: (now) => {
      begun[next] = now
      next = (next + 1) % requests
    },
    generation: () => 0,
    throttled: () => {}
  }
}

/** What is left of the rate after a throttled request, as in the adaptive mode of AWS's SDKs. */
const beta = 0.7
/** Requests a second, as there: whoever stops altogether never learns that it is over. */
const slowest = 0.5
/**
 * When the old rate is reached again. AWS's curve gets there the later the faster the rate was (RFC 9438);
 * with a fixed time, a limit of one request a second is probed as rarely as one of two hundred.
 */
const plateauMillis = 10_000
/** What is measured when throttled: the requests of the last second. */
const measuredMillis = 1000

/**
 * No limit until the provider throttles. Then the measured rate times 0.7, which grows along a cubic
 * curve: quickly to near the old rate, slowly past it, and after a minute as good as without a limit.
 */
export const adaptivePace = (): Pace => {
  let recent: Array<number> = []
  let generation = 0
  let throttledAt = 0
  /** Requests a second when it was throttled. */
  let ceiling = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY

  const rateAt = (now: number): number => {
    if (ceiling === Number.POSITIVE_INFINITY) return ceiling
    const left = (plateauMillis - (now - throttledAt)) / plateauMillis
    return Math.max(slowest, ceiling * (1 - (1 - beta) * left ** 3))
  }

  return {
    readyAt: (now) => last + 1000 / rateAt(now),
    started: (now) => {
      last = now
      recent.push(now)
      // Pruned now and then only: most of the time nobody asks.
      if (recent.length > 1000) recent = recent.filter((at) => now - at < measuredMillis)
    },
    generation: () => generation,
    throttled: (now, sentUnder) => {
      // Many at once are one event: they were all sent before anybody knew.
      if (sentUnder !== generation) return
      const measured = recent.filter((at) => now - at < measuredMillis).length
      ceiling = Math.max(slowest, Math.min(rateAt(now), Math.max(1, measured)))
      throttledAt = now
      generation += 1
    }
  }
}
