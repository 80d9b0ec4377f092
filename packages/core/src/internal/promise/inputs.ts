/**
 * What callers of the Promise door give, as core takes it. What is not of the right type is left as it is: core
 * refuses it, and says what would be right.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as CoreBilling from "../../Billing.ts"
import type * as CoreChange from "../../Change.ts"
import { defined } from "../../Decode.ts"
import type * as CoreMember from "../../Member.ts"
import type { ChangeOptions, OfMember, OffboardOptions, RefundQuoteRequest } from "./api.ts"
import { Thrown } from "./failure.ts"
import type { Action, Change, MemberInfo, MemberRef, Spec, Who } from "./model.ts"
import { toCore } from "./quantity.ts"

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** A member that a caller named. */
export const memberRef = (ref: MemberRef): CoreMember.MemberRef => {
  if (!isObject(ref)) return ref
  const { account: _, rawStatus, status, ...member } = ref
  return { ...member, status: statusOf(status, rawStatus) } as CoreMember.MemberInfo
}

const statusOf = (status: MemberInfo["status"], raw = ""): CoreMember.MemberStatus =>
  status === "unknown" ? { _tag: status, raw } : { _tag: status }

/** Everything in a list, whether it has to be waited for or not. */
const collect = <A>(list: Iterable<A> | AsyncIterable<A>): Effect.Effect<ReadonlyArray<A>, Thrown> =>
  Symbol.asyncIterator in list
    ? Stream.runCollect(Stream.fromAsyncIterable(list, (error) => new Thrown(error)))
    : Effect.try({ try: () => Array.from(list), catch: (error) => new Thrown(error) })

/** One member or all in a list: one that is no member is for core to refuse. */
export const members = (who: Who): Effect.Effect<ReadonlyArray<CoreMember.MemberRef>, Thrown> =>
  isObject(who) && (Symbol.asyncIterator in who || Symbol.iterator in who)
    ? Effect.map(collect(who), (all) => all.map(memberRef))
    : Effect.succeed([memberRef(who)])

const action = (input: Action): CoreChange.ActionInput =>
  isObject(input)
    ? (Object.fromEntries(
        Object.entries(input).map(([key, value]) => [key, toCore(value)])
      ) as unknown as CoreChange.ActionInput)
    : input

export const spec = (input: Spec): CoreChange.Spec =>
  isObject(input)
    ? Object.fromEntries(Object.entries(input).map(([metric, wish]) => [metric, action(wish)]))
    : input

const change = (input: Change): CoreChange.Change =>
  isObject(input) ? { ...input, member: memberRef(input.member), action: action(input.action) } : input

export const changes = (input: Iterable<Change>): Effect.Effect<ReadonlyArray<CoreChange.Change>, Thrown> =>
  isObject(input) && Symbol.iterator in input
    ? Effect.map(collect(input), (all) => all.map(change))
    : Effect.succeed(input)

export const changeOptions = (options: ChangeOptions = {}): CoreChange.Options => {
  const { cap, onEvent: _, pool, signal: __, ...rest } = options
  return { ...defined(rest), ...(defined({ cap: toCore(cap), pool: toCore(pool) }) as CoreChange.Options) }
}

export const offboardOptions = (options: OffboardOptions): CoreMember.OffboardOptions => {
  if (!isObject(options)) return options
  const { onEvent: _, remove, run, signal: __ } = options
  return { run, ...defined({ remove }) }
}

export const ofMember = (filter: OfMember | undefined): { readonly member?: CoreMember.MemberRef } =>
  filter?.member === undefined ? {} : { member: memberRef(filter.member) }

export const quoteRequest = (request: RefundQuoteRequest): CoreBilling.RefundQuoteRequest => {
  if (!isObject(request)) return request
  if ("member" in request) return { ...request, member: memberRef(request.member) }
  const { region, ...rest } = request
  return { ...rest, ...defined({ region }) }
}
