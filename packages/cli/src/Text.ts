/**
 * Other people's text on a terminal: names and messages come from anywhere, and must neither steer the
 * terminal nor break a table.
 */
import stringWidth from "string-width"

/** What moves the cursor, clears the screen, or turns the direction of writing around. */
const control = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The text on one line, with nothing in it that a terminal would obey. */
export const oneLine = (text: string): string =>
  text.replace(/\r\n|[\r\n\t]/g, " ").replace(control, "\ufffd")

/** The text with its lines, with nothing else in it that a terminal would obey. */
export const lines = (text: string): string =>
  text
    .replace(/\r\n?/g, "\n")
    .split("\n")
    .map((line) => oneLine(line))
    .join("\n")

/** How many columns of a terminal the text takes: two for a Chinese character. */
export const width = (text: string): number => stringWidth(text)

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** The text if it fits into so many columns, or else its beginning and `…`. */
export const truncate = (text: string, columns: number): string => {
  if (width(text) <= columns) return text
  let used = 1
  let kept = ""
  for (const { segment } of graphemes.segment(text)) {
    used += width(segment)
    if (used > columns) break
    kept += segment
  }
  return `${kept}…`
}
