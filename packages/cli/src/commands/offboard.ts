/**
 * `cloud-quota members offboard`: reclaims a member's remaining amounts, on every account, and can remove the
 * member there.
 */
import type { Change } from "@cloud-quota/core/Change"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { MemberStatus, Offboarding } from "@cloud-quota/core/Member"
import type { QuotaState } from "@cloud-quota/core/Quota"
import * as Report from "@cloud-quota/core/Report"
import { visible } from "@cloud-quota/core/SafeText"
import * as Tables from "@cloud-quota/core/Tables"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Ask from "../Ask.ts"
import * as Changing from "../Changing.ts"
import * as Consent from "../Consent.ts"
import { ExitCode, exit, exitCodeOf, report } from "../Failure.ts"
import * as Listing from "../Listing.ts"
import * as Output from "../Output.ts"
import * as Results from "../Results.ts"
import * as Session from "../Session.ts"

const left: Output.View<QuotaState> = {
  table: Tables.quotas,
  show: ["member", "metric", "limit", "used", "available"],
  whole: ["metric"],
  spare: ["used"],
  nothing: "the member has no quota"
}

/** Returns the exit code of one account. */
const exitCodeOfOne = ({ complete, membership, report }: Offboarding): ExitCode => {
  if (complete) return ExitCode.done
  const code = Report.exitCode(report)
  if (code === 4 || membership === "unknown") return ExitCode.undecided
  return code === 1 ? ExitCode.failed : ExitCode.partial
}

const together = (codes: ReadonlyArray<ExitCode>): ExitCode => {
  const [first = ExitCode.done] = codes
  if (codes.includes(ExitCode.undecided)) return ExitCode.undecided
  return codes.every((code) => code === first) ? first : ExitCode.partial
}

