/**
 * Which secrets appear in what was said, in whatever spelling.
 */
import type { Said } from "./Recording.ts"

/** A secret in a text. The text is shortened around it, and every secret in it masked. */
export interface Leak {
  readonly test: string
  readonly kind: Said["kind"]
  readonly secret: string
  readonly text: string
}

/** Shorter ones cannot be told from other texts, and nobody uses such keys. */
const shortest = 8

/**
 * Whether finding a value in a text tells that it was the secret. Tests also redact plain words, such as
 * `password`, that are all over the place.
 */
const isTelling = (value: string): boolean => value.length >= shortest && !/^[a-z]{0,15}$/i.test(value)

/** The parameters of a signed request, and of its header, that are keys or as good as keys. */
const secretParts = /(?:^|[&\s,])(?:PublicKey|Signature|SecurityToken|Access)=([^&\s,]+)/g

/** What is secret in a redacted value: the whole, and the keys in it if it is a request. */
const partsOf = (value: string): ReadonlyArray<string> => [
  value,
  ...Array.from(value.matchAll(secretParts), ([, part = ""]) => new URLSearchParams(`=${part}`).get("") ?? "")
]

/** All spellings in which a text may carry a value. */
const spellingsOf = (value: string): ReadonlyArray<string> => {
  const bytes = Buffer.from(value)
  const json = JSON.stringify(value).slice(1, -1)
  return [
    value,
    value.toUpperCase(),
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(value),
    encodeURIComponent(encodeURIComponent(value)),
    new URLSearchParams([["", value]]).toString().slice(1),
    bytes.toString("hex"),
    // In Base64, a text looks different with each remainder of the bytes before it. What its neighbours
    // have a share in is left away.
    ...[0, 1, 2].flatMap((before) =>
      (["base64", "base64url"] as const).map((encoding) =>
        Buffer.concat([Buffer.alloc(before), bytes])
          .toString(encoding)
          .slice(before === 0 ? 0 : before + 1, Math.floor(((before + bytes.length) * 8) / 6))
      )
    )
  ]
}

/**
 * Windows of eight characters are looked up, which is what this hash remembers: each character moves it by
 * three bits, of 24.
 */
const window = 8
const hashAfter = (hash: number, text: string, at: number): number =>
  ((hash << 3) ^ text.charCodeAt(at)) & 0xff_ff_ff

/** How a secret is written where people read of it. */
const mask = (secret: string): string => `<${secret.slice(0, 2)}…, ${secret.length} characters>`

/** What is shown of a text on either side of a secret. */
const context = 80

/** Finds each secret at most once in each text. What is part of a longer leak is not told again. */
export const find = (said: Iterable<Said>, secrets: Iterable<string>): ReadonlyArray<Leak> => {
  /** From the beginnings of spellings to the spellings, and from those to the secret. */
  const spellings = new Map<string, Map<string, string>>()
  /** Which hashes a beginning has: nearly all windows of a text are ruled out by this alone. */
  const begins = new Uint8Array(1 << 24)
  for (const secret of new Set(Array.from(secrets).flatMap(partsOf))) {
    for (const spelling of isTelling(secret) ? spellingsOf(secret) : []) {
      const beginning = spelling.slice(0, window)
      const those = spellings.get(beginning) ?? new Map<string, string>()
      spellings.set(beginning, those.set(spelling, secret))
      begins[Array.from(beginning).reduce((hash, _, at) => hashAfter(hash, beginning, at), 0)] = 1
    }
  }

  const spellingsIn = (text: string): ReadonlyMap<string, string> => {
    const found = new Map<string, string>()
    let hash = 0
    for (let at = 0; at < text.length; at++) {
      hash = hashAfter(hash, text, at)
      if (begins[hash] === 0) continue
      const start = at - window + 1
      for (const [spelling, secret] of spellings.get(text.slice(Math.max(start, 0), at + 1)) ?? []) {
        if (text.startsWith(spelling, start)) found.set(spelling, secret)
      }
    }
    return found
  }

  return Array.from(said).flatMap(({ text, ...where }) => {
    const found = Array.from(spellingsIn(text)).sort(([left], [right]) => right.length - left.length)
    const masked = found.reduce((rest, [spelling, secret]) => rest.replaceAll(spelling, mask(secret)), text)
    return [...new Set(found.map(([, secret]) => mask(secret)))].flatMap((secret): ReadonlyArray<Leak> => {
      const at = masked.indexOf(secret)
      const excerpt = masked.slice(Math.max(at - context, 0), at + secret.length + context)
      return at === -1 ? [] : [{ ...where, secret, text: excerpt }]
    })
  })
}
