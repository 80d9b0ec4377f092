/**
 * A provider that rejects a signature may quote the keys, the signature, or even the signature it expected.
 * None of these may reach an error.
 */

const hidden = "<redacted>"

/** Any signature: 40 hexadecimal digits. */
const signature = "[0-9a-fA-F]{40}"

const longest = 500

/** Makes a function that removes the given secrets, and all signatures, from a text, and shortens it. */
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
  // All in one pass: separate passes would search for secrets in the placeholder of a hidden one.
  const literal = (spelling: string) => spelling.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  const hide = new RegExp([...spellings.map(literal), signature].join("|"), "g")
  return (text) => {
    const clean = text.replace(hide, hidden)
    return clean.length > longest ? `${clean.slice(0, longest)}…` : clean
  }
}
