/** `cloud-quota members offboard`: takes back what somebody has left, on every account, and may end it there. */
import type { Change } from "@cloud-quota/core/Change"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { Offboarding } from "@cloud-quota/core/Member"
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

/** What an account's part comes to. */
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
      Flag.withDescription("Remove the member too, if nothing is left and nothing is unknown"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  ({ member, preview, remove, run, yes, ...flags }) =>
    Listing.start({ ...flags, all: true }, (format, opened) =>
      Effect.gen(function* () {
        yield* Consent.begin({ preview, yes })
        const named = Option.getOrUndefined(run)
        if (named === undefined && !preview) return yield* Consent.nameTheRun(opened, `offboard/${member}`)
        const session = yield* whereThePersonIs(opened, member)
        const { zone } = session
        if (preview || !yes) {
          const to = preview ? "stdout" : "stderr"
          const shown = preview ? format : ({ _tag: "table", all: true } as const)
          const rows = Session.rows(session, ({ quotas }) =>
            Stream.unwrap(
              Effect.map(quotas.get(member), (states) =>
                Stream.concat(
                  Stream.fromIterable(states),
                  Stream.drain(Stream.fromEffect(refusedNow(quotas, member, states, named)))
                )
              )
            )
          )
          const options = { format: shown, zone, to, isKnown: () => session.tally.done > 0 } as const
          yield* Output.write(Listing.ofAccounts(left, session), options, rows)
          if (preview) return yield* Session.end(session)
          if (session.tally.failures.length > 0) return yield* Session.giveUp(session)
          const names = session.chosen.map(({ name }) => name).join(", ")
          const end = remove ? " and remove the member" : ""
          yield* Ask.confirm({ yes }, `Take back what ${member} has left on ${names}${end}?`)
        }
        const codes: Array<ExitCode> = []
        for (const configured of session.chosen) {
          const options = { remove, run: named ?? "" }
          const ended = yield* Effect.result(
            onAccount(session, configured, member, options, { format, zone })
          )
          if (Result.isFailure(ended)) yield* report(ended.failure)
          codes.push(Result.isSuccess(ended) ? ended.success : exitCodeOf(ended.failure))
          // Ctrl-C was meant for all of it.
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

/** Fails with what would be in the way of taking anything back, before somebody is asked about it. */
const refusedNow = (
  quotas: Session.AnAccount["quotas"],
  member: string,
  states: ReadonlyArray<QuotaState>,
  run = "offboard"
): Effect.Effect<void, CloudQuotaError> => {
  const all = states.map(({ metric }): Change => ({ member, metric: metric.id, action: { reclaim: "all" } }))
  const options = { preview: true, run, waive: ["unlimited-to-finite"] } as const
  return Effect.flatMap(quotas.changeAll(all, options), ({ obstacle }) =>
    obstacle === undefined ? Effect.void : Effect.fail(obstacle)
  )
}

/** Only those accounts where the person is somebody; or the one that is meant, for an id. */
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
  // What is said of the member below holds without any row, too.
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
