/**
 * The command at a terminal: typed to, and read from, as a person would.
 */
import { spawn } from "@lydell/node-pty"
import * as Effect from "effect/Effect"
import { stripVTControlCharacters } from "node:util"
import { vi } from "vitest"
import { main, type World } from "./Cli.ts"

/** How the terminal is. */
export interface Options {
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
}

/** A terminal with the command in it. */
export interface Terminal {
  /** Everything that was written, with what steers the terminal. */
  readonly written: () => string
  /** The same as lines of text. What was drawn over is still in it. */
  readonly lines: () => ReadonlyArray<string>
  /** Waits until a text stands there that did not before the last keys were typed. */
  readonly see: (text: string) => Effect.Effect<void>
  readonly type: (keys: string) => Effect.Effect<void>
  /** The exit code. */
  readonly ended: Effect.Effect<number>
}

export const ctrlC = "\u0003"
export const enter = "\r"

/** Starts the command at a terminal. It is gone when the scope closes. */
export const open = (
  { environment, folder }: World,
  args: ReadonlyArray<string>,
  { columns = 100, env = {} }: Options = {}
) =>
  Effect.gen(function* () {
    let written = ""
    let seen = 0
    let code: number | undefined
    const pty = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, ["--conditions=@cloud-quota/source", main, ...args], {
          name: "xterm-256color",
          cols: columns,
          rows: 40,
          cwd: folder,
          env: { ...environment, NODE_OPTIONS: process.env["NODE_OPTIONS"] ?? "", ...env }
        })
      ),
      (pty) => Effect.sync(() => (code === undefined ? pty.kill("SIGKILL") : undefined))
    )
    pty.onData((text) => {
      written += text
    })
    const ended = new Promise<number>((resolve) =>
      pty.onExit(({ exitCode }) => {
        code = exitCode
        resolve(exitCode)
      })
    )
    const plain = () => stripVTControlCharacters(written)
    const wait = (condition: () => boolean, what: string) =>
      vi.waitUntil(condition, { timeout: 120_000, interval: 10 }).catch(() => {
        throw new Error(`${what} is not to be seen:\n${plain()}`)
      })
    const terminal: Terminal = {
      written: () => written,
      lines: () => plain().split(/[\r\n]+/),
      see: (text) => Effect.promise(() => wait(() => plain().indexOf(text, seen) !== -1, text)),
      type: (keys) =>
        Effect.sync(() => {
          seen = plain().length
          pty.write(keys)
        }),
      ended: Effect.promise(() => ended)
    }
    return terminal
  })
