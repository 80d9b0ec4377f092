/** Checks a whole call rather than one change: the cap on a run's increases, and the pool of all members. */
import type * as Journal from "../journal/Journal.ts"
import type * as Limit from "../model/Limit.ts"
import * as Quantity from "../model/Quantity.ts"
import type { CheckId } from "../model/SafetyCheck.ts"
import type { ChangeRequest, ChangeArguments } from "./decodeChanges.ts"

/** The failed check of a call's budget. */
export interface TooMuch {
  readonly check: CheckId
  readonly message: string
}

/** A change that is about to be made. */
export interface PlannedChange {
  readonly delta?: Quantity.Quantity
  readonly target: Limit.Limit
}

/** Returns why a change exceeds the budget; otherwise adds it to the sums. */
export type Budget = (request: ChangeRequest, change: PlannedChange) => TooMuch | undefined

const spending = new Set<Journal.State>(["applied", "sending", "prepared", "conflict", "resolved-applied"])

/**
 * Creates the budget of a call. `past` holds the earlier intents of its run: each that took place, or may
 * have, counts as spent. `granted` is the present sum of all members' limits, needed only for a pool.
 */
export const makeBudget = (
  { cap, pool }: ChangeArguments,
  past: ReadonlyArray<Journal.Intent>,
  granted: Limit.Limit | undefined
): Budget => {
  const spent = past.filter(({ delta, state }) => spending.has(state) && delta?.unit === cap?.unit)
  const withinCap =
    cap === undefined ? undefined : account(cap, spent.reduce(addRaise, Quantity.zero(cap.unit)), addRaise)
  const withinPool =
    pool === undefined || granted?._tag !== "Finite" ? undefined : account(pool, granted.quantity, addDelta)

  return (request, change) => {
    if (cap !== undefined && withinCap?.(request, change) === false) {
      return { check: "cap", message: `It would go beyond the cap of ${cap}.` }
    }
    // If any member is unlimited, the pool cannot be kept.
    if (pool !== undefined && withinPool?.(request, change) !== true) {
      return { check: "pool", message: `All members together would have more than the pool of ${pool}.` }
    }
    return undefined
  }
}

type Add = (sum: Quantity.Quantity, change: Pick<PlannedChange, "delta">) => Quantity.Quantity

/** A withdrawal does not free any of the cap. */
const addRaise: Add = (sum, { delta }) =>
  delta !== undefined && Quantity.isPositive(delta) ? Quantity.sum(sum, delta) : sum

const addDelta: Add = (sum, { delta }) => (delta === undefined ? sum : Quantity.sum(sum, delta))

/** Keeps a sum up to a maximum. An unlimited target never fits. */
const account = (most: Quantity.Quantity, start: Quantity.Quantity, add: Add) => {
  let sum = start
  // A second attempt at a change request replaces the first, which provably did not take place.
  const parts = new Map<ChangeRequest, Quantity.Quantity>()
  return (request: ChangeRequest, change: PlannedChange): boolean => {
    const earlier = parts.get(request)
    const without = earlier === undefined ? sum : Quantity.subtract(sum, earlier)
    const next = add(without, change)
    const grows = Quantity.isGreaterThan(next, without)
    if (change.target._tag === "Unlimited" || (grows && Quantity.isGreaterThan(next, most))) return false
    parts.set(request, Quantity.subtract(next, without))
    sum = next
    return true
  }
}
