/** Progress of long work: a bar on a terminal, and a line every few seconds elsewhere. All on stderr. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Bar from "./Bar.ts"
import * as Flags from "./Flags.ts"
import * as Text from "./Text.ts"

/** Work in progress. */
export interface Progress {
  /** Sets the number of finished steps. */
  readonly reach: (done: number) => Effect.Effect<void>
  /** Shows a wait with its remaining time. The message has its reason. */
  readonly wait: (message: string, remaining: Duration.Duration) => Effect.Effect<void>
}

/** Minimum time between lines that are not erased, in milliseconds. */
const lineEvery = 5_000

const erase = "\r\u001b[K"

/** Whether the last line of the terminal shows a bar. */
let isShown = false

/** Returns the text that must precede any other output: it erases the bar, or is empty without one. */
export const clearing = (): string => (isShown ? erase : "")

const draw = (line: string): void => {
  isShown = true
  process.stderr.write(`${erase}${line}\r`)
}

/** Starts to show progress. It ends with the scope. */
export const make = Effect.fnUntraced(function* (label: string, total: number | undefined) {
  const isAnimated =
    process.stderr.isTTY === true &&
    process.env["TERM"] !== "dumb" &&
    !process.env["CI"] &&
    (yield* Flags.LogFormat) === "text"
  const startedAt = yield* Clock.currentTimeMillis
  let done = 0
  let saidAt = startedAt
  let isWaiting = false

  const far = (now: number): string => {
    if (total === undefined) return `${done} done`
    const seconds = (now - startedAt) / 1000
    const rate = done === 0 || seconds === 0 ? undefined : done / seconds
    const left = rate === undefined ? "" : `, ${clockText((total - done) / rate)} left`
    return `${done} of ${total}${rate === undefined ? "" : `, ${rate.toPrecision(2)}/s`}${left}`
  }
  const show = (now: number) => {
    const bar = total === undefined || total === 0 ? "" : `${Bar.bar(done / total)}  `
    draw(fitting(`${label}  ${bar}${far(now)}`))
  }
  const line = (message: string, now: number) => {
    saidAt = now
    return Effect.logInfo(message)
  }

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      if (isShown) process.stderr.write(erase)
      isShown = false
    })
  )
  const progress: Progress = {
    reach: Effect.fnUntraced(function* (reached) {
      done = reached
      isWaiting = false
      const now = yield* Clock.currentTimeMillis
      if (isAnimated) return show(now)
      if (reached !== total && now - saidAt >= lineEvery) yield* line(`${label}: ${far(now)}`, now)
    }),
    wait: Effect.fnUntraced(function* (message, remaining) {
      const now = yield* Clock.currentTimeMillis
      if (!isWaiting || (!isAnimated && now - saidAt >= lineEvery)) yield* line(message, now)
      isWaiting = true
      if (isAnimated) draw(fitting(`${label}  waiting, ${clockText(Duration.toSeconds(remaining))}`))
    })
  }
  return progress
})

/** Truncates a line to the width of the terminal, so that it stays one line. */
const fitting = (line: string): string =>
  Text.truncate(line, Math.max(20, (process.stderr.columns ?? 80) - 1))

/** Formats seconds as `1:30`. */
const clockText = (seconds: number): string => {
  const whole = Math.ceil(seconds)
  return `${Math.floor(whole / 60)}:${`${whole % 60}`.padStart(2, "0")}`
}
