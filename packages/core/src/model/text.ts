/**
 * Names of people and providers: their valid forms.
 */

/** Text of a name or of a user's id. No provider documents a limit: a longer text is the provider's to refuse. */
export const isName = (text: unknown): text is string =>
  typeof text === "string" && /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,256}$/u.test(text) && text.trim() === text

export const nameRule = "1 to 256 characters without control characters or outer spaces"
