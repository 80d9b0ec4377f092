/**
 * Other people's text on a terminal: names and messages come from anywhere, and must neither steer the
 * terminal nor break a table.
 */
import * as SafeText from "@cloud-quota/core/SafeText"
import stringWidth from "string-width"

/** The text on one line, with nothing in it that a terminal would obey. */
export const oneLine = SafeText.visible

/** The text with its own lines, with nothing else in it that a terminal would obey. */
export const lines = (text: string): string => text.split("\n").map(oneLine).join("\n")

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
