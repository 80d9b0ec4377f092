/**
 * The common steps of every command that changes something: it shows the plan, asks, and can be continued
 * under the name of its run.
 */
import { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as AccountIdentity from "@cloud-quota/core/AccountIdentity"
import * as Flag from "effect/cli/Flag"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ask from "./Ask.ts"
import { Usage } from "./Failure.ts"
import * as Flags from "./Flags.ts"
import type * as Session from "./Session.ts"

const on = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withoutNegation, Flag.withDefault(false))

/** Skips the question. */
export const yes = Flag.withAlias(on("yes", "Do it without asking: for scripts"), "y")

/** Whether to ask, and whether to change anything. */
export const flags = {
  yes,
  preview: Flag.withAlias(on("preview", "Only show what would be done"), "dry-run")
}

/** How the results are written. All rows are, because `--all` has another meaning here. */
export const { all: _, ...output } = Flags.output

/** The name of the run. */
export const run = Flag.String("run").pipe(
  Flag.withMetavar("NAME"),
  Flag.withDescription("The name of this batch: under it, the same again goes on, and pays nobody twice"),
  Flag.optional
)

/** How long to wait while another process changes quotas of the account. */
export const wait = Flag.String("wait").pipe(
  Flag.withMetavar("TIME"),
  Flag.withDescription("Wait so long, as 10m, while another process is changing quotas of the account"),
  Flag.optional
)

const busyEvery = Duration.seconds(1)

/** Repeats a call while the account is busy, until the time is over. Nothing was attempted then. */
export const waiting = (wait: Option.Option<string>, account: string) =>
  Effect.gen(function* () {
    const time = Option.isNone(wait) ? Duration.zero : yield* durationOf(wait.value)
    const clock = yield* Clock.Clock
    const until = clock.monotonicTimeNanosUnsafe() + BigInt(Duration.toMillis(time)) * 1_000_000n
    let isSaid = false
    const repeated = <A, E extends { readonly _tag: string }, R>(
      call: Effect.Effect<A, E, R>
    ): Effect.Effect<A, E, R> =>
      Effect.catch(call, (error) => {
        if (!isBusy(error) || clock.monotonicTimeNanosUnsafe() >= until) return Effect.fail(error)
        const said = isSaid ? Effect.void : Effect.logInfo(`${account}: waiting: ${error.reason.message}`)
        isSaid = true
        return said.pipe(
          Effect.andThen(Effect.sleep(busyEvery)),
          Effect.andThen(Effect.suspend(() => repeated(call)))
        )
      })
    return repeated
  })

const isBusy = (error: unknown): error is CloudQuotaError =>
  error instanceof CloudQuotaError && error.reason._tag === "AccountBusy"

const durationOf = (text: string): Effect.Effect<Duration.Duration, Usage> => {
  const [, digits, unit] = /^(\d{1,6})(s|m|h)$/.exec(text) ?? []
  const seconds = { s: 1, m: 60, h: 3600 }[unit ?? ""]
  return digits === undefined || seconds === undefined
    ? Effect.fail(new Usage({ message: "--wait: give a time, as 30s, 10m or 1h" }))
    : Effect.succeed(Duration.seconds(Number(digits) * seconds))
}

/** Refuses contradictory flags, and to start if no user can be asked. */
export const begin = ({
  preview,
  yes
}: {
  readonly preview: boolean
  readonly yes: boolean
}): Effect.Effect<void, Usage> => {
  if (preview && yes) {
    const message = "--preview changes nothing, so there is nothing to say --yes to: give one of them"
    return Effect.fail(new Usage({ message }))
  }
  return preview ? Effect.void : Ask.possibly({ yes }, ", or --preview to look only")
}

/** Refuses a change without a run, and suggests a name. */
export const nameTheRun = (
  { zone }: Pick<Session.Session, "zone">,
  what: string
): Effect.Effect<never, Usage> =>
  Effect.flatMap(DateTime.now, (now) => {
    const day = DateTime.formatIsoDate(DateTime.setZone(now, zone))
    const message = `give this batch a name, such as --run ${what}/${day}: the same run again goes on where it stopped, and pays nobody twice`
    return Effect.fail(new Usage({ message }))
  })

/** An emulator has a journal in memory, unless one was chosen: no other command can read it. */
export const warnOfForgetting = (
  { configuration }: Session.Session,
  { identity, name }: Session.AnAccount
): Effect.Effect<void> =>
  configuration.journal._tag === "Default" && AccountIdentity.isLoopback(identity.endpoint)
    ? Effect.logWarning(
        `${name} is on this machine, and no journal was chosen for it: what is done now is forgotten with this command. CLOUD_QUOTA_JOURNAL=./folder chooses one`
      )
    : Effect.void
