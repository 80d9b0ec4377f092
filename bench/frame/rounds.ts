/** Rounds of several variants, one after the other, in one process. */
import { Effect } from "effect"

/** Runs this many calls. */
export type Variant = (calls: number) => Promise<unknown>

/** Microseconds per call, by round. */
export interface Samples {
  readonly wall: Array<number>
  /** User and system time of this process, all threads. */
  readonly cpu: Array<number>
}

export interface Rounds {
  readonly rounds: number
  /** CPU time of one variant in one round, about. */
  readonly ms: number
  /** Whether to collect garbage before each variant, for variants that make much of it. */
  readonly collect?: true
}

interface Sample {
  readonly wall: number
  readonly cpu: number
}

/** Runs a variant, and returns the microseconds of all its calls. */
const take = async (variant: Variant, calls: number): Promise<Sample> => {
  const before = process.cpuUsage()
  const began = performance.now()
  await variant(calls)
  const { system, user } = process.cpuUsage(before)
  return { wall: (performance.now() - began) * 1000, cpu: user + system }
}

/** Warms a variant up, and returns the number of its calls in one round. */
const callsFor = async (variant: Variant, ms: number): Promise<number> => {
  let calls = 1
  for (let warm = 0; warm < 5; ) {
    const { cpu } = await take(variant, calls)
    if (cpu >= 500 * ms) warm += 1
    calls = Math.max(1, Math.ceil(calls * Math.min(8, (1000 * ms) / Math.max(1, cpu))))
  }
  return calls
}

/**
 * Runs all variants in each round, every other round in reverse order, so that a drift of the machine meets all
 * of them. Returns the samples by name.
 */
export const interleave = async <Variants extends Readonly<Record<string, Variant>>>(
  variants: Variants,
  { collect, ms, rounds }: Rounds
): Promise<(name: keyof Variants & string) => Samples> => {
  const all: Array<{ name: string; variant: Variant; calls: number; samples: Samples }> = []
  for (const [name, variant] of Object.entries(variants)) {
    const calls = await callsFor(variant, ms)
    all.push({ name, variant, calls, samples: { wall: [], cpu: [] } })
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { calls, samples, variant } of round % 2 === 0 ? all : all.toReversed()) {
      if (collect === true) globalThis.gc?.()
      const { cpu, wall } = await take(variant, calls)
      samples.wall.push(wall / calls)
      samples.cpu.push(cpu / calls)
    }
  }
  const byName = new Map(all.map(({ name, samples }) => [name, samples]))
  return (name) => byName.get(name) ?? { wall: [], cpu: [] }
}

/** A variant that runs a function again and again. */
export const busy =
  (run: () => unknown): Variant =>
  async (calls) => {
    for (let call = 0; call < calls; call += 1) run()
  }

/** A variant that waits for each call. */
export const inTurn =
  (run: () => Promise<unknown>): Variant =>
  async (calls) => {
    for (let call = 0; call < calls; call += 1) await run()
  }

/** A variant with this many loops at once, each of which waits for its own calls. */
export const loops =
  (run: () => Promise<unknown>, width: number): Variant =>
  async (calls) => {
    let left = calls
    const loop = async () => {
      while (left > 0) {
        left -= 1
        await run()
      }
    }
    await Promise.all(Array.from({ length: width }, loop))
  }

/** The same, with loops that are fibers. */
export const fiberLoops =
  (run: Effect.Effect<unknown, unknown>, width: number): Variant =>
  (calls) =>
    Effect.runPromise(
      Effect.suspend(() => {
        let left = calls
        const loop = Effect.gen(function* () {
          while (left > 0) {
            left -= 1
            yield* run
          }
        })
        const all = Array.from({ length: width }, () => loop)
        return Effect.all(all, { concurrency: "unbounded", discard: true })
      })
    )
