/**
 * Watches one call that changes quotas, so that its report stays true after an abort: it is never interrupted
 * between a request and its outcome, unless the answer was lost and only waiting remains.
 */
import * as Effect from "effect/Effect"
import type { Event } from "../model/Change.ts"
import { Timeout } from "../model/CloudQuotaError.ts"
import type { Result } from "../model/Report.ts"
import { messageOf, moneyOf, nextOf } from "../engine/wording.ts"
import type { OnEvent } from "./api.ts"
import { textOf } from "./failure.ts"
import { eventOf } from "./results.ts"

/** One watched call. */
export interface Watch {
  readonly onEvent: (event: Event) => Effect.Effect<void>
  readonly stop: (interrupt: () => void) => void
  /** The results of the changes that the call had reached; `undefined` if it sent nothing. */
  readonly results: () => ReadonlyArray<Result> | undefined
}

/** A sent request, and whether its lost answer is being waited out. */
interface Sent {
  readonly event: Exclude<Event, { readonly _tag: "Finished" }>
  readonly isLost: boolean
}

export const makeWatch = (listener: OnEvent | undefined): Watch => {
  const finished: Array<Result> = []
  const open = new Map<string, Sent>()
  let hasSent = false
  let interrupt: (() => void) | undefined

  const note = (event: Event) => {
    if (event._tag === "Finished") {
      finished.push(event.result)
      open.delete(keyOf(event.result))
    } else if (event._tag === "Sending") {
      hasSent = true
      open.set(keyOf(event), { event, isLost: false })
    } else if (open.has(keyOf(event))) {
      open.set(keyOf(event), { event, isLost: true })
    }
  }
  const stopIfItMay = () => {
    if (open.size === 0 || Array.from(open.values()).some(({ isLost }) => isLost)) interrupt?.()
  }

  return {
    onEvent: (event) =>
      Effect.suspend(() => {
        // Nothing more leaves: the call is interrupted once all that has left is finished.
        if (interrupt !== undefined && event._tag === "Sending") {
          stopIfItMay()
          return Effect.never
        }
        note(event)
        if (listener !== undefined) {
          new Promise((resolve) => resolve(listener(eventOf(event)))).catch((error) =>
            process.emitWarning(`onEvent failed; the change goes on: ${textOf(error)}`, "CloudQuotaWarning")
          )
        }
        stopIfItMay()
        return Effect.void
      }),
    stop: (now) => {
      interrupt = now
      stopIfItMay()
    },
    results: () => (hasSent ? [...finished, ...Array.from(open.values(), unknown)] : undefined)
  }
}

const keyOf = ({ member, metric }: { readonly member: string; readonly metric: string }): string =>
  JSON.stringify([member, metric])

const unknown = ({ event: { delta, member, metric } }: Sent): Result => {
  const reason = new Timeout({ message: "no answer came before the call was given up." })
  const outcome = { _tag: "Unknown", reason } as const
  const base = { member, metric, outcome, ...(delta === undefined ? {} : { delta }) }
  return { ...base, money: moneyOf(outcome), next: nextOf(outcome), message: messageOf(base) }
}
