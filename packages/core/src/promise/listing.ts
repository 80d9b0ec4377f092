/**
 * Listings of the Promise API.
 */
import type { Listing } from "./api.ts"

/** Every walk asks anew. */
export const listing = <A>(walk: () => AsyncIterator<A, undefined>): Listing<A> => {
  const rows = { [Symbol.asyncIterator]: walk }
  const toArray = async () => {
    const all: Array<A> = []
    for await (const row of rows) all.push(row)
    return all
  }
  return { ...rows, toArray }
}

/** The rows of several listings, one listing after the other. */
export const oneByOne = <A>(listings: ReadonlyArray<Listing<A>>): Listing<A> =>
  listing(async function* () {
    for (const rows of listings) yield* rows
    return undefined
  })
