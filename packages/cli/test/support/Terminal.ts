/**
 * The command at a terminal: typed to, and read from, as a person would.
 */
import { spawn } from "@lydell/node-pty"
import * as Effect from "effect/Effect"
import { stripVTControlCharacters } from "node:util"
import { command } from "../../../../test/command/Command.ts"
import type { World } from "./Cli.ts"

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
  /** Waits until something has happened elsewhere. */
  readonly until: (event: Promise<unknown>) => Effect.Effect<void>
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
        spawn(process.execPath, [command(), ...args], {
          name: "xterm-256color",
          cols: columns,
          rows: 40,
          cwd: folder,
          env: { ...environment, ...env }
        })
      ),
      (pty) => Effect.sync(() => (code === undefined ? pty.kill("SIGKILL") : undefined))
    )
    const lookers = new Set<() => void>()
    const lookAgain = () => {
      for (const look of lookers) look()
    }
    pty.onData((text) => {
      written += text
      lookAgain()
    })
    // When that is told, all that was written has been read.
    const ended = new Promise<number>((resolve) =>
      pty.onExit(({ exitCode }) => {
        code = exitCode
        resolve(exitCode)
        lookAgain()
      })
    )
    const plain = () => stripVTControlCharacters(written)
    const wait = (isThere: () => boolean, what: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (isThere()) resolve()
          else if (code === undefined) return
          else reject(new Error(`ended with ${code}, and ${what} was not to be seen:\n${plain()}`))
          lookers.delete(look)
        }
        lookers.add(look)
        look()
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
      until: (event) =>
        Effect.promise(async () => {
          let isOver = false
          void event.then(() => {
            isOver = true
            lookAgain()
          })
          await wait(() => isOver, "what was waited for")
        }),
      ended: Effect.promise(() => ended)
    }
    return terminal
  })
