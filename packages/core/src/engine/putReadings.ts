/**
 * Readings of members to plan puts from, and to look at what was put. A call for many members reads them from
 * one listing, which serves for `readingAge`. A member that the listing does not have is read alone.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import { on } from "./rules.ts"
import type { Session } from "./session.ts"

type States = ReadonlyArray<QuotaState>

/** A listing of several members, and when it began, in monotonic nanoseconds. */
interface Listing {
  readonly begun: bigint
  readonly byMember: ReadonlyMap<MemberId, States>
}

export interface PutReadings {
  /** Returns all limits of a member, read after `earliest`, in monotonic nanoseconds. Waits until then. */
  readonly read: (member: MemberId, earliest: bigint) => Effect.Effect<States, CloudQuotaError>
}

/** Fewer members than this are read one by one. */
export const fewest = 8

/** A listing is given up after this many members for each wanted one: reading those alone is faster then. */
const listedPerWanted = 12

/** Members that have just been changed become readable one after the other: each has no listing of its own. */
const betweenListings = Duration.toNanosUnsafe(Duration.seconds(1))

export const makePutReadings = (session: Session, wanted: ReadonlySet<MemberId>): PutReadings => {
  const { driver, timings } = session
  const semaphore = Semaphore.makeUnsafe(1)
  let latest: Listing | undefined
  let isSlow = wanted.size < fewest

  /** Returns a listing that began after `earliest`, if there can be one now. */
  const listingAfter = (earliest: bigint) =>
    semaphore.withPermit(
      Effect.gen(function* () {
        const clock = yield* Clock.Clock
        const begun = clock.monotonicTimeNanosUnsafe()
        const oldest = begun - Duration.toNanosUnsafe(timings.readingAge)
        const isFresh = latest !== undefined && (latest.begun >= oldest || !on("put-reading-age"))
        if (isFresh && latest !== undefined && latest.begun >= earliest) return latest
        const isTooSoon = latest !== undefined && begun - latest.begun < betweenListings
        if (isSlow || isTooSoon || earliest > begun) return undefined
        latest = { begun, byMember: yield* listed(session, wanted) }
        // A listing that is old when it is complete serves nobody.
        isSlow = (clock.monotonicTimeNanosUnsafe() - begun) * 2n > Duration.toNanosUnsafe(timings.readingAge)
        return latest
      })
    )

  const read = Effect.fnUntraced(function* (
    member: MemberId,
    earliest: bigint
  ): Effect.fn.Return<States, CloudQuotaError> {
    const left = earliest - (yield* Clock.Clock).monotonicTimeNanosUnsafe()
    if (left > 0n) yield* Effect.sleep(Duration.nanos(left))
    return (yield* listingAfter(earliest))?.byMember.get(member) ?? (yield* driver.getQuotas(member))
  })

  return { read }
}

/**
 * Lists members until all wanted ones are complete. A failed listing returns what it has: members that are
 * missing are read alone, which tells why.
 */
export const listed = Effect.fnUntraced(function* (
  { driver }: Session,
  wanted: ReadonlySet<MemberId>
): Effect.fn.Return<ReadonlyMap<MemberId, States>> {
  const complete = new Map<MemberId, States>()
  const again = new Set<MemberId>()
  let others = 0
  let current: { readonly member: MemberId; readonly states: Array<QuotaState> } | undefined
  const close = () => {
    if (current === undefined) return
    const { member, states } = current
    // The rows of a member come one after the other. A second group would make the first one incomplete.
    if (complete.has(member)) again.add(member)
    if (wanted.has(member)) complete.set(member, states)
    else others += 1
    current = undefined
  }
  const isEnough = () =>
    complete.size === wanted.size || complete.size + others >= wanted.size * listedPerWanted
  const ended = yield* Effect.exit(
    driver.listQuotas.pipe(
      Stream.takeUntil((state) => {
        if (current?.member === state.member) {
          current.states.push(state)
          return false
        }
        close()
        if (isEnough()) return true
        current = { member: state.member, states: [state] }
        return false
      }),
      Stream.runDrain
    )
  )
  if (ended._tag === "Success") close()
  for (const member of again) complete.delete(member)
  return complete
})
