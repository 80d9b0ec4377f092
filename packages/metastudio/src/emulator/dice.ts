/** Invented numbers and names: the same for the same key, in any order of calls. */
import { createHash } from "node:crypto"

/** A whole number from 0 to `below - 1` that depends on the key only. `below` is at most 2^32. */
export const draw = (key: string, below: number): number =>
  createHash("sha256").update(key).digest().readUInt32BE(0) % below

/** One element of a non-empty list. */
export const pick = <A>(key: string, from: readonly [A, ...ReadonlyArray<A>]): A =>
  from[draw(key, from.length)] ?? from[0]

/** Thirty-two hexadecimal digits, as in the vendor's ids. */
export const inventId = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 32)
