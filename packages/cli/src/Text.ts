/**
 * Foreign text on a terminal: names and messages may come from anywhere, and must neither control the
 * terminal nor break a table.
 */
import * as SafeText from "@cloud-quota/core/SafeText"
import stringWidth from "string-width"

/** The text on one line, without characters that control a terminal. */
export const oneLine = SafeText.visible

/** The text with its line breaks, without other characters that control a terminal. */
export const lines = (text: string): string => text.split("\n").map(oneLine).join("\n")

/** Returns the width of the text in columns of a terminal: two for a Chinese character. */
export const width = (text: string): number => stringWidth(text)

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** Returns the text if it fits the width, or else its beginning and `…`. */
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
