/** `cloud-quota doctor`: why an account does not work, and the remedy. It changes nothing. */
import * as AccountIdentity from "@cloud-quota/core/AccountIdentity"
import type * as ConfigFile from "@cloud-quota/core/ConfigFile"
import * as Journal from "@cloud-quota/core/Journal"
import type { Diagnosis } from "@cloud-quota/core/adapter/Provider"
import * as Command from "effect/cli/Command"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { ExitCode, exit } from "../Failure.ts"
import * as Flags from "../Flags.ts"
import * as Listing from "../Listing.ts"
import * as Output from "../Output.ts"
import * as Session from "../Session.ts"

/** One check of an account, or of this machine. */
interface Row extends Omit<Diagnosis, "check"> {
  readonly account?: string
  readonly check: Diagnosis["check"] | "node" | "configuration"
}

const view: Output.View<Row> = {
  table: {
    columns: [
      { name: "account", kind: "text", value: ({ account }) => account },
      { name: "check", kind: "text", value: ({ check }) => check },
      { name: "verdict", kind: "text", value: ({ verdict }) => verdict },
      { name: "message", kind: "text", value: ({ message }) => message },
      { name: "remedy", kind: "text", value: ({ remedy }) => remedy }
    ]
  },
  show: ["account", "check", "verdict", "message"],
  whole: ["check", "verdict"],
  mark: ({ verdict }) =>
    (({ ok: "good", warning: "doubtful", failed: "bad", skipped: undefined }) as const)[verdict],
  nothing: "there is nothing to look at"
}

const node = (): Row => ({ check: "node", verdict: "ok", message: `Node ${process.versions.node}` })

/** Runs all checks of the chosen accounts, in their order. */
export const diagnoses = (session: Session.Session): Stream.Stream<Row> => {
  const { configuration } = session
  const file: Row = {
    check: "configuration",
    verdict: "ok",
    message: configuration.file ?? "no file: the accounts are those of the environment"
  }
  return Stream.concat(
    Stream.make(node(), file),
    Stream.flatMap(Stream.fromIterable(session.chosen), (configured) =>
      Stream.concat(
        Stream.fromIterableEffect(configured.diagnose),
        Stream.fromIterableEffect(Effect.scoped(journalOf(session, configured)))
      ).pipe(Stream.map((diagnosis): Row => ({ account: configured.name, ...diagnosis })))
    )
  )
}

const journalOf = Effect.fnUntraced(function* (
  session: Session.Session,
  configured: ConfigFile.ConfiguredAccount
) {
  const built = yield* Effect.result(Session.build(session, configured))
  if (Result.isFailure(built)) {
    const remedy = "look again once that is mended"
    return [skipped("journal", "the account cannot be opened", remedy)]
  }
  const { identity } = built.success
  const journal = Context.get(session.context, Journal.Journal)
  if (AccountIdentity.isLoopback(identity.endpoint) && journal.choice === "default") {
    const message = "an emulator, whose journal is forgotten with each command"
    return [
      warning("journal", message, "choose one with CLOUD_QUOTA_JOURNAL=./folder, to see how it is in earnest")
    ]
  }
  const key = AccountIdentity.key(identity)
  const intents = yield* Effect.result(Stream.runCollect(journal.intents({ account: key })))
  if (Result.isFailure(intents)) {
    const remedy = "nothing can be changed without it: look at the file or the database, and who may use it"
    return [failed("journal", `${Journal.describe(journal)}: ${intents.failure.message}`, remedy)]
  }
  const found: Array<Diagnosis> = []
  const place = Journal.describe(journal)
  const inCi = yield* Effect.orElseSucceed(Config.String("CI"), () => "")
  const vanishes = yield* journal.vanishes ?? Effect.undefined
  const isExempt = AccountIdentity.isLoopback(identity.endpoint) || /^(0|false|)$/i.test(inCi.trim())
  if (vanishes !== undefined && !isExempt) {
    const message = `${place}: this is CI, where it would vanish with the runner, since ${vanishes}: no money is moved with it`
    found.push(
      failed("journal", message, "CLOUD_QUOTA_JOURNAL=postgres://…, or `journal` in the configuration")
    )
  } else {
    found.push(journalState(place, intents.success))
  }
  // Taking the lock would create a journal if there is none.
  if (intents.success.length > 0) found.push(yield* lockOf(journal, key))
  return found
})

