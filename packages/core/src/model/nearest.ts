/**
 * The known word that a misspelled one may have meant.
 */

export const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "")

/** Returns the known word that may have been meant: at most a third of it differs. */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  const [best] = Array.from(known, (name) => ({ name, distance: distance(plain(word), plain(name)) }))
    .filter((one) => one.distance <= Math.max(1, Math.floor(one.name.length / 3)))
    .sort((a, b) => a.distance - b.distance)
  return best?.name
}

/** How many letters have to be changed, added, taken away, or swapped with their neighbour. */
const distance = (a: string, b: string): number => {
  if (a.length > 2 * b.length) return Number.POSITIVE_INFINITY
  // Each row: how far the first letters of `a` are from all beginnings of `b`.
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let row = 1; row <= a.length; row += 1) {
    const now = [row]
    rows.push(now)
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      now.push(
        Math.min(
          at(row - 1, column - 1) + (same ? 0 : 1),
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY
        )
      )
    }
  }
  return at(a.length, b.length)
}
