/** The accounts of a command: those of the configuration, or the ones chosen by `--account`. */
import * as Account from "@cloud-quota/core/Account"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as ConfigFile from "@cloud-quota/core/ConfigFile"
import { visible } from "@cloud-quota/core/SafeText"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ExitCode, type Exited, Usage, exit, exitCodeOf, report } from "./Failure.ts"
import * as Flags from "./Flags.ts"
import * as Providers from "./Providers.ts"

/** The context of a command. */
export interface Session {
  readonly configuration: ConfigFile.Configuration
  /** The chosen accounts, in the order of the configuration. */
  readonly chosen: ReadonlyArray<ConfigFile.ConfiguredAccount>
  /**
   * Whether `--account` chose them. Then a missing feature of such an account is a failure, instead of a
   * note.
   */
  readonly isNamed: boolean
  /** The time zone of months, days and times: `--zone`, or else the configuration's. */
  readonly zone: DateTime.TimeZone
  /** The people and the journal: every account is built with them. */
  readonly context: Context.Context<never>
  /** The results of the accounts so far. */
  readonly tally: Tally
}

/** The results of the accounts. */
export interface Tally {
  done: number
  /** Why accounts were skipped. */
  readonly skipped: Array<CloudQuotaError>
  readonly failures: Array<ExitCode>
  /** Whether a person has to examine a result. */
  undecided: boolean
}

/** An account, with all its services. */
export type AnAccount = Account.Account["Service"]

/** Reads the configuration, and chooses the accounts. No request is sent to any cloud. */
export const open = Effect.gen(function* () {
  const path = yield* Flags.Config
  const configuration = yield* ConfigFile.load({
    providers: Providers.all,
    ...(Option.isSome(path) ? { path: path.value } : {})
  })
  const names = yield* Flags.Account
  const { accounts } =
    names.length === 0
      ? configuration
      : yield* Effect.mapError(
          ConfigFile.only(configuration, names),
          ({ reason }) => new Usage({ message: `--account: ${reason.message}` })
        )
  const session: Session = {
    configuration,
    chosen: accounts,
    isNamed: names.length > 0,
    zone: Option.getOrElse(DateTime.zoneFromString(configuration.zone), () => DateTime.zoneMakeOffset(0)),
    context: yield* Layer.build(ConfigFile.surroundings(configuration)),
    tally: { done: 0, skipped: [], failures: [], undecided: false }
  }
  return session
})

/** Builds the account, which reads its keys. Still no request is sent to any cloud. */
export const build = (
  { context }: Session,
  { layer }: ConfigFile.ConfiguredAccount
): Effect.Effect<AnAccount, CloudQuotaError, Scope.Scope> =>
  Layer.build(layer).pipe(
    Effect.map((services) => Context.get(services, Account.Account)),
    Effect.provideContext(context)
  )

/** Returns the only chosen account, for commands that work on a single one. */
export const one = (session: Session): Effect.Effect<AnAccount, CloudQuotaError | Usage, Scope.Scope> => {
  const [first, ...others] = session.chosen
  if (first !== undefined && others.length === 0) return build(session, first)
  const names = session.chosen.map(({ name }) => name).join(", ")
  return Effect.fail(new Usage({ message: `say with --account which one is meant: ${names}` }))
}

/** A row, and the name of its account. */
export type Of<Row> = Row & { readonly accountName: string }

/**
 * Returns the rows of all chosen accounts, one account after the other. A failing account does not hide the
 * others: its error is reported on stderr, and counted for {@link end}. With `sought`, the rows are one thing
 * that an account may lack.
 */
export const rows = <Row extends object, R = never>(
  session: Session,
  rowsOf: (account: AnAccount) => Stream.Stream<Row, CloudQuotaError, R>,
  sought = false
): Stream.Stream<Of<Row>, never, R> =>
  Stream.fromIterable(session.chosen).pipe(
    Stream.flatMap((chosen) =>
      Stream.unwrap(Effect.map(build(session, chosen), rowsOf)).pipe(
        Stream.map((row): Of<Row> => ({ ...row, accountName: chosen.name })),
        Stream.concat(Stream.drain(Stream.sync(() => void session.tally.done++))),
        Stream.catch((error) => Stream.drain(Stream.fromEffect(failed(session, error, sought))))
      )
    )
  )

/**
 * Counts and reports a failure of one account. An account that `--account` does not name may lack the feature
 * or the member: it is skipped, and {@link end} reports that.
 */
export const failed = (
  { isNamed, tally }: Session,
  error: CloudQuotaError,
  sought = false
): Effect.Effect<void> => {
  if (!isNamed && isElsewhere(error, sought)) {
    tally.skipped.push(error)
    return Effect.void
  }
  tally.failures.push(exitCodeOf(error))
  return report(error)
}

const isElsewhere = ({ reason }: CloudQuotaError, sought: boolean): boolean => {
  if (reason._tag === "InvalidRequest") return reason.field === "member"
  return reason._tag === "Unsupported" || (sought && reason._tag === "NotFound")
}

/**
 * Reports the skipped accounts, and ends with the exit code: 4 if a person has to decide, 0 if all succeeded,
 * 3 if some did, or rows could not be read. If none did: the common code of all failures, or else 1.
 */
export const end = ({ tally }: Pick<Session, "tally">): Effect.Effect<void, Exited> =>
  Effect.gen(function* () {
    const { done, failures, skipped, undecided } = tally
    // No account has it, so there is no result.
    if (done === 0 && failures.length === 0 && skipped.length > 0) {
      yield* Effect.forEach(skipped, report, { discard: true })
      return yield* exit(ExitCode.failed)
    }
    yield* Effect.forEach(skipped, noteSkipped, { discard: true })
    if (undecided) return yield* exit(ExitCode.undecided)
    const [first = ExitCode.done] = failures
    if (first === ExitCode.done) return
    const isAlike = failures.every((code) => code === first)
    const isPartial = done > 0 || failures.includes(ExitCode.partial)
    yield* exit(isPartial ? ExitCode.partial : isAlike ? first : ExitCode.failed)
  })

/** Like {@link end}, if accounts have only been read: nothing was done for any account. */
export const giveUp = ({ tally }: Pick<Session, "tally">): Effect.Effect<void, Exited> =>
  end({ tally: { ...tally, done: 0 } })

const noteSkipped = ({ account, provider, reason }: CloudQuotaError): Effect.Effect<void> =>
  Effect.logInfo(`${account ?? provider}: left out: ${visible(reason.message)}`).pipe(
    Effect.annotateLogs({ account: account ?? provider, reason: reason._tag })
  )
