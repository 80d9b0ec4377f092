/** Colours, for terminals only: files and pipes get none, unless the user forces them. */
import { styleText } from "node:util"

/** Marks text. Without colours it returns the text unchanged. */
export interface Painter {
  readonly isOn: boolean
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
}

/**
 * Whether a stream gets colours: `NO_COLOR` switches them off, `FORCE_COLOR` switches them on without a
 * terminal, and a dumb terminal has none. Empty variables count as not set.
 */
export const isWanted = (
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>> = process.env
): boolean => {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: term } = env
  if (refused || term === "dumb") return false
  return isTerminal || (Boolean(forced) && forced !== "0" && forced?.toLowerCase() !== "false")
}

/** Makes a painter, with or without colours. */
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

/** Makes the painter for a stream of this process. */
export const painterOf = (stream: { readonly isTTY?: boolean | undefined }): Painter =>
  painter(isWanted(stream.isTTY === true))
