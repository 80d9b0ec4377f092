/** Decodes the arguments of a change call. An error names the invalid field and its valid values. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Change from "../model/Change.ts"
import { CloudQuotaError, Unsupported, invalid } from "../model/CloudQuotaError.ts"
import type { Driver } from "../model/Driver.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import * as Limit from "../model/Limit.ts"
import type { MemberId, MemberRef } from "../model/MemberInfo.ts"
import type { Metric } from "../model/Metric.ts"
import * as Quantity from "../model/Quantity.ts"
import * as SafetyCheck from "../model/SafetyCheck.ts"
import * as Names from "../model/names.ts"
import { checkKeys } from "./invalidArgument.ts"
import { watched } from "./watcher.ts"

/** A decoded change request. */
export interface ChangeRequest extends NamedMember {
  readonly metric: Metric
  readonly action: Change.Action
  /** The limit that the member must have now. */
  readonly expected?: Limit.Limit
  /** The request in canonical form. A run recognizes a repeated request by it. */
  readonly text: string
}

/** A member that a reference names. */
export interface NamedMember {
  readonly member: MemberId
  /** The text of the reference, if that is not the id. */
  readonly named?: string
}

/** Finds the members that references name, in their order. It may read the provider's list of members. */
export type Resolve = (
  refs: ReadonlyArray<MemberRef>
) => Effect.Effect<ReadonlyArray<NamedMember>, CloudQuotaError>

/** A decoded change request whose member was not looked up yet. */
export type Draft = Omit<ChangeRequest, keyof NamedMember> & { readonly ref: MemberRef }

/** The decoded arguments of a call. */
export interface ChangeArguments<Request = ChangeRequest> {
  readonly requests: ReadonlyArray<Request>
  readonly run?: string
  readonly cap?: Quantity.Quantity
  readonly pool?: Quantity.Quantity
  readonly waived: ReadonlySet<SafetyCheck.CheckId>
  readonly preview: boolean
  readonly settle: "wait" | "defer"
  readonly onEvent: (event: Change.Event) => Effect.Effect<void>
}

const operation = "quotas.change"

/** The options of a change. */
export const changeOptions: KnownKeys.Names<Change.Options> = {
  run: true,
  preview: true,
  cap: true,
  pool: true,
  maxMembers: true,
  waive: true,
  settle: true,
  onEvent: true
}

const changeKeys: KnownKeys.Names<Change.Change> = { member: true, metric: true, action: true }

/** The prefix of the names that are given to unnamed runs. */
export const unnamed = "unnamed/"

