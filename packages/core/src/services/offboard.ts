/** Offboards a member: takes back the remaining amounts, reads back, and only then ends the membership. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Change } from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Names } from "../model/KnownKeys.ts"
import type { MemberId } from "../model/MemberInfo.ts"
import type { Member, OffboardOptions, Offboarding } from "./Member.ts"
import * as Quantity from "../model/Quantity.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import * as Report from "../model/Report.ts"
import { journalReason } from "../engine/call.ts"
import type { Engine } from "../engine/changeEngine.ts"
import { type ResolveMembers, isMember, resolveOne } from "./memberRef.ts"
import { makeWithNames, namesIn } from "./withNames.ts"
import { type ServiceContext, withAccount, supported, whyUnsupported } from "./serviceContext.ts"
import { checkKeys, invalidArgument } from "../engine/invalidArgument.ts"
import { decodeChanges } from "../engine/decodeChanges.ts"

const operation = "members.offboard"

const optionKeys: Names<OffboardOptions> = { run: true, remove: true, preview: true, onEvent: true }

export const makeOffboard = (
  context: ServiceContext,
  resolveMembers: ResolveMembers,
  { changeAll, failed, journal, key, timings }: Engine,
  remove: (member: MemberId) => Effect.Effect<void, CloudQuotaError>
): Member["Service"]["offboard"] => {
  const { account, driver } = context
  const canRemove =
    driver.remove !== undefined && driver.capabilities["members.remove"].support !== "unsupported"

  /** Decodes the options before anything is sent. */
  const decode = Effect.fnUntraced(function* (options: OffboardOptions) {
    yield* checkKeys(context, operation, options ?? undefined, optionKeys)
    if (typeof options !== "object" || options === null || options.run === undefined) {
      const message = 'name this, such as "offboard/ada": the same run again goes on where it stopped'
      return yield* invalidArgument(context, operation, "run", message)
    }
    if (options.remove !== undefined && typeof options.remove !== "boolean") {
      return yield* invalidArgument(context, operation, "remove", "give true or false")
    }
    if (options.preview !== undefined && typeof options.preview !== "boolean") {
      return yield* invalidArgument(context, operation, "preview", "give true or false")
    }
    yield* supported(context, "quotas.reclaim", driver.write)
    const { onEvent, preview = false, run } = options
    // An unlimited member gets a limit here, as low as the used amount, since offboarding implies that.
    const changeOptions = {
      run,
      preview,
      waive: ["unlimited-to-finite"],
      ...(onEvent && { onEvent })
    } as const
    yield* decodeChanges(account, driver, [], changeOptions)
    return changeOptions
  })

  /** Whether an earlier call of the run took back from the member. The member may be gone since. */
  const wasHere = (member: MemberId, run: string) =>
    journal.intents({ account: key, run, member }).pipe(
      Stream.take(1),
      Stream.runCollect,
      Effect.map((intents) => intents.length > 0),
      Effect.mapError((error) => failed(operation, journalReason(error)))
    )

  /**
   * Returns the quotas of a member who is here, or was when the run began. A member without any quota has
   * nothing to take back. An unknown id is `NotFound`.
   */
  const quotasOf = (member: MemberId, run: string): Effect.Effect<Before, CloudQuotaError> =>
    driver.getQuotas(member).pipe(
      Effect.map((quotas): Before => ({ quotas, isHere: true })),
      orIfNotFound(() =>
        driver.getMember(member).pipe(
          Effect.map((info): Before => ({ quotas: [], isHere: isMember(info) })),
          orIfNotFound((error) =>
            Effect.flatMap(wasHere(member, run), (was) =>
              was ? Effect.succeed<Before>({ quotas: [], isHere: false }) : Effect.fail(error)
            )
          )
        )
      )
    )

  /** Describes the planned call. Nothing was sent. */
  const previewed = Effect.fnUntraced(function* (
    member: MemberId,
    { isHere, quotas }: Before,
    report: Report.Report,
    remove: boolean
  ): Effect.fn.Return<Offboarding, CloudQuotaError> {
    const withNames = makeWithNames(context)
    const refusals = report.results.filter(({ outcome: { _tag } }) => !isPlanned.has(_tag))
    const byHand = remove && isHere && !canRemove ? handWork(driver) : undefined
    const end = remove && isHere && canRemove ? " Then the member would be removed." : ""
    const problems = [...refusals.map(({ message }) => message), ...(byHand === undefined ? [] : [byHand])]
    return {
      member,
      report,
      quotas: yield* Effect.forEach(quotas, (state) => withNames(state.member, state)),
      membership: "kept",
      complete: problems.length === 0 && report.obstacle === undefined,
      message: `Preview of offboarding ${member}: nothing was sent.${end}${problems.map((one) => ` ${one}`).join("")}`
    }
  })

  return Effect.fn("Member.offboard")(function* (ref, options) {
    const changeOptions = yield* decode(options)
    const { directory, ...named } = yield* resolveOne(resolveMembers, operation, ref)
    const { member } = named
    const before = yield* Effect.mapError(quotasOf(member, options.run), withAccount(account))
    const changes = before.quotas.map(
      ({ metric }): Change => ({ member, metric: metric.id, action: { reclaim: "all" } })
    )
    const report = yield* Effect.mapError(
      changeAll(changes, changeOptions, (refs) => Effect.succeed(refs.map(() => named))),
      withAccount(account)
    )
    if (changeOptions.preview) return yield* previewed(member, before, report, options.remove === true)
    // From here on nothing fails: an error must not hide the amounts that were taken back.
    const after = yield* Effect.result(
      changes.length === 0
        ? Effect.succeed([])
        : leftAfter(
            report,
            orIfNotFound(() => Effect.succeed<ReadonlyArray<QuotaState>>([]))(driver.getQuotas(member))
          )
    )
    const withNames = makeWithNames(context, namesIn(directory))
    const quotas = yield* Effect.forEach(after._tag === "Success" ? after.success : [], (state) =>
      Effect.orElseSucceed(withNames(state.member, state), () => state)
    )
    const rest = [
      ...report.results
        .filter((result) => !Report.isComplete({ results: [result] }))
        .map(({ message }) => message),
      ...(after._tag === "Failure"
        ? [`What is left could not be read again: ${after.failure.reason.message}`]
        : []),
      ...quotas.filter(isSomethingLeft).map(describeLeft)
    ]
    const ended = yield* membership(member, options.remove === true, before.isHere, rest.length === 0)
    const problems = [...rest, ...ended.problems]
    const { byHand } = ended
    const isDone = problems.length === 0
    const offboarding: Offboarding = {
      member,
      report,
      quotas,
      membership: ended.membership,
      complete: isDone && byHand === undefined,
      message: isDone
        ? [done(member, ended.membership, before.quotas, quotas), byHand].filter(Boolean).join(" ")
        : open(member, problems)
    }
    return offboarding
  })

  /**
   * Reads the quotas after the changes. A reading with a remaining amount may be older than they are: a
   * second one decides.
   */
  function leftAfter<E>(
    report: Report.Report,
    look: Effect.Effect<ReadonlyArray<QuotaState>, E>
  ): Effect.Effect<ReadonlyArray<QuotaState>, E> {
    const hasChanged = report.results.some(({ money }) => money !== "not-moved")
    return Effect.flatMap(look, (quotas) =>
      hasChanged && quotas.some(isSomethingLeft)
        ? Effect.andThen(Effect.sleep(timings.readLag), look)
        : Effect.succeed(quotas)
    )
  }

  /** Ends the membership, if that was requested and nothing is left. */
  function membership(
    member: MemberId,
    asked: boolean,
    isHere: boolean,
    nothingLeft: boolean
  ): Effect.Effect<Ended> {
    if (!asked) return Effect.succeed({ membership: "kept", problems: [] })
    if (!nothingLeft) {
      return Effect.succeed({ membership: "kept", problems: ["So the member was not removed."] })
    }
    if (!isHere) return Effect.succeed({ membership: "removed", problems: [] })
    if (!canRemove) {
      return Effect.succeed({ membership: "kept", problems: [], byHand: handWork(driver) })
    }
    return Effect.match(remove(member), {
      onSuccess: (): Ended => ({ membership: "removed", problems: [] }),
      onFailure: ({ money, reason }): Ended =>
        money === "unknown"
          ? {
              membership: "unknown",
              problems: [
                `Nothing is left, and it is not known whether the member was removed: ${reason.message}`
              ]
            }
          : {
              membership: "kept",
              problems: [`Nothing is left, and the member could not be removed: ${reason.message}`]
            }
    })
  }
}

