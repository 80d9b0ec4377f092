/**
 * Invented numbers and names: the same ones for the same key, in whatever order they are asked for.
 */
import { createHash } from "node:crypto"

/** A whole number from 0 to `below - 1` that depends on nothing but the key. `below` is at most 2^32. */
export const draw = (key: string, below: number): number =>
  createHash("sha256").update(key).digest().readUInt32BE(0) % below

/** One of a list that is not empty. */
export const pick = <A>(key: string, from: readonly [A, ...ReadonlyArray<A>]): A =>
  from[draw(key, from.length)] ?? from[0]

/** Thirty-two hexadecimal digits, as the vendor's ids have. */
export const inventId = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 32)
