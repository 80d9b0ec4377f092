/** Runs effects as promises, and streams as listings, until they are aborted. */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { invalid } from "../model/CloudQuotaError.ts"
import type { CallOptions, Listing } from "./api.ts"
import { type CallSite, callSite, toError } from "./failure.ts"
import { done, rowsOf } from "./listing.ts"

/** How to abort a call that must not be interrupted at an arbitrary place. */
export interface Stoppable<A> {
  /** Called once. It calls `interrupt` as soon as interrupting is safe. */
  readonly stop: (interrupt: () => void) => void
  /** Returns the result of an aborted call, if it had already done something. */
  readonly salvage: () => A | undefined
}

/** Runs the calls of one cloud. */
export interface Runner {
  readonly run: <A>(
    effect: Effect.Effect<A, unknown>,
    options?: CallOptions,
    stoppable?: Stoppable<A>
  ) => Promise<A>
  readonly list: <A>(stream: Stream.Stream<A, unknown>, options?: CallOptions) => Listing<A>
  /** Waits until all running calls have ended. */
  readonly ended: () => Promise<void>
}

/** `signal` aborts every call. */
export const makeRunner = (context: Context.Context<never>, signal: AbortSignal): Runner => {
  const running = new Set<Promise<unknown>>()
  const track = <A>(promise: Promise<A>): Promise<A> => {
    running.add(promise)
    const forget = () => void running.delete(promise)
    promise.then(forget, forget)
    return promise
  }

  const signalOf = (options: CallOptions | undefined): AbortSignal => {
    const own: unknown = options?.signal
    if (own === undefined) return signal
    if (own instanceof AbortSignal) return AbortSignal.any([signal, own])
    throw invalid({
      provider: "cloud-quota",
      operation: "call",
      field: "signal",
      message: "give the signal of an AbortController, or leave it out"
    })
  }

  const runFrom = <A>(
    site: CallSite,
    effect: Effect.Effect<A, unknown>,
    options: CallOptions | undefined,
    stoppable?: Stoppable<A>
  ): Promise<A> =>
    track(
      new Promise((resolve, reject) => {
        const given = attempt(() => signalOf(options), site)
        if (given.aborted) return reject(given.reason)
        const fiber = Effect.runForkWith(context)(effect)
        const interrupt = () => fiber.interruptUnsafe()
        const giveUp = () => (stoppable === undefined ? interrupt() : stoppable.stop(interrupt))
        // An effect starts running immediately, so it may have been aborted already.
        if (given.aborted) giveUp()
        else given.addEventListener("abort", giveUp)
        fiber.addObserver((exit) => {
          given.removeEventListener("abort", giveUp)
          if (Exit.isSuccess(exit)) return resolve(exit.value)
          if (!given.aborted || !Cause.hasInterruptsOnly(exit.cause)) {
            return reject(toError(Cause.squash(exit.cause), site))
          }
          const rest = stoppable?.salvage()
          return rest === undefined ? reject(given.reason) : resolve(rest)
        })
      })
    )

  return {
    run: (effect, options, stoppable) => runFrom(callSite(), effect, options, stoppable),

    list: <A>(stream: Stream.Stream<A, unknown>, options?: CallOptions): Listing<A> => {
      const site = callSite()
      const iterate = (): AsyncIterator<A, undefined> => {
        const given = attempt(() => signalOf(options), site)
        const chunks = Stream.toAsyncIterableWith(Stream.chunks(stream), context)[Symbol.asyncIterator]()
        // Also ends a pending `next`.
        const end = async () => {
          given.removeEventListener("abort", giveUp)
          await chunks.return?.()
        }
        const giveUp = () => void track(end())
        given.addEventListener("abort", giveUp)
        const nextChunk = async (): Promise<ReadonlyArray<A> | undefined> => {
          const chunk = await chunks.next().catch(async (error) => {
            await end()
            throw toError(error, site)
          })
          if (chunk.done !== true) return chunk.value
          if (given.aborted) throw given.reason
          await end()
          return undefined
        }
        const next = rowsOf(() => track(nextChunk()))
        return {
          next: () => (given.aborted ? Promise.reject(given.reason) : next()),
          return: async () => {
            await track(end())
            return done
          }
        }
      }
      return {
        [Symbol.asyncIterator]: iterate,
        toArray: () => runFrom(site, Stream.runCollect(stream), options)
      }
    },

    ended: async () => {
      while (running.size > 0) await Promise.allSettled(running)
    }
  }
}

const attempt = <A>(make: () => A, site: CallSite): A => {
  try {
    return make()
  } catch (error) {
    throw toError(error, site)
  }
}
