/**
 * Names that people and providers give: what can be one.
 */

/** Text of a name or of a user's id. No provider documents a limit, so what is longer is theirs to refuse. */
export const isName = (text: unknown): text is string =>
  typeof text === "string" && /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,256}$/u.test(text) && text.trim() === text

export const nameRule = "1 to 256 characters without control characters or outer spaces"
