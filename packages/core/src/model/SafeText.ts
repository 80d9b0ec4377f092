/**
 * Makes foreign text safe to show. Names and messages come from anywhere. In a terminal, a log or a file,
 * they must not control it, forge a line of it, or look like something else.
 *
 * All output of this library goes through here.
 */

/**
 * Control characters, line separators, characters that change the direction of writing, and characters
 * without width. Selectors of a glyph's form are kept. So are joiners in an emoji or in a script that joins
 * its letters.
 */
const misleading =
  /(?![\ufe00-\ufe0f\u{e0100}-\u{e01ef}\u200c\u200d])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]|(?<![\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}])[\u200c\u200d]/gu

/**
 * The same, except for the control characters that JSON escapes in its strings, and has between its values.
 */
const misleadingInJson = new RegExp(`(?![\\0-\\x1f])(?:${misleading.source})`, "gu")

const short: Readonly<Record<string, string>> = {
  "\n": String.raw`\n`,
  "\r": String.raw`\r`,
  "\t": String.raw`\t`
}

const escape = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`
  ).join("")

/**
 * Returns the text on one line, with an escape in the place of every character that could mislead.
 *
 * @example
 * import { SafeText } from "@cloud-quota/core"
 *
 * SafeText.visible("done\nmoney: it was moved\u202e") // => "done\\nmoney: it was moved\\u202e"
 */
export const visible = (text: string): string =>
  text.replace(misleading, (character) => short[character] ?? escape(character))

/** The same for a text of several lines, such as a CSV file: its line breaks and tabs are kept. */
export const document = (text: string): string =>
  text.replace(misleading, (character) => (Object.hasOwn(short, character) ? character : escape(character)))

/** Returns JSON with the same value, in which such characters are escaped. */
export const json = (text: string): string => text.replace(misleadingInJson, escape)
