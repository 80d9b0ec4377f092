/**
 * Reads parameters, and refuses what is out of its range in the words of the service that reads.
 */
import * as Result from "effect/Result"
import type { Refusal } from "./refusal.ts"

/** One service's way to read parameters. What is absent is `undefined`, or the fallback. */
export interface Parameters {
  readonly whole: (
    text: string | undefined,
    name: string,
    smallest: number,
    largest: number,
    fallback: number
  ) => Result.Result<number, Refusal>
  /** One of the vendor's words. */
  readonly word: <Word extends string>(
    text: string | undefined,
    name: string,
    words: ReadonlyArray<Word>
  ) => Result.Result<Word | undefined, Refusal>
  /** Some of the vendor's words, with commas between them. */
  readonly words: <Word extends string>(
    text: string | undefined,
    name: string,
    words: ReadonlyArray<Word>
  ) => Result.Result<ReadonlyArray<Word> | undefined, Refusal>
  /** Whatever `parse` makes of the text; `form` tells what it should have been. */
  readonly parsed: <A>(
    text: string | undefined,
    name: string,
    parse: (text: string) => A | undefined,
    form: string
  ) => Result.Result<A | undefined, Refusal>
}

/** Makes the readers of a service that refuses like this. */
export const makeParameters = (invalid: (detail: string) => Refusal): Parameters => {
  const readers: Parameters = {
    whole: (text, name, smallest, largest, fallback) => {
      if (text === undefined) return Result.succeed(fallback)
      const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
      return value >= smallest && value <= largest
        ? Result.succeed(value)
        : Result.fail(invalid(`${name} must be a whole number from ${smallest} to ${largest}`))
    },
    word: (text, name, words) =>
      readers.parsed(text, name, (value) => words.find((word) => word === value), words.join(" or ")),
    words: (text, name, words) =>
      readers.parsed(
        text,
        name,
        (value) => {
          const found = value.split(",").map((part) => words.find((word) => word === part))
          return found.every((word) => word !== undefined) ? found : undefined
        },
        `some of ${words.join(",")}`
      ),
    parsed: (text, name, parse, form) => {
      if (text === undefined) return Result.succeed(undefined)
      const value = parse(text)
      return value === undefined ? Result.fail(invalid(`${name} must be ${form}`)) : Result.succeed(value)
    }
  }
  return readers
}
