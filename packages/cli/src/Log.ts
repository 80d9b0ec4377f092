/** Messages of the command, besides its data: notes, warnings and errors, all on stderr. */
import * as SafeText from "@cloud-quota/core/SafeText"
import * as Cause from "effect/Cause"
import type * as Layer from "effect/Layer"
import type * as LogLevel from "effect/LogLevel"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import { inspect } from "node:util"
import * as Colour from "./Colour.ts"
import * as Progress from "./Progress.ts"
import * as Text from "./Text.ts"

/** The style of messages. */
export interface Style {
  /** `json`: one JSON object per line, with all details. */
  readonly format: "text" | "json"
  /** Whether text messages include causes. */
  readonly verbose: boolean
}

/**
 * Returns the style requested by the arguments. It is read before parsing, because errors about the arguments
 * must use this style too.
 */
export const styleOf = (args: ReadonlyArray<string>): Style => {
  const end = args.indexOf("--")
  const flags = end === -1 ? args : args.slice(0, end)
  const isJson = flags.some(
    (flag, index) => flag === "--log-format=json" || (flag === "--log-format" && flags[index + 1] === "json")
  )
  return { format: isJson ? "json" : "text", verbose: flags.includes("--verbose") }
}

/** Sends all logs below it to stderr. */
export const layer = (style: Style): Layer.Layer<never> =>
  Logger.layer([style.format === "json" ? json : text(style.verbose)])

// Erases the progress bar first. It is drawn again with the next step.
const write = (line: string): void => void process.stderr.write(`${Progress.clearing()}${line}\n`)

const json = Logger.make<unknown, void>(({ cause, date, fiber, logLevel, message }) => {
  const why = cause.reasons.length === 0 ? {} : { cause: Cause.pretty(cause) }
  const annotations = fiber.getRef(References.CurrentLogAnnotations)
  const line = {
    time: date.toISOString(),
    level: logLevel.toLowerCase(),
    message: messageOf(message),
    ...annotations,
    ...why
  }
  write(SafeText.json(JSON.stringify(line)))
})

const text = (verbose: boolean) => {
  const paint = Colour.painterOf(process.stderr)
  const prefixes: Partial<Record<LogLevel.LogLevel, string>> = {
    Fatal: paint.red("error: "),
    Error: paint.red("error: "),
    Warn: paint.yellow("warning: "),
    Debug: paint.dim("debug: "),
    Trace: paint.dim("trace: ")
  }
  return Logger.make<unknown, void>(({ cause, logLevel, message }) => {
    // Every line is marked, so that the text of a cause cannot be mistaken for a message of this command.
    const why =
      verbose && cause.reasons.length > 0 ? `\n${Cause.pretty(cause)}`.replaceAll("\n", "\n  | ") : ""
    write(`${prefixes[logLevel] ?? ""}${Text.lines(`${messageOf(message)}${why}`)}`)
  })
}

const messageOf = (message: unknown): string => {
  const parts: ReadonlyArray<unknown> = Array.isArray(message) ? message : [message]
  return parts.map(textOf).join(" ")
}

/** Converts any value to text. An object without a text of its own is inspected. */
export const textOf = (part: unknown): string => {
  if (part instanceof Error) return part.message
  return typeof part === "object" ? inspect(part) : String(part)
}
