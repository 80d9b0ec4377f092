/**
 * Runs a call that changes quotas or settles open changes: with progress, and with a Ctrl-C that never hides
 * the outcome of a request.
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

/** The end of a call, or its results so far if it was stopped. */
export type Ended<A> =
  | (Sending & { readonly _tag: "Done"; readonly value: A })
  | (Sending & { readonly _tag: "Stopped"; readonly results: ReadonlyArray<Report.Result> })

interface Sending {
  /** Whether this call sent anything for a result. If not, the change was done before. */
  readonly wasSent: (result: Report.Result) => boolean
}

/** The work to do. */
export interface Work {
  readonly label: string
  /** The number of changes, if known. */
  readonly total?: number
}

type Sent = Exclude<Event, { readonly _tag: "Finished" }>

/** Carries out a call that reports events. */
export const carryOut = <A, E, R>(
  { label, total }: Work,
  call: (onEvent: (event: Event) => Effect.Effect<void>) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const progress = yield* Progress.make(label, total)
    const finished: Array<Report.Result> = []
    /** Sent requests, and whether their lost answers are being waited out. */
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
        if (interrupt !== undefined) {
          // Nothing more leaves: the call is interrupted once all that has left is finished.
          interruptIfItMay()
          return yield* Effect.never
        }
        everSent.add(keyOf(event))
        open.set(keyOf(event), { event, isLost: false })
      } else {
        // An earlier call's open change is waited out too: this call did not send it, so it is not among its
        // results.
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

/** Returns how to continue a stopped command: with the same command and the same run. */
export const howToGoOn = (): string =>
  `the same command again goes on, and pays nobody twice: ${commandLine(process.argv.slice(2))}`

/** Returns the exit code of a stopped call with these results. */
export const exitCodeOfStopped = (results: ReadonlyArray<Report.Result>): ExitCode =>
  Report.exitCode({ results }) === 4 ? ExitCode.undecided : ExitCode.interrupted

/** Called from a signal handler, so it is written synchronously. */
const say = (message: string): void =>
  void process.stderr.write(`${Progress.clearing()}${Text.oneLine(message)}\n`)

const keyOf = ({ member, metric }: { readonly member: string; readonly metric: string }): string =>
  JSON.stringify([member, metric])

const describe = ({ delta, member, metric }: Sent): string => {
  const sign = delta !== undefined && Quantity.isPositive(delta) ? "+" : ""
  return `${metric} of ${member}${delta === undefined ? "" : ` (${sign}${delta})`}`
}

/** A word that fits counts and minutes as well as money. */
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
