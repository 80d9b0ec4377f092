/** The options of each call. Any other is refused: a misspelled `preview` would not be a preview. */
import type { Names } from "../model/KnownKeys.ts"
import { changeOptions } from "../engine/decodeChanges.ts"
import { filterKeys as quotaFilter } from "../services/makeQuotas.ts"
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

export const call: Names<CallOptions> = { signal: true }

export const change: Names<ChangeOptions> = { ...changeOptions, ...call }

export const offboard: Names<OffboardOptions> = {
  run: true,
  remove: true,
  preview: true,
  onEvent: true,
  ...call
}

export const recover: Names<RecoverOptions> = { onEvent: true, ...call }

export const quotas: Names<QuotaFilter> = { ...quotaFilter, ...call }

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
