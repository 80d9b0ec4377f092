/**
 * Which options each call has. A word that is none of them is refused, for whoever writes without types: a
 * `dryRun` that nobody knows would not be dry.
 */
import { nearest } from "../../Settings.ts"
import type {
  CallOptions,
  ChangeOptions,
  InPeriod,
  MemberFilter,
  OfMember,
  OffboardOptions,
  OrderFilter,
  QuotaFilter,
  RecoverOptions
} from "./api.ts"

/** Every option of a call, by name. */
export type Names<Options> = { readonly [Name in keyof Required<Options>]: true }

export const call: Names<CallOptions> = { signal: true }

export const change: Names<ChangeOptions> = {
  run: true,
  preview: true,
  cap: true,
  pool: true,
  maxMembers: true,
  waive: true,
  settle: true,
  onEvent: true,
  ...call
}

export const offboard: Names<OffboardOptions> = { run: true, remove: true, onEvent: true, ...call }

export const recover: Names<RecoverOptions> = { onEvent: true, ...call }

export const quotas: Names<QuotaFilter> = { metric: true, ...call }

export const members: Names<MemberFilter> = { status: true, ...call }

export const ofMember: Names<OfMember> = { member: true, ...call }

export const inPeriod: Names<InPeriod> = { period: true, ...ofMember }

export const inMonth: Names<OfMember & { readonly month: string }> = { month: true, ...ofMember }

export const orders: Names<OrderFilter> = {
  kinds: true,
  statuses: true,
  states: true,
  chargeTypes: true,
  resourceIds: true,
  ...inPeriod
}

/** What is wrong with options: which of them, and in words what would be right. */
export const wrongOption = (
  options: unknown,
  names: Readonly<Record<string, true>>
): { readonly field: string; readonly message: string } | undefined => {
  if (options === undefined) return undefined
  const known = Object.keys(names)
  const are = known.join(", ")
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return { field: "options", message: `give an object with what is wanted of ${are}, or leave it out` }
  }
  const field = Object.keys(options).find((key) => !Object.hasOwn(names, key))
  if (field === undefined) return undefined
  const meant = nearest(field, known)
  const hint = meant === undefined ? `the options are ${are}` : `did you mean ${meant}?`
  return { field, message: `is no option: ${hint}` }
}
