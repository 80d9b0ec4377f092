/**
 * The accounts that a command is about: those of the configuration, of which `--account` may choose some.
 */
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

/** What a command works with. */
export interface Session {
  readonly configuration: ConfigFile.Configuration
  /** The accounts that are meant, in the order of the configuration. */
  readonly chosen: ReadonlyArray<ConfigFile.ConfiguredAccount>
  /** Whether `--account` chose them. What such an account cannot do is a failure then, and no mere note. */
  readonly named: boolean
  /** Whose months, days and times: the configuration's, unless `--zone` says another. */
  readonly zone: DateTime.TimeZone
  /** Who is who, and the journal: every account is built with them. */
  readonly context: Context.Context<never>
  /** What became of the accounts so far. */
  readonly tally: Tally
}

/** What became of the accounts. */
export interface Tally {
  done: number
  /** Why accounts were left out. */
  readonly skipped: Array<CloudQuotaError>
  readonly failures: Array<ExitCode>
  /** Whether something came out that a person has to look at. */
  undecided: boolean
}

/** An account, with all its services. */
export type AnAccount = Account.Account["Service"]

/** Reads the configuration, and chooses the accounts that are meant. Nothing is asked of any cloud. */
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
    named: names.length > 0,
    zone: Option.getOrElse(DateTime.zoneFromString(configuration.zone), () => DateTime.zoneMakeOffset(0)),
    context: yield* Layer.build(ConfigFile.surroundings(configuration)),
    tally: { done: 0, skipped: [], failures: [], undecided: false }
  }
  return session
})

/** Makes the account, which looks for its keys. Still nothing is asked of any cloud. */
export const build = (
  { context }: Session,
  { layer }: ConfigFile.ConfiguredAccount
): Effect.Effect<AnAccount, CloudQuotaError, Scope.Scope> =>
  Layer.build(layer).pipe(
    Effect.map((services) => Context.get(services, Account.Account)),
    Effect.provideContext(context)
  )

/** The one account that is meant, for what can only be done to one. */
export const one = (session: Session): Effect.Effect<AnAccount, CloudQuotaError | Usage, Scope.Scope> => {
  const [first, ...others] = session.chosen
  if (first !== undefined && others.length === 0) return build(session, first)
  const names = session.chosen.map(({ name }) => name).join(", ")
  return Effect.fail(new Usage({ message: `say with --account which one is meant: ${names}` }))
}

/** A row, and the name of the account that it is of. */
export type Of<Row> = Row & { readonly accountName: string }

/**
 * The rows of all chosen accounts, one account after the other. An account that fails does not hide the
 * others: its error is said on stderr, and counted for {@link end}. With `sought`, it is one thing that is
 * asked for, which an account may not have.
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
 * Counts and says a failure of one account. An account that was not named with `--account` may lack what was
 * asked for, or the member: it is left out, which is for {@link end} to say.
 */
export const failed = (
  { named, tally }: Session,
  error: CloudQuotaError,
  sought = false
): Effect.Effect<void> => {
  if (!named && isElsewhere(error, sought)) {
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
 * Says which accounts were left out, and ends with the exit code: 4 if something has to be decided, 0 if all
 * went well, 3 if some did, or rows could not be read. If none did, 1, or the one code that all failures have.
 */
export const end = ({ tally }: Pick<Session, "tally">): Effect.Effect<void, Exited> =>
  Effect.gen(function* () {
    const { done, failures, skipped, undecided } = tally
    // Nobody has it: then there is nothing of what was asked for.
    if (done === 0 && failures.length === 0 && skipped.length > 0) {
      yield* Effect.forEach(skipped, report, { discard: true })
      return yield* exit(ExitCode.failed)
    }
    yield* Effect.forEach(skipped, leftOut, { discard: true })
    if (undecided) return yield* exit(ExitCode.undecided)
    const [first = ExitCode.done] = failures
    if (first === ExitCode.done) return
    const isAlike = failures.every((code) => code === first)
    const isPartial = done > 0 || failures.includes(ExitCode.partial)
    yield* exit(isPartial ? ExitCode.partial : isAlike ? first : ExitCode.failed)
  })

/** The same where there was only a look so far: who could be looked at has nothing done for it either. */
export const giveUp = ({ tally }: Pick<Session, "tally">): Effect.Effect<void, Exited> =>
  end({ tally: { ...tally, done: 0 } })

const leftOut = ({ account, provider, reason }: CloudQuotaError): Effect.Effect<void> =>
  Effect.logInfo(`${account ?? provider}: left out: ${visible(reason.message)}`).pipe(
    Effect.annotateLogs({ account: account ?? provider, reason: reason._tag })
  )
