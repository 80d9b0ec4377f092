/**
 * Colours, for terminals alone: what goes into a file or a pipe has none, unless somebody forces them.
 */
import { styleText } from "node:util"

/** Marks text. Without colours it gives the text as it is. */
export interface Painter {
  readonly isOn: boolean
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
}

/**
 * Whether a stream is to have colours: `NO_COLOR` says no to all, `FORCE_COLOR` says yes where there is no
 * terminal, and a dumb terminal has none. Variables that are empty count as not set.
 */
export const isWanted = (
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>> = process.env
): boolean => {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: term } = env
  if (refused || term === "dumb") return false
  return isTerminal || (Boolean(forced) && forced !== "0" && forced?.toLowerCase() !== "false")
}

/** Marks text, or leaves it alone. */
export const painter = (isOn: boolean): Painter => {
  const style = (format: "bold" | "dim" | "red" | "green" | "yellow") => (text: string) =>
    isOn && text !== "" ? styleText(format, text, { validateStream: false }) : text
  return {
    isOn,
    bold: style("bold"),
    dim: style("dim"),
    red: style("red"),
    green: style("green"),
    yellow: style("yellow")
  }
}

/** For what goes to a stream of this process. */
export const painterOf = (stream: { readonly isTTY?: boolean | undefined }): Painter =>
  painter(isWanted(stream.isTTY === true))