export const decodeChanges = Effect.fnUntraced(function* (
  account: string,
  driver: Driver,
  changes: ReadonlyArray<Change.Change>,
  options: Change.Options
): Effect.fn.Return<ChangeArguments<Draft>, CloudQuotaError> {
  const { provider } = driver.identity
  const invalidArgument = (field: string, message: string) =>
    invalid({ provider, account, operation, field, message })
  const orInvalid = <A>(
    field: string,
    decoded: Result.Result<A, string>
  ): Effect.Effect<A, CloudQuotaError> =>
    Result.isSuccess(decoded)
      ? Effect.succeed(decoded.success)
      : Effect.fail(invalidArgument(field, decoded.failure))

  yield* checkKeys({ account, driver }, operation, options, changeOptions)
  const { preview = false, run, settle = "wait", waive = [] } = options
  if (typeof preview !== "boolean") return yield* invalidArgument("preview", "give true or false")
  if (settle !== "wait" && settle !== "defer")
    return yield* invalidArgument("settle", 'give "wait" or "defer"')
  if (options.onEvent !== undefined && typeof options.onEvent !== "function") {
    return yield* invalidArgument("onEvent", "give a function that takes an event and gives an Effect")
  }
  if (!Array.isArray(waive)) return yield* invalidArgument("waive", "give a list of the names of checks")
  const problem = run === undefined ? undefined : runNameProblem(run)
  if (problem !== undefined) return yield* invalidArgument("run", problem)
  const waived = new Set<SafetyCheck.CheckId>(waive)
  for (const check of waived) {
    if (!SafetyCheck.waivable.includes(check)) {
      return yield* invalidArgument(
        "waive",
        `the check ${JSON.stringify(check)} cannot be waived: these can, ${SafetyCheck.waivable.join(", ")}`
      )
    }
  }
  const most = Effect.fnUntraced(function* (field: "cap" | "pool") {
    const input = options[field]
    if (input === undefined) return undefined
    const quantity = yield* orInvalid(
      field,
      Result.mapError(Quantity.from(input), (error) => error.message)
    )
    if (Quantity.isPositive(quantity)) return quantity
    return yield* invalidArgument(field, "give the most as a positive quantity")
  })
  const cap = yield* most("cap")
  const pool = yield* most("pool")
  const { maxMembers } = options
  if (maxMembers !== undefined && !(Number.isInteger(maxMembers) && maxMembers >= 0)) {
    return yield* invalidArgument("maxMembers", "give a whole number")
  }
  if (changes.some((change) => typeof change !== "object" || change === null)) {
    return yield* invalidArgument("changes", "give each change as { member, metric, action }")
  }
  for (const change of changes) {
    if ("expected" in change) {
      return yield* invalidArgument(
        "expected",
        'belongs in the action, as { topUpTo: "500 CNY", expected: "0 CNY" }'
      )
    }
    yield* checkKeys({ account, driver }, operation, change, changeKeys)
  }
  const members = new Set(changes.map(({ member }) => (typeof member === "string" ? member : member?.id)))
    .size
  if (maxMembers !== undefined && members > maxMembers) {
    return yield* invalidArgument(
      "maxMembers",
      `at most ${maxMembers} members were expected, and ${members} are meant: check who is meant, or raise maxMembers`
    )
  }

  const seen = new Set<string>()
  const requests: Array<Draft> = []
  for (const { action: input, member: ref, metric: metricId } of changes) {
    const metric = driver.metrics.find(({ id }) => id === metricId)
    if (metric === undefined) {
      const known = driver.metrics.map(({ id }) => id).join(", ")
      return yield* invalidArgument(
        "metric",
        `${provider} has no metric ${JSON.stringify(metricId)}: it has ${known}`
      )
    }
    const member = yield* orInvalid("member", Change.decodeMember(ref))
    const key = JSON.stringify([member, metric.id])
    if (seen.has(key)) {
      return yield* invalidArgument(
        "member",
        `${member} is named twice for ${metric.id}: name each member once in a call`
      )
    }
    seen.add(key)
    const action = yield* orInvalid(metric.id, Change.decodeAction(metric, input))
    if (action._tag !== "Set" && run === undefined) {
      return yield* invalidArgument(
        "run",
        'name this batch, such as "topup/2026-12": the same run again continues, and pays nobody twice'
      )
    }
    const expected = yield* orInvalid("expected", Change.decodeExpected(metric, input))
    for (const [field, quantity] of Object.entries({ cap, pool })) {
      if (quantity !== undefined && quantity.unit !== metric.unit) {
        return yield* invalidArgument(
          field,
          `${metric.id} is counted in ${metric.unit}, and the ${field} in ${quantity.unit}`
        )
      }
    }
    const capability = capabilityOf(action)
    const { note, support } = driver.capabilities[capability]
    if (support === "unsupported") {
      return yield* new CloudQuotaError({
        provider,
        account,
        operation,
        money: "not-moved",
        reason: new Unsupported({
          capability,
          message: `${capability} is not supported by ${provider}${note === undefined ? "" : `: ${note}`}`
        })
      })
    }
    const text = requestText(action)
    requests.push({ ref, metric, action, text, ...KnownKeys.defined({ expected }) })
  }
  return {
    requests,
    waived,
    preview,
    settle,
    onEvent: watched(options.onEvent),
    ...(run === undefined ? {} : { run }),
    ...(cap === undefined ? {} : { cap }),
    ...(pool === undefined ? {} : { pool })
  }
})

/** Looks the members of decoded change requests up. */
export const resolveMembers = Effect.fnUntraced(function* (
  account: string,
  { identity: { provider } }: Driver,
  args: ChangeArguments<Draft>,
  resolve: Resolve
): Effect.fn.Return<ChangeArguments, CloudQuotaError> {
  const members = yield* resolve(args.requests.map(({ ref }) => ref))
  const requests = Arr.zipWith(
    args.requests,
    members,
    ({ ref: _, ...draft }, member): ChangeRequest => ({ ...draft, ...member })
  )
  const seen = new Set<string>()
  for (const { member, metric } of requests) {
    const key = JSON.stringify([member, metric.id])
    if (seen.has(key)) {
      const message = `${member} is named twice for ${metric.id}, in two ways: name each member once in a call`
      return yield* invalid({ provider, account, operation, field: "member", message })
    }
    seen.add(key)
  }
  return { ...args, requests }
})

const runNameProblem = (run: string): string | undefined =>
  Names.problem(run) ??
  (run.startsWith(unnamed) ? `give a name that does not begin with "${unnamed}"` : undefined)

const capabilityOf = (action: Change.Action) => {
  switch (action._tag) {
    case "Set":
      return action.limit._tag === "Unlimited" ? "quotas.unlimited" : "quotas.set"
    case "TopUpTo":
      return "quotas.top-up"
    case "Adjust":
      return "quotas.adjust"
    case "Reclaim":
      return "quotas.reclaim"
  }
}

const requestText = (action: Change.Action): string => {
  switch (action._tag) {
    case "Set":
      return `set ${Limit.match(action.limit, { Unlimited: () => "unlimited", Finite: Quantity.format })}`
    case "TopUpTo":
      return `topUpTo ${Quantity.format(action.quantity)}`
    case "Adjust":
      return `adjust ${Quantity.format(action.quantity)}`
    case "Reclaim":
      return `reclaim ${action.quantity === "all" ? "all" : Quantity.format(action.quantity)}`
  }
}
