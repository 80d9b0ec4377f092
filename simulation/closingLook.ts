/**
 * Stands in for core's `engine/closingLook.ts` while simulating: the same look, unless the rule is
 * switched off that it is for every change, and not only for limits that were set.
 */
import * as real from "../packages/core/src/engine/closingLook.ts"
import { keeps } from "./rules.ts"

export const { isChangedSince } = real

export const closingLook: typeof real.closingLook = (session, delta, all) =>
  real.closingLook(
    session,
    delta,
    keeps("look-for-all")
      ? all
      : all.map(({ due, result }) => (due?.request.startsWith("set ") ? { due, result } : { result }))
  )
