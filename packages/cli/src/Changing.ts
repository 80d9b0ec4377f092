/**
 * A call that changes quotas, or settles what was left open: shown while it is under way, and stopped by
 * Ctrl-C only where it can be said what became of everything.
 */
import type { Event } from "@cloud-quota/core/Change"
import { Timeout } from "@cloud-quota/core/CloudQuotaError"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Report from "@cloud-quota/core/Report"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { commandLine } from "./Arguments.ts"
import { ExitCode } from "./Failure.ts"
import * as Interrupt from "./Interrupt.ts"
import * as Progress from "./Progress.ts"
import * as Text from "./Text.ts"

/** How a call has ended; or how far it had come when it was stopped. */
export type Ended<A> =
  | (Sending & { readonly _tag: "Done"; readonly value: A })
  | (Sending & { readonly _tag: "Stopped"; readonly results: ReadonlyArray<Report.Result> })

interface Sending {
  /** Whether anything was sent for a result by this call; if not, it was done before. */
  readonly wasSent: (result: Report.Result) => boolean
}

/** What is about to be done. */
export interface Work {
  readonly label: string
  /** How many changes there are, if that is known. */
  readonly total?: number
}

type Sent = Exclude<Event, { readonly _tag: "Finished" }>

/** Carries out a call that tells what happens. */
export const carryOut = <A, E, R>(
  { label, total }: Work,
  call: (onEvent: (event: Event) => Effect.Effect<void>) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const progress = yield* Progress.make(label, total)
    const finished: Array<Report.Result> = []
    /** Requests that have left, and whether their answers are waited out. */
    const open = new Map<string, { readonly event: Sent; readonly isLost: boolean }>()
    const everSent = new Set<string>()
    let interrupt: (() => void) | undefined

    const interruptIfItMay = () => {
      const isWaiting = Array.from(open.values()).some(({ isLost }) => isLost)
      if (open.size === 0 || isWaiting) interrupt?.()
    }
    const onEvent = Effect.fnUntraced(function* (event: Event) {
      if (event._tag === "Finished") {
        finished.push(event.result)
        open.delete(keyOf(event.result))
        yield* progress.reach(finished.length)
      } else if (event._tag === "Sending") {
        everSent.add(keyOf(event))
        open.set(keyOf(event), { event, isLost: false })
      } else {
        // What an earlier call left open is waited out too: it was not sent by this one, and is not its result.
        if (open.has(keyOf(event))) open.set(keyOf(event), { event, isLost: true })
        yield* progress.wait(event.message, event.remaining)
      }
      interruptIfItMay()
    })

    const ended = yield* Interrupt.guard(call(onEvent), {
      stop: (now) => {
        interrupt = now
        const inFlight = Array.from(open.values()).filter(({ isLost }) => !isLost)
        if (inFlight.length > 0) {
          const what = inFlight.map(({ event }) => describe(event)).join(", ")
          say(`stopping when ${what} is answered; Ctrl-C again leaves at once`)
        }
        interruptIfItMay()
      },
      leave: () => {
        const left = Array.from(open.values(), ({ event }) => describe(event)).join(", ")
        say(
          left === ""
            ? "left at once"
            : `left at once. Open: ${left}. ${unknownText(Array.from(open.values(), ({ event }) => event))}`
        )
        say(howToGoOn())
        return left === "" ? ExitCode.interrupted : ExitCode.undecided
      }
    })
    const wasSent = (result: Report.Result) => everSent.has(keyOf(result))
    if (Option.isSome(ended)) return { _tag: "Done", wasSent, value: ended.value } satisfies Ended<A>
    const results = [...finished, ...Array.from(open.values(), ({ event }) => unknown(event))]
    return { _tag: "Stopped", wasSent, results } satisfies Ended<A>
  }).pipe(Effect.scoped)

/** How a command that was stopped is gone on with: by the same one again, with the same run. */
export const howToGoOn = (): string =>
  `the same command again goes on, and pays nobody twice: ${commandLine(process.argv.slice(2))}`

/** The exit code of a call that was stopped after it had come so far. */
export const exitCodeOfStopped = (results: ReadonlyArray<Report.Result>): ExitCode =>
  Report.exitCode({ results }) === 4 ? ExitCode.undecided : ExitCode.interrupted

/** From a signal, so it is written at once. */
const say = (message: string): void =>
  void process.stderr.write(`${Progress.clearing()}${Text.oneLine(message)}\n`)

const keyOf = ({ member, metric }: { readonly member: string; readonly metric: string }): string =>
  JSON.stringify([member, metric])

const describe = ({ delta, member, metric }: Sent): string => {
  const sign = delta !== undefined && Quantity.isPositive(delta) ? "+" : ""
  return `${metric} of ${member}${delta === undefined ? "" : ` (${sign}${delta})`}`
}

/** In a word that is true of counts and minutes too. */
const unknownText = (events: ReadonlyArray<Sent>): string =>
  events.every(({ delta }) => delta !== undefined && Quantity.isMoney(delta))
    ? "Money: unknown"
    : "Outcome: unknown"

const unknown = (event: Sent): Report.Result => {
  const { delta, member, metric } = event
  const message = "no answer came before the command was stopped."
  return {
    member,
    metric,
    ...(delta === undefined ? {} : { delta }),
    outcome: { _tag: "Unknown", reason: new Timeout({ message }) },
    money: "unknown",
    next: "rerun",
    message: `No answer for ${describe(event)}: ${message} ${unknownText([event])}. Do not repeat it by hand.`
  }
}
