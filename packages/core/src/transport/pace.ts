/**
 * When the next request may begin: two algorithms, without clocks or fibers of their own. Times are monotonic
 * milliseconds.
 */

/** The requests begun so far, and the time of the next one. */
export interface Pace {
  /** The earliest time for the next request. A time up to `now` means immediately. */
  readonly readyAt: (now: number) => number
  readonly started: (now: number) => void
  /** The present slowdown. A result of a request from an earlier generation says nothing about this one. */
  readonly generation: () => number
  /** Reports that the provider throttled a request of that generation. */
  readonly throttled: (now: number, generation: number) => void
}

/**
 * At most so many requests in any window of that length. (A token bucket would allow twice as many around the
 * moment when it is full.)
 */
export const slidingWindow = (requests: number, perMillis: number): Pace => {
  // The last starts, in a ring: the one that is overwritten next is the oldest.
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

/** The remaining share of the rate after a throttled request, as in the adaptive mode of AWS's SDKs. */
const beta = 0.7
/** Requests per second, as there: a rate of zero would never detect that the throttling has ended. */
const slowest = 0.5
/**
 * When the old rate is reached again. On AWS's curve this takes longer for a faster rate (RFC 9438); with a
 * fixed time, a limit of one request per second is probed as rarely as one of two hundred.
 */
const plateauMillis = 10_000
/** The period of the measured rate when throttled: the last second. */
const measuredMillis = 1000
/** How many starts are kept at least before old ones are dropped. */
const keptStarts = 1000

/**
 * No limit until the provider throttles. Then the measured rate times 0.7, which grows along a cubic curve:
 * quickly to near the old rate, slowly past it, and after a minute it is practically unlimited.
 */
export const adaptivePace = (): Pace => {
  let recent: Array<number> = []
  let mostRecent = keptStarts
  let generation = 0
  let throttledAt = 0
  /** Requests per second when it was throttled. */
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
      // The list is rarely read. It is pruned when its length has doubled, so that a start costs the same at any
      // rate.
      if (recent.length > mostRecent) {
        recent = recent.filter((at) => now - at < measuredMillis)
        mostRecent = Math.max(keptStarts, 2 * recent.length)
      }
    },
    generation: () => generation,
    throttled: (now, sentUnder) => {
      // Several throttled requests of one generation are one event: they were all sent before the first
      // answer.
      if (sentUnder !== generation) return
      const measured = recent.filter((at) => now - at < measuredMillis).length
      ceiling = Math.max(slowest, Math.min(rateAt(now), Math.max(1, measured)))
      throttledAt = now
      generation += 1
    }
  }
}
