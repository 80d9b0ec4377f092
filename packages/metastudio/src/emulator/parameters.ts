/** Reads parameters, and refuses values out of range in the words of the service. */
import * as Result from "effect/Result"
import type { Refusal } from "./refusal.ts"

/** The parameter readers of one service. An absent value is `undefined`, or the fallback. */
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
  /** Several of the vendor's words, separated by commas. */
  readonly words: <Word extends string>(
    text: string | undefined,
    name: string,
    words: ReadonlyArray<Word>
  ) => Result.Result<ReadonlyArray<Word> | undefined, Refusal>
  /** The result of `parse`. `form` describes the expected text. */
  readonly parsed: <A>(
    text: string | undefined,
    name: string,
    parse: (text: string) => A | undefined,
    form: string
  ) => Result.Result<A | undefined, Refusal>
}

/** Makes the readers of a service with this refusal. */
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
