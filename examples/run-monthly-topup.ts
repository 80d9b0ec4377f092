/**
 * Runs `monthly-topup.ts` on the accounts of the environment: the vendors' usual variables, and for
 * CompShare `COMPSHARE_TEAM_ID`, for MetaStudio `METASTUDIO_PROJECT_ID` and `METASTUDIO_REGION`. What was
 * done is kept in this user's journal.
 *
 * Argument: the month, such as `2026-12`, if it is not the present one. Exit code: 0 if all is done, 1 if
 * nothing is, 3 if a part is, 4 if something is unknown or needs a decision.
 */
import { CompShare } from "@cloud-quota/compshare"
import { Accounts, Quantity, Report, SqliteJournal } from "@cloud-quota/core"
import { MetaStudio } from "@cloud-quota/metastudio"
import { Console, DateTime, Effect, Layer } from "effect"
import { monthlyTopUp } from "./monthly-topup.ts"

const main = Effect.gen(function* () {
  const month = process.argv[2] ?? DateTime.formatIso(yield* DateTime.now).slice(0, 7)
  const reports = yield* monthlyTopUp({
    month,
    available: Quantity.cny(500),
    steps: 60n,
    cap: Quantity.cny(20_000),
    // A lost answer is waited out for minutes: say so meanwhile.
    onEvent: (event) => (event._tag === "Waiting" ? Console.log(event.message) : Effect.void)
  })
  for (const { account, results } of reports) {
    yield* Effect.forEach(results, ({ message }) => Console.log(`${account}: ${message}`))
  }
  const results = reports.flatMap((report) => report.results)
  process.exitCode = Report.exitCode({ results })
})

// On one machine. Where CI runs it, take PostgresJournal: a file would vanish with the runner.
const accounts = Accounts.layer({ gpu: CompShare.layerConfig, studio: MetaStudio.layerConfig }).pipe(
  Layer.provide(SqliteJournal.layer())
)

const failed = (error: { readonly message: string }) =>
  Effect.sync(() => {
    console.error(error.message)
    process.exitCode = 1
  })

Effect.runPromise(Effect.catch(Effect.provide(main, accounts), failed))
