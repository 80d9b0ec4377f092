/**
 * Listings of the Promise API.
 */
import type { Listing } from "./api.ts"

export const done = { done: true, value: undefined } as const

/** Makes a listing. Every iteration starts a new walk. */
const listing = <A>(walk: () => AsyncIterator<A, undefined>): Listing<A> => {
  const rows = { [Symbol.asyncIterator]: walk }
  const toArray = async () => {
    const all: Array<A> = []
    for await (const row of rows) all.push(row)
    return all
  }
  return { ...rows, toArray }
}

/** Concatenates the rows of several listings. */
export const oneByOne = <A>(listings: ReadonlyArray<Listing<A>>): Listing<A> =>
  listing(async function* () {
    for (const rows of listings) yield* rows
    return undefined
  })

/** Makes the `next` of an iterator from chunks of rows. Only a new chunk is waited for. */
export const rowsOf = <A>(
  nextChunk: () => Promise<ReadonlyArray<A> | undefined>
): (() => Promise<IteratorResult<A, undefined>>) => {
  let rows: Iterator<A> = [][Symbol.iterator]()
  /** How many calls wait for a chunk. They take their rows in their order. */
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  const take = async (): Promise<IteratorResult<A, undefined>> => {
    for (;;) {
      const row = rows.next()
      if (row.done !== true) return row
      const chunk = await nextChunk()
      if (chunk === undefined) return done
      rows = chunk[Symbol.iterator]()
    }
  }

  return () => {
    const row = waiting === 0 ? rows.next() : done
    if (row.done !== true) return Promise.resolve(row)
    waiting += 1
    const taken = last.then(take, take).finally(() => {
      waiting -= 1
    })
    last = taken
    return taken
  }
}
