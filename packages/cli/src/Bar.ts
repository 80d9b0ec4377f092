/**
 * A share as a bar: `██████░░░░  60%`.
 */

const cells = 10

/** The width of a bar, in columns of a terminal. */
export const width = cells + 5

/**
 * Returns the bar of a share, from 0 on. A share above 1 is a full bar with its true percentage, up to
 * `>999%`. A bar is full, and shows 100%, only if everything is used.
 */
export const bar = (share: number): string => {
  const filled = share >= 1 ? cells : Math.min(cells - 1, Math.round(share * cells))
  const percent = share >= 1 ? Math.floor(share * 100) : Math.min(99, Math.round(share * 100))
  const text = percent > 999 ? ">999%" : `${percent}%`
  return `${"█".repeat(filled)}${"░".repeat(cells - filled)}${text.padStart(5)}`
}