export const offboard = Command.make(
  "offboard",
  {
    ...Consent.output,
    ...Consent.flags,
    run: Consent.run,
    member: Argument.String("member").pipe(
      Argument.withDescription("A person of the configuration, on all accounts; or an id on one")
    ),
    remove: Flag.Boolean("remove").pipe(
      Flag.withDescription(
        "Remove the member too, if nothing is left and nothing is unknown; where members.remove is unsupported, that is left to do by hand"
      ),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  ({ member, preview, remove, run, yes, ...flags }) =>
    Listing.start({ ...flags, all: true }, (format, opened) =>
      Effect.gen(function* () {
        yield* Consent.begin({ preview, yes })
        const runName = Option.getOrUndefined(run)
        if (runName === undefined && !preview) return yield* Consent.nameTheRun(opened, `offboard/${member}`)
        const session = yield* whereThePersonIs(opened, member)
        const { zone } = session
        if (preview || !yes) {
          const to = preview ? "stdout" : "stderr"
          const shown = preview ? format : ({ _tag: "table", all: true } as const)
          const removedOn: Array<string> = []
          const ahead: Array<ExitCode> = []
          const rows = Session.rows(session, (account) =>
            Stream.unwrap(
              Effect.gen(function* () {
                const { isHere, states } = yield* before(account, member)
                const byHand = remove && isHere ? leftByHand(account) : undefined
                if (byHand === undefined) removedOn.push(account.name)
                else yield* Effect.logWarning(`${account.name}: ${byHand}`)
                const look = Effect.map(lookAhead(account, member, states, runName), (code) => {
                  ahead.push(code === ExitCode.done && byHand !== undefined ? ExitCode.partial : code)
                })
                return Stream.concat(Stream.fromIterable(states), Stream.fromEffectDrain(look))
              })
            )
          )
          const options = { format: shown, zone, to, isKnown: () => session.tally.done > 0 } as const
          yield* Output.write(Listing.ofAccounts(left, session), options, rows)
          if (preview) {
            yield* Session.end(session)
            // The exit code of the call itself.
            return yield* exit(together(ahead))
          }
          if (session.tally.failures.length > 0) return yield* Session.giveUp(session)
          const names = session.chosen.map(({ name }) => name).join(", ")
          const isEverywhere = removedOn.length === session.chosen.length
          const where = isEverywhere ? "" : ` on ${removedOn.join(", ")}`
          const end = remove && removedOn.length > 0 ? ` and remove the member${where}` : ""
          yield* Ask.confirm({ yes }, `Take back what ${member} has left on ${names}${end}?`)
        }
        const codes: Array<ExitCode> = []
        for (const configured of session.chosen) {
          const options = { remove, run: runName ?? "" }
          const ended = yield* Effect.result(
            onAccount(session, configured, member, options, { format, zone })
          )
          if (Result.isFailure(ended)) yield* report(ended.failure)
          codes.push(Result.isSuccess(ended) ? ended.success : exitCodeOf(ended.failure))
          // Ctrl-C stops all accounts.
          if (codes.at(-1) === ExitCode.interrupted) break
        }
        yield* exit(together(codes))
      })
    )
).pipe(
  Command.withDescription("Take back what somebody has left, and say what could not be taken back"),
  Command.withExamples([
    {
      command: "cloud-quota members offboard ada@example.com --preview",
      description: "What is left, everywhere"
    },
    { command: "cloud-quota members offboard ada@example.com --run offboard/ada" }
  ])
)

/** Reads the member as the call itself does: a member without any quota still counts. */
const before = (
  { members, quotas }: Session.AnAccount,
  member: string
): Effect.Effect<{ readonly states: ReadonlyArray<QuotaState>; readonly isHere: boolean }, CloudQuotaError> =>
  quotas.get(member).pipe(
    Effect.map((states) => ({ states, isHere: true })),
    Effect.catch((error) =>
      error.reason._tag === "NotFound"
        ? Effect.map(members.get(member), ({ status }) => ({ states: [], isHere: !gone.has(status._tag) }))
        : Effect.fail(error)
    )
  )

/** Statuses without a membership to end. */
const gone: ReadonlySet<string> = new Set<MemberStatus["_tag"]>(["candidate", "rejected", "canceled"])

/** Returns the step left to a person, if `members.remove` is unsupported. */
const leftByHand = ({ capabilities, identity }: Session.AnAccount): string | undefined => {
  const { note, support } = capabilities["members.remove"]
  if (support !== "unsupported") return undefined
  return `left to do by hand: remove the member, which is not supported by ${identity.provider}${note === undefined ? "" : `: ${note}`}`
}

/**
 * Previews the call: warns about each result that would be incomplete, and returns the exit code. Fails if
 * the call would fail as a whole.
 */
const lookAhead = Effect.fnUntraced(function* (
  { name, quotas }: Session.AnAccount,
  member: string,
  states: ReadonlyArray<QuotaState>,
  run = "offboard"
): Effect.fn.Return<ExitCode, CloudQuotaError> {
  const all = states.map(({ metric }): Change => ({ member, metric: metric.id, action: { reclaim: "all" } }))
  const options = { preview: true, run, waive: ["unlimited-to-finite"] } as const
  const planned = yield* quotas.changeAll(all, options)
  if (planned.obstacle !== undefined) return yield* planned.obstacle
  for (const result of planned.results) {
    if (!Report.isComplete({ results: [result] })) yield* Effect.logWarning(`${name}: ${result.message}`)
  }
  return Report.exitCode(planned)
})

/** Keeps the accounts on which the person has a member; or the single chosen one, for an id. */
const whereThePersonIs = Effect.fnUntraced(function* (session: Session.Session, member: string) {
  const { people } = session.configuration
  const known = yield* Effect.filter(session.chosen, ({ name }) =>
    Effect.map(people.memberOf(member, name), (id) => id !== undefined)
  )
  if (known.length > 0) return { ...session, chosen: known }
  yield* Session.one(session)
  return session
})

const onAccount = Effect.fnUntraced(function* (
  session: Session.Session,
  configured: Session.Session["chosen"][number],
  member: string,
  options: { readonly remove: boolean; readonly run: string },
  output: Output.Options
) {
  const account = yield* Session.build(session, configured)
  yield* Consent.warnOfForgetting(session, account)
  const ended = yield* Changing.carryOut({ label: account.name }, (onEvent) =>
    account.members.offboard(member, { ...options, onEvent })
  )
  const { run } = options
  const { wasSent } = ended
  // The message about the member below is valid without any row, too.
  const rows = { ...output, isKnown: () => false }
  if (ended._tag === "Stopped") {
    yield* Results.write(account, { results: ended.results, run, wasSent }, rows)
    yield* Effect.logWarning(`${account.name}: stopped\n  next: ${Changing.howToGoOn()}`)
    return Changing.exitCodeOfStopped(ended.results)
  }
  const { complete, message, report } = ended.value
  yield* Results.write(account, { results: report.results, run, wasSent }, rows)
  const said = `${account.name}: ${visible(message)}`
  yield* complete ? Effect.logInfo(said) : Effect.logWarning(said)
  return exitCodeOfOne(ended.value)
})
