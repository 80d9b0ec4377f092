/**
 * Compares what is expected with the same parts of what there is, where the rest is of no concern.
 */
import { assert } from "@effect/vitest"

/**
 * Asserts that a value has these parts, at any depth. Lists have to be as long. A regular expression stands for
 * each text that it matches, and a function for each value that it accepts.
 */
export const assertLike = (actual: unknown, expected: unknown, message?: string): void =>
  assert.deepStrictEqual(like(actual, expected), expected, message)

/** Accepts texts in which this one stands. */
export const holding =
  (part: string) =>
  (text: unknown): boolean =>
    typeof text === "string" && text.includes(part)

/** What there is, without the parts that are of no concern. */
const like = (actual: unknown, expected: unknown): unknown => {
  if (expected instanceof RegExp)
    return typeof actual === "string" && expected.test(actual) ? expected : actual
  if (typeof expected === "function") return expected(actual) === true ? expected : actual
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return actual.map((part: unknown, index) =>
      index < expected.length ? like(part, expected[index]) : part
    )
  }
  if (!isRecord(expected) || typeof actual !== "object" || actual === null) return actual
  return Object.fromEntries(
    Object.entries(expected).map(([key, part]) => [key, like(Reflect.get(actual, key), part)])
  )
}

/** Whether a value is written as `{ … }`, and not of a class. */
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
