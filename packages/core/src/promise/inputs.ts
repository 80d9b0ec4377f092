/**
 * Converts the inputs of the Promise API for core. A value of the wrong type is passed on unchanged: core
 * refuses it, with the remedy.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as CoreBilling from "../services/Billing.ts"
import type * as CoreChange from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import { defined } from "../model/KnownKeys.ts"
import type * as CoreMember from "../services/Member.ts"
import type { ChangeOptions, OfMember, OffboardOptions, RefundQuoteRequest } from "./api.ts"
import { Thrown } from "./failure.ts"
import type { Change, MemberInfo, MemberRef, Spec, Who } from "./model.ts"
import { toCore } from "./quantity.ts"

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

const statusOf = (status: MemberInfo["status"], raw = ""): CoreMember.MemberStatus =>
  status === "unknown" ? { _tag: status, raw } : { _tag: status }

/** Collects all elements of a list, sync or async. */
const collect = <A>(list: Iterable<A> | AsyncIterable<A>): Effect.Effect<ReadonlyArray<A>, Thrown> =>
  Symbol.asyncIterator in list
    ? Stream.runCollect(Stream.fromAsyncIterable(list, (error) => new Thrown(error)))
    : Effect.try({ try: () => Array.from(list), catch: (error) => new Thrown(error) })

const action = (input: Change["action"]): CoreChange.ActionInput =>
  isObject(input)
    ? (Object.fromEntries(
        Object.entries(input).map(([key, value]) => [key, toCore(value)])
      ) as unknown as CoreChange.ActionInput)
    : input

export const spec = (input: Spec): CoreChange.Spec =>
  isObject(input)
    ? Object.fromEntries(Object.entries(input).map(([metric, one]) => [metric, action(one)]))
    : input

export const changeOptions = (options: ChangeOptions = {}): CoreChange.Options => {
  const { cap, onEvent: _, pool, signal: __, ...rest } = options
  return { ...defined(rest), ...(defined({ cap: toCore(cap), pool: toCore(pool) }) as CoreChange.Options) }
}

export const offboardOptions = (options: OffboardOptions): CoreMember.OffboardOptions => {
  if (!isObject(options)) return options
  const { onEvent: _, preview, remove, run, signal: __ } = options
  return { run, ...defined({ preview, remove }) }
}

/**
 * Converts a caller's references to members of one account. `invalidArgument` makes the error of an operation
 * and a field.
 */
export const makeMembers = (
  account: string,
  invalidArgument: (operation: string, field: string, message: string) => CloudQuotaError
) => {
  const member = (
    operation: string,
    ref: MemberRef
  ): Effect.Effect<CoreMember.MemberRef, CloudQuotaError> => {
    if (!isObject(ref)) return Effect.succeed(ref)
    const refuse = (message: string) => Effect.fail(invalidArgument(operation, "member", message))
    if ("then" in ref) return refuse("is a promise: wait for it with await")
    const { account: of, rawStatus, status, ...known } = ref
    if (status === undefined && known.id === undefined) {
      return refuse("give a member's id as text, or a member as a listing gives it")
    }
    // The same id may be another member on that account.
    if (of !== undefined && of !== account) {
      const [theirs, ours] = [of, account].map((name) => JSON.stringify(name))
      return refuse(`was listed by the account ${theirs}: give the id or the person that is meant on ${ours}`)
    }
    return Effect.succeed({ ...known, status: statusOf(status, rawStatus) } as CoreMember.MemberInfo)
  }

  /** Converts one member, or all in a list. Core refuses invalid ones. */
  const members = (
    operation: string,
    who: Who
  ): Effect.Effect<ReadonlyArray<CoreMember.MemberRef>, Thrown | CloudQuotaError> =>
    isObject(who) && (Symbol.asyncIterator in who || Symbol.iterator in who)
      ? Effect.flatMap(collect(who), (all) => Effect.forEach(all, (ref) => member(operation, ref)))
      : Effect.map(member(operation, who), (one) => [one])

  const change = (operation: string, input: Change) =>
    isObject(input)
      ? Effect.map(
          member(operation, input.member),
          (ref): CoreChange.Change => ({ ...input, member: ref, action: action(input.action) })
        )
      : Effect.succeed(input)

  const changes = (
    operation: string,
    input: Iterable<Change>
  ): Effect.Effect<ReadonlyArray<CoreChange.Change>, Thrown | CloudQuotaError> =>
    isObject(input) && Symbol.iterator in input
      ? Effect.flatMap(collect(input), (all) => Effect.forEach(all, (one) => change(operation, one)))
      : Effect.succeed(input)

  const ofMember = (
    operation: string,
    filter: OfMember | undefined
  ): Effect.Effect<{ readonly member?: CoreMember.MemberRef }, CloudQuotaError> =>
    filter?.member === undefined
      ? Effect.succeed({})
      : Effect.map(member(operation, filter.member), (ref) => ({ member: ref }))

  const quoteRequest = (
    operation: string,
    request: RefundQuoteRequest
  ): Effect.Effect<CoreBilling.RefundQuoteRequest, CloudQuotaError> => {
    if (!isObject(request)) return Effect.succeed(request)
    if ("member" in request) {
      return Effect.map(member(operation, request.member), (ref) => ({ ...request, member: ref }))
    }
    const { region, ...rest } = request
    return Effect.succeed({ ...rest, ...defined({ region }) })
  }

  return { member, members, changes, ofMember, quoteRequest }
}