/** The outcomes of a preview that the call itself would complete. */
const isPlanned: ReadonlySet<Report.Outcome["_tag"]> = new Set(["Planned", "NoChange", "Applied"])

const handWork = (driver: ServiceContext["driver"]): string =>
  `Left to do by hand: remove the member, which is ${whyUnsupported(driver, "members.remove")}.`

/** The state of the member at the start of the call. */
interface Before {
  readonly quotas: ReadonlyArray<QuotaState>
  /** Whether there is a membership to end. */
  readonly isHere: boolean
}

interface Ended {
  readonly membership: Offboarding["membership"]
  readonly problems: ReadonlyArray<string>
  /** The step that a person has to do on this cloud. */
  readonly byHand?: string
}

const orIfNotFound =
  <B>(instead: (error: CloudQuotaError) => Effect.Effect<B, CloudQuotaError>) =>
  <A>(effect: Effect.Effect<A, CloudQuotaError>): Effect.Effect<A | B, CloudQuotaError> =>
    Effect.catch(effect, (error) => (error.reason._tag === "NotFound" ? instead(error) : Effect.fail(error)))

/** An amount below a step cannot be taken back, and does not count. An amount that is not reported counts. */
const isSomethingLeft = ({ available, limit, metric }: QuotaState): boolean =>
  limit._tag === "Unlimited" || available === undefined || !Quantity.isLessThan(available, metric.step)

const describeLeft = ({ available, limit, metric }: QuotaState): string =>
  limit._tag === "Unlimited"
    ? `${metric.id} is still unlimited.`
    : `${available ?? "An unreported amount"} of ${metric.id} is still left.`

const done = (
  member: MemberId,
  membership: Offboarding["membership"],
  before: ReadonlyArray<QuotaState>,
  quotas: ReadonlyArray<QuotaState>
): string => {
  const end = membership === "removed" ? ", and the membership has ended" : ""
  if (before.length === 0) return `The provider reports no quota of ${member} to take back${end}.`
  const crumbs = quotas.flatMap(({ available, metric }) =>
    available === undefined || Quantity.isZero(available)
      ? []
      : Quantity.isNegative(available)
        ? [` ${Quantity.abs(available)} of ${metric.id} is owed.`]
        : [` ${available} of ${metric.id} remains; the step is ${metric.step}.`]
  )
  return `${member}: nothing left to reclaim${end}.${crumbs.join("")}`
}

const open = (member: MemberId, problems: ReadonlyArray<string>): string =>
  `Offboarding of ${member} is not complete. ${problems.join(" ")} Run it again under the same name to go on; what came back after it was taken back needs a new name.`
