/**
 * A provider that complains about a signature may quote the keys, the signature, or even the one
 * it would have accepted. None of that may reach an error.
 */

const hidden = "<redacted>"

/** A signature: 40 hexadecimal digits, whoever made it. */
const signatures = /[0-9a-f]{40}/gi

const longest = 500

/** Makes a function that takes the given secrets, and all signatures, out of a text, and shortens it. */
export const makeScrub = (secrets: ReadonlyArray<string>): ((text: string) => string) => {
  const spellings = secrets
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      new URLSearchParams([["", secret]]).toString().slice(1),
      JSON.stringify(secret).slice(1, -1)
    ])
    .filter((spelling) => spelling !== "")
    // Longer ones first: a secret may contain another one.
    .sort((left, right) => right.length - left.length)
  return (text) => {
    const clean = spellings
      .reduce((rest, spelling) => rest.replaceAll(spelling, hidden), text)
      .replace(signatures, hidden)
    return clean.length > longest ? `${clean.slice(0, longest)}…` : clean
  }
}
