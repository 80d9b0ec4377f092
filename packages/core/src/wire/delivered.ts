/**
 * The remembered delivered rows of a listing, in its order. Rows are identified by keys; rows with equal keys are
 * only counted.
 */
export interface Delivered {
  /**
   * Finds the place where a page continues the delivered rows: after its last known row with a unique key. The
   * beginning of the listing counts as such a row while no row was forgotten. Absent if there is none: then rows
   * may be missing between.
   */
  readonly placeOf: (offset: number, page: ReadonlyArray<string>) => Place | undefined
  /** Adds the rows after that place, and returns the indices of the new ones. */
  readonly add: (page: ReadonlyArray<string>, place: Place) => ReadonlyArray<number>
  /**
   * Returns the index from which a page has to be read again, so that the next one can be placed: at least this
   * many rows up to the last one with a unique key.
   */
  readonly overlap: (page: ReadonlyArray<string>, least: number) => number
}

/** A row on a page, and the same row among the delivered ones; -1 and -1 for the beginning. */
export interface Place {
  readonly onPage: number
  readonly delivered: number
}

const mostKeys = 10_000

/** A row whose key is not unique may still be identified by the rows before it. */
const markLengths = [1, 2, 3, 4]

export const makeDelivered = (): Delivered => {
  let order: ReadonlyArray<string> = []
  const counts = new Map<string, number>()
  let complete = true

  const count = (key: string, change: 1 | -1) => {
    const now = (counts.get(key) ?? 0) + change
    if (now === 0) counts.delete(key)
    else counts.set(key, now)
  }

  /** The last row of the page that ends a stretch of this many rows, unique both here and among the delivered rows. */
  const lastMark = (page: ReadonlyArray<string>, length: number): Place | undefined => {
    const here = stretches(page, length)
    if (length === 1) {
      const onPage = page.findLastIndex((key) => counts.get(key) === 1 && here.get(key)?.length === 1)
      return onPage < 0 ? undefined : { onPage, delivered: order.lastIndexOf(page[onPage] ?? "") }
    }
    const there = stretches(order, length)
    let last: Place | undefined
    for (const [stretch, [onPage, ...others]] of here) {
      const [delivered, ...more] = there.get(stretch) ?? []
      if (onPage === undefined || delivered === undefined || others.length + more.length > 0) continue
      if (last === undefined || onPage > last.onPage) last = { onPage, delivered }
    }
    return last
  }

  return {
    placeOf: (offset, page) => {
      for (const length of markLengths) {
        const mark = lastMark(page, length)
        if (mark !== undefined) return mark
      }
      return offset === 0 && complete ? { onPage: -1, delivered: -1 } : undefined
    },
    add: (page, { delivered, onPage }) => {
      const behind = page.slice(onPage + 1)
      // Rows that were delivered after this place before: that many of these keys are not new.
      const left = [...order.slice(delivered + 1)]
      const fresh = behind.flatMap((key, index) => {
        const known = counts.has(key) ? left.indexOf(key) : -1
        if (known >= 0) left.splice(known, 1)
        return known >= 0 ? [] : [onPage + 1 + index]
      })
      for (const index of fresh) count(page[index] ?? "", 1)
      // Known rows that were not on the page may still follow: they stay last, and are forgotten last.
      const all = [...order.slice(0, delivered + 1), ...behind, ...left]
      const excess = Math.max(0, all.length - mostKeys)
      for (const key of all.slice(0, excess)) count(key, -1)
      order = all.slice(excess)
      complete &&= excess === 0
      return fresh
    },
    overlap: (page, least) => {
      for (const length of markLengths) {
        const from = (lastMark(page, length)?.onPage ?? 0) - (Math.max(length, least) - 1)
        if (from > 0) return from
      }
      return 0
    }
  }
}

/** Maps each stretch of this many keys to its end. */
const stretches = (
  keys: ReadonlyArray<string>,
  length: number
): ReadonlyMap<string, ReadonlyArray<number>> => {
  const ends = new Map<string, Array<number>>()
  for (let end = length - 1; end < keys.length; end++) {
    const stretch = length === 1 ? (keys[end] ?? "") : JSON.stringify(keys.slice(end - length + 1, end + 1))
    const known = ends.get(stretch)
    if (known === undefined) ends.set(stretch, [end])
    else known.push(end)
  }
  return ends
}
