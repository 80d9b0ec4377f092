/**
 * The normal form of the names of runs and persons. Pure. Names that look alike count as one name: otherwise
 * a run would pay again under another spelling, or another person would be paid.
 *
 * A name is NFC. It has no invisible characters, no blank but U+0020 and none at its ends, and no word that
 * mixes Latin letters with Cyrillic or Greek ones. Full-width letters and digits are written as plain ones.
 * Case is significant, and so is punctuation, which looks different.
 */

/** Cyrillic and Greek letters that look like Latin ones, each followed by the Latin one. */
const pairs =
  "аaеeоoрpсcуyхxіiјjѕsһhԁdԛqԝwӏlгrкkАAВBЕEКKМMНHОOРPСCТTУYХXІIЈJЅSԌGԚQԜWѵvЅS" +
  "οoαaνvρpυuιiκkγyχxΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXϲcϳj"

const latin: ReadonlyMap<string, string> = new Map(
  Array.from(pairs.matchAll(/(.)(.)/gu), ([, other = "", plain = ""]) => [other, plain])
)

const word = /[\p{L}\p{M}\p{N}]+/gu
const isLatin = /\p{Script=Latin}/u
const isOther = /[\p{Script=Cyrillic}\p{Script=Greek}]/u

/** Invisible characters, and those that no font has to show. U+2800 is a Braille pattern without dots. */
const invisible = /[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu
const invisibleOrMark = /[\p{C}\p{M}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u

/** The hyphens that look like the one on a keyboard. Dashes are longer. */
const hyphens = /[\u2010\u2011\u2212\ufe63]/gu

/** Returns the plain form of a letter or digit, such as a full-width one. */
const plainLetters = (char: string): string => {
  const plain = char.normalize("NFKC")
  return /^[A-Za-z0-9]+$/.test(plain) ? plain : char
}

/** Full-width characters, except for the punctuation of Chinese texts. */
const fullWidth = /[\uff02-\uff07\uff0a\uff0b\uff0d-\uff0f\uff1c-\uff1e\uff20\uff3b-\uff40\uff5b-\uff5d]/gu

const inLatin = (text: string): string => Array.from(text, (char) => latin.get(char) ?? char).join("")

const mixes = (one: string): boolean => isLatin.test(one) && isOther.test(one)

/** Returns the spelling that a name should have: its own if it is in the normal form. */
export const suggested = (name: string): string =>
  name
    .normalize("NFC")
    .replaceAll(/[\p{Z}\t\n\v\f\r\u0085]/gu, " ")
    .replaceAll(invisible, "")
    .replaceAll(hyphens, "-")
    .replaceAll(fullWidth, (char) => char.normalize("NFKC"))
    .replaceAll(/[\p{L}\p{Nd}]/gu, plainLetters)
    .replaceAll(word, (one) => (mixes(one) ? inLatin(one) : one))
    .normalize("NFC")
    .trim()

/**
 * Returns a key that is equal for names that look alike: those with the same suggested form, and those that
 * differ in whole words of look-alike letters, such as Cyrillic ones. Such a word is valid by itself.
 */
export const key = (name: string): string =>
  suggested(name).replaceAll(word, (one) => {
    const plain = inLatin(one)
    return isOther.test(plain) ? one : plain
  })

/** Returns why a text cannot be a name, with the spelling to use. `undefined` if it can. */
export const problem = (text: unknown, longest = 200): string | undefined => {
  const rule = `give a name of 1 to ${longest} characters`
  if (typeof text !== "string") return `${rule}, as text`
  const better = suggested(text)
  if (better === "" || Array.from(text).length > longest) return rule
  if (better !== text) {
    return `${visible(text)} holds characters that look like others or like nothing: write ${JSON.stringify(better)}`
  }
  const mixed = text.match(word)?.find(mixes)
  return mixed === undefined
    ? undefined
    : `${visible(text)} mixes alphabets in the word ${visible(mixed)}: write each word in one alphabet`
}

/** Returns the name in quotes, with code points for the characters that cannot be distinguished. */
export const visible = (text: string): string => {
  const shown = Array.from(text.slice(0, 200).matchAll(/[\p{L}\p{M}\p{N}]+|./gsu), ([part]) =>
    Array.from(part, (char) =>
      char !== " " &&
      (invisibleOrMark.test(char) ||
        suggested(char) !== char ||
        (isOther.test(char) && (mixes(part) || key(part) !== part)))
        ? `\\u{${char.codePointAt(0)?.toString(16)}}`
        : char
    ).join("")
  )
  return `"${shown.join("").replaceAll('"', '\\"')}"`
}
