/**
 * Listings of the Promise API.
 */
import type { Listing } from "./api.ts"

/** Makes a listing. Every iteration starts a new walk. */
export const listing = <A>(walk: () => AsyncIterator<A, undefined>): Listing<A> => {
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