const openStates: ReadonlySet<Journal.State> = new Set(["prepared", "sending"])

const journalState = (place: string, intents: ReadonlyArray<Journal.Intent>): Diagnosis => {
  if (intents.length === 0) {
    return ok("journal", `${place}: no change of this account is in it yet`)
  }
  const conflicts = intents.filter(({ state }) => state === "conflict").length
  const open = intents.filter(({ state }) => openStates.has(state)).length
  const message = `${place}; changes: ${intents.length}, unsettled: ${open}, to be decided: ${conflicts}`
  if (conflicts > 0) return warning("journal", message, "cloud-quota review")
  return open > 0 ? warning("journal", message, "cloud-quota settle") : ok("journal", message)
}

const lockOf = (journal: Journal.Journal, key: string): Effect.Effect<Diagnosis> =>
  Effect.scoped(
    Effect.gen(function* () {
      const hold = yield* journal.hold(key)
      const { baselinedAt, notice } = yield* hold.account
      if (notice !== undefined) {
        return warning("lock", notice, "check the limits, then accept them: cloud-quota baseline")
      }
      const since =
        baselinedAt === undefined
          ? "limits are not accepted yet"
          : `limits accepted on ${DateTime.formatIso(DateTime.makeUnsafe(baselinedAt))}`
      return ok("lock", `free; ${since}`)
    })
  ).pipe(
    Effect.catch(({ kind, message }) =>
      Effect.succeed(
        kind === "busy"
          ? warning("lock", message, "wait until that one is done; ending it is safe")
          : failed("lock", message, "look at the file or the database of the journal")
      )
    )
  )

const ok = (check: Diagnosis["check"], message: string): Diagnosis => ({ check, verdict: "ok", message })
const withRemedy =
  (verdict: Diagnosis["verdict"]) =>
  (check: Diagnosis["check"], message: string, remedy: string): Diagnosis => ({
    check,
    verdict,
    message,
    remedy
  })
const warning = withRemedy("warning")
const failed = withRemedy("failed")
const skipped = withRemedy("skipped")

/** Writes the results, with the remedies of a table on stderr. Returns whether no check failed. */
export const show = Effect.fnUntraced(function* (
  format: Output.Format,
  session: Session.Session,
  to: "stdout" | "stderr"
) {
  const rows: Array<Row> = []
  const seen = Stream.tap(diagnoses(session), (row) => Effect.sync(() => rows.push(row)))
  yield* Output.write(view, { format, zone: session.zone, to }, seen)
  if (format._tag === "table") {
    for (const { account, check, message, remedy, verdict } of rows) {
      if (remedy === undefined || verdict === "skipped") continue
      const where = account === undefined ? "" : `${account}: `
      const text = `${where}${check}: ${message}\n  next: ${remedy}`
      yield* verdict === "failed" ? Effect.logError(text) : Effect.logWarning(text)
    }
  }
  return rows.every(({ verdict }) => verdict !== "failed")
})

export const command = Command.make("doctor", Flags.output, (flags) =>
  Listing.start(flags, (format, session) =>
    Effect.flatMap(show(format, session, "stdout"), (isWell) =>
      isWell ? Effect.void : exit(ExitCode.failed)
    )
  )
).pipe(
  Command.withDescription(
    "Look at all that accounts need: keys, network, clock, permissions, the journal and who holds it"
  ),
  Command.withExamples([
    { command: "cloud-quota doctor" },
    { command: "cloud-quota doctor -a studio --json" }
  ])
)
