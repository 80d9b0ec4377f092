/**
 * `cloud-quota members offboard`: reclaims a member's remaining amounts, on every account, and can remove the
 * member there.
 */
import type { Offboarding } from "@cloud-quota/core/Member"
import * as Report from "@cloud-quota/core/Report"
import { visible } from "@cloud-quota/core/SafeText"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Ask from "../Ask.ts"
import * as Changing from "../Changing.ts"
import * as Consent from "../Consent.ts"
import { ExitCode, exit, exitCodeOf, report } from "../Failure.ts"
import * as Listing from "../Listing.ts"
import type * as Output from "../Output.ts"
import * as Results from "../Results.ts"
import * as Session from "../Session.ts"

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
          const output = preview
            ? ({ format, zone } as const)
            : ({ format: { _tag: "table", all: true }, zone, to: "stderr" } as const)
          const ahead: Array<ExitCode> = []
          const planned: Array<Effect.Success<ReturnType<typeof lookAhead>>> = []
          for (const configured of session.chosen) {
            const one = yield* Effect.result(
              lookAhead(session, configured, member, { remove, run: runName ?? "offboard" })
            )
            if (Result.isFailure(one)) {
              yield* Session.failed(session, one.failure)
              ahead.push(exitCodeOf(one.failure))
            } else {
              session.tally.done++
              planned.push(one.success)
              ahead.push(exitCodeOfOne(one.success.offboarding))
            }
          }
          const shown = planned.map(({ account, offboarding: { report } }) => ({
            account,
            results: report.results,
            run: runName
          }))
          // The messages about the member below are valid without any row, too.
          yield* Results.writeAll(shown, { ...output, isKnown: () => false })
          for (const { account, offboarding } of planned) yield* say(account, offboarding)
          if (preview) {
            yield* Session.end(session)
            // The exit code of the call itself.
            return yield* exit(together(ahead))
          }
          if (session.tally.failures.length > 0) return yield* Session.giveUp(session)
          const names = session.chosen.map(({ name }) => name).join(", ")
          const end = remove ? " and remove the member where that is possible" : ""
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

/** Plans the offboarding on one account. */
const lookAhead = Effect.fnUntraced(function* (
  session: Session.Session,
  configured: Session.Session["chosen"][number],
  member: string,
  options: { readonly remove: boolean; readonly run: string }
) {
  const account = yield* Session.build(session, configured)
  const offboarding = yield* account.members.offboard(member, { ...options, preview: true })
  if (offboarding.report.obstacle !== undefined) return yield* offboarding.report.obstacle
  return { account, offboarding }
})

const say = ({ name }: Session.AnAccount, { complete, message }: Offboarding): Effect.Effect<void> => {
  const said = `${name}: ${visible(message)}`
  return complete ? Effect.logInfo(said) : Effect.logWarning(said)
}

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
  yield* Results.write(account, { results: ended.value.report.results, run, wasSent }, rows)
  yield* say(account, ended.value)
  return exitCodeOfOne(ended.value)
})
