/**
 * Errors for people: the problem, the effect on the money, and the next step; and the exit code for scripts.
 */
import { CloudQuotaError, type Money } from "@cloud-quota/core/CloudQuotaError"
import { ConfigFileError } from "@cloud-quota/core/ConfigFileError"
import { JournalError } from "@cloud-quota/core/Journal"
import { visible } from "@cloud-quota/core/SafeText"
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as PlatformError from "effect/PlatformError"
import { textOf } from "./Log.ts"

/** The meaning of the exit codes, in the words of `docs/cli.md` and of `--help`. */
export const ExitCode = {
  /** Everything was done. */
  done: 0,
  /** Nothing was done. */
  failed: 1,
  /** With `--exit-code`: there are rows that match. */
  matched: 2,
  /** Partly done, for some accounts or some members. */
  partial: 3,
  /** An outcome is unknown, or a person has to decide. */
  undecided: 4,
  /** The command was not understood. Nothing was done. */
  usage: 64,
  /** Another process is changing quotas of the account. Nothing was done. */
  busy: 75,
  /** Ended by Ctrl-C. */
  interrupted: 130,
  /** The reader of the output has closed it, as after `| head`. */
  brokenPipe: 141
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** Ends the command with this code. All messages have been written already. */
export class Exited extends Data.TaggedError("Exited")<{ readonly code: ExitCode }> {}

/** A command that this one has run for the user has ended, with a code of its own. */
export class Passed extends Data.TaggedError("Passed")<{ readonly code: number }> {}

/** The arguments are invalid. The message has the problem and its remedy. */
export class Usage extends Data.TaggedError("Usage")<{ readonly message: string }> {}

/** A failure outside the clouds: the problem, and the next step. */
export class Failed extends Data.TaggedError("Failed")<{
  readonly message: string
  readonly next?: string
}> {}

/** Ends the command with a code that is not 0. With 0 the command continues. */
export const exit = (code: ExitCode): Effect.Effect<void, Exited> =>
  code === ExitCode.done ? Effect.void : Effect.fail(new Exited({ code }))

/** Returns the exit code of a single error. */
export const exitCodeOf = (error: unknown): ExitCode => {
  if (error instanceof Exited) return error.code
  // The bare command name asks for help.
  if (CliError.isCliError(error) && error._tag === "ShowHelp" && error.errors.length === 0) {
    return error.commandPath.length === 1 ? ExitCode.done : ExitCode.usage
  }
  if (error instanceof Usage || CliError.isCliError(error)) return ExitCode.usage
  if (error instanceof CloudQuotaError) {
    if (error.reason._tag === "AccountBusy") return ExitCode.busy
    if (error.reason._tag === "MalformedResponse" && error.reason.unreadableRows !== undefined) {
      return ExitCode.partial
    }
    return error.money === "unknown" ? ExitCode.undecided : ExitCode.failed
  }
  if (error instanceof JournalError && error.kind === "busy") return ExitCode.busy
  return isBrokenPipe(error) ? ExitCode.brokenPipe : ExitCode.failed
}

/** Reports an error on stderr. Errors contain no secrets. */
export const report = (error: unknown): Effect.Effect<void> => {
  if (error instanceof Exited || isBrokenPipe(error)) return Effect.void
  // The presenter has already reported problems with the arguments.
  if (CliError.isCliError(error)) return Effect.void
  if (error instanceof CloudQuotaError) return reportCloudQuotaError(error)
  if (error instanceof Usage) return Effect.logError(`${visible(error.message)}\n  nothing was done`)
  if (error instanceof Failed) {
    return Effect.logError(
      error.next === undefined ? visible(error.message) : `${visible(error.message)}\n  next: ${error.next}`
    )
  }
  if (error instanceof PlatformError.PlatformError) {
    const { cause } = error.reason
    const why = cause instanceof Error ? cause.message : error.message
    return Effect.logError(`the output could not be written: ${visible(why)}`)
  }
  // All problems of a configuration, one per line.
  if (error instanceof ConfigFileError) return logWithCause(error.message, Cause.fail(error))
  if (error instanceof Error) return logWithCause(visible(error.message), Cause.fail(error))
  return logWithCause("something failed for no known reason", Cause.fail(error))
}

/**
 * Ends a command that has changed something but could not write its results. The exit code reflects the
 * changes, and is never `failed`, which means that nothing was done.
 */
export const unwritten = (
  error: PlatformError.PlatformError,
  code: ExitCode
): Effect.Effect<void, Exited> => {
  const done = isBrokenPipe(error) ? ExitCode.brokenPipe : ExitCode.partial
  return Effect.andThen(report(error), exit(code === ExitCode.done ? done : code))
}

/** Reports the failure of the whole command, and returns its exit code. */
export const ended = (cause: Cause.Cause<unknown>): Effect.Effect<number> => {
  const error = Cause.squash(cause)
  if (error instanceof Passed) return Effect.succeed(error.code)
  if (Cause.hasDies(cause)) {
    const message = `unexpected: ${visible(textOf(error))}\n  this is a mistake in cloud-quota itself, please report it\n  effect: if quotas were being changed, look with: cloud-quota review`
    return Effect.as(logWithCause(message, cause), ExitCode.failed)
  }
  return Effect.as(report(error), exitCodeOf(error))
}

/** The cause is included with `--verbose`, and always in JSON. */
const logWithCause = (message: string, cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.logError(message, cause)

/** Words that fit money, counts and minutes, and members. */
const effectText: Readonly<Record<Money, string>> = {
  moved: "it was changed",
  "not-moved": "nothing was changed",
  unknown: "unknown: it may have been changed or not, so do not do it again by hand"
}

const reportCloudQuotaError = (error: CloudQuotaError): Effect.Effect<void> => {
  const { account, money, operation, provider, reason, requestId } = error
  const where = account === undefined || account === provider ? provider : `${account} (${provider})`
  const next = nextOf(error)
  const lines = [
    `${where}, ${operation}: ${visible(reason.message)}`,
    `  effect: ${effectText[money]}`,
    ...(next === undefined ? [] : [`  next: ${next}`]),
    ...(requestId === undefined ? [] : [`  request: ${visible(requestId)}`])
  ]
  const { code, httpStatus, message } = reason.details ?? {}
  const said = Effect.logError(
    lines.join("\n"),
    // Only the underlying cause: the error itself is already in the message.
    error.cause === undefined ? Cause.empty : Cause.fail(error.cause)
  )
  return said.pipe(
    Effect.annotateLogs({
      provider,
      ...(account === undefined ? {} : { account }),
      operation,
      reason: reason._tag,
      money,
      retryable: error.isRetryable,
      ...("field" in reason && reason.field !== undefined ? { field: reason.field } : {}),
      ...(requestId === undefined ? {} : { requestId }),
      ...(code === undefined ? {} : { providerCode: code }),
      ...(message === undefined ? {} : { providerMessage: message }),
      ...(httpStatus === undefined ? {} : { httpStatus })
    })
  )
}

/** Returns the next step, if the message does not contain it. */
const nextOf = (error: CloudQuotaError): string | undefined => {
  const account = error.account === undefined ? "" : ` --account ${error.account}`
  if (error.money === "unknown") return `cloud-quota review${account}`
  switch (error.reason._tag) {
    case "PreconditionFailed":
      return `cloud-quota ${commands[error.reason.needs ?? "else"]}${account}`
    case "Unauthenticated":
    case "PermissionDenied":
      return `cloud-quota doctor${account}`
    case "InvalidRequest":
      return error.reason.field === "Settlement"
        ? "unset CLOUD_QUOTA_SETTLEMENT, which is for emulated clouds"
        : undefined
    case "NotFound":
      if (error.operation === "configure")
        return "cloud-quota init, or for emulated clouds cloud-quota emulate"
      return error.operation.startsWith("members") || error.operation.startsWith("quotas")
        ? `cloud-quota members find TEXT${account}`
        : undefined
    case "Throttled":
    case "Unavailable":
    case "Timeout":
    case "TransportFailed":
      return "try again later; if it stays, cloud-quota doctor"
    case "Unsupported":
      return `cloud-quota capabilities${account}`
    case "AccountBusy":
      return "wait until the other one is done, and run it again"
    case "MalformedResponse":
    case "ProviderFailed":
      return error.requestId === undefined
        ? "run it again with --verbose for details"
        : "ask the provider's support, with the number of the request"
    default:
      return undefined
  }
}

/** The command that must run first. Without a known need, `doctor` finds it. */
const commands = { baseline: "baseline", recover: "settle", else: "doctor" } as const

/** Whether the reader of the output has closed it. */
export const isBrokenPipe = (error: unknown): boolean => {
  if (!(error instanceof PlatformError.PlatformError)) return false
  const cause: unknown = error.reason.cause
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined
  return code === "EPIPE" || code === "ERR_STREAM_DESTROYED"
}
