/**
 * Questions to the user. They are written to stderr, because stdout is for data alone, and answered by lines
 * of stdin: typed, or from a pipe.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as readline from "node:readline"
import { ExitCode, Exited, Failed, Usage } from "./Failure.ts"
import * as Text from "./Text.ts"

/** Whether a user is present to answer. */
export const isPossible = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true

/** Asks, and returns the answer without surrounding spaces. */
export type Ask = (question: string) => Effect.Effect<string, Failed>

/** Opens stdin for answers. Ctrl-C at a question ends the command as usual. */
export const open: Effect.Effect<Ask, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const terminal = isPossible()
      const lines = readline.createInterface({ input: process.stdin, output: process.stderr, terminal })
      const answers: Array<string> = []
      const state = { answers, ended: false, wake: () => {} }
      lines.on("line", (line) => {
        answers.push(line)
        state.wake()
      })
      lines.on("close", () => {
        state.ended = true
        state.wake()
      })
      // On a terminal, readline receives each key, so Ctrl-C would not become a signal.
      lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"))
      return { lines, state, terminal }
    }),
    ({ lines }) => Effect.sync(() => lines.close())
  ),
  ({ lines, state, terminal }) =>
    (question) =>
      Effect.callback<string, Failed>((resume) => {
        lines.setPrompt(`${Text.lines(question)} `)
        lines.prompt()
        state.wake = () => {
          const answer = state.answers.shift()
          if (answer === undefined && !state.ended) return
          state.wake = () => {}
          if (!terminal) process.stderr.write(`${Text.oneLine(answer ?? "")}\n`)
          if (answer !== undefined) return resume(Effect.succeed(answer.trim()))
          const message = "the question was not answered, since the input has ended: nothing was done"
          resume(Effect.fail(new Failed({ message })))
        }
        state.wake()
      })
)

/** The value of `--yes`: consent in advance. */
export interface Given {
  readonly yes: boolean
}

/** Refuses to start if no user can be asked and consent was not given in advance. */
export const possibly = ({ yes }: Given, instead: string): Effect.Effect<void, Usage> =>
  yes || isPossible()
    ? Effect.void
    : Effect.fail(new Usage({ message: `there is no terminal to ask on: give --yes to go ahead${instead}` }))

/**
 * Asks for a yes, unless consent was given in advance. Any other answer ends the command with exit code 1.
 */
export const confirm = ({ yes }: Given, question: string): Effect.Effect<void, Failed | Exited> =>
  yes
    ? Effect.void
    : Effect.gen(function* () {
        const ask = yield* open
        if (isYes(yield* ask(`${question} [y/N]`))) return
        yield* Effect.logInfo("nothing was changed")
        return yield* new Exited({ code: ExitCode.failed })
      }).pipe(Effect.scoped)

/** Whether an answer is a yes. */
export const isYes = (answer: string): boolean => /^y(es)?$/i.test(answer)
