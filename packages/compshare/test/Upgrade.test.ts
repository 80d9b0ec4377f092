/**
 * An upgrade pays nobody twice: journals that version 1 of the tables was written to are opened, and the
 * runs that are in them are run again. What is in them is described in fixtures/upgrade/README.md.
 *
 * What a newer version answers may be stricter than what the older one would have answered. How often
 * money moves may not change.
 */
import { assert, describe, it } from "@effect/vitest"
import { Journal, type Account, type CloudQuotaError, type Report } from "@cloud-quota/core"
import { Effect, Result, Stream } from "effect"
import { afterAll, beforeAll, vi } from "vitest"
import {
  type Account as Described,
  accounts,
  type Run,
  type Standing,
  studio
} from "./fixtures/upgrade/accounts.ts"
import { makeTeam, type Team, useAccount, useStudio } from "./fixtures/upgrade/clouds.ts"
import { journals } from "./fixtures/upgrade/restore.ts"

type Service = Account.Account["Service"]
type Outcome = Report.Outcome["_tag"]

/** For each standing, which outcomes a change may have when it is run again, and how often money moves then. */
const allowed: Readonly<Record<Standing, Partial<Readonly<Record<Outcome, 0 | 1>>>>> = {
  done: { Applied: 0 },
  due: { Applied: 1 },
  "open-moved": { Applied: 0, Conflict: 0, Blocked: 0, Unknown: 0 },
  "open-unmoved": { Applied: 1, NotApplied: 0, Conflict: 0, Blocked: 0, Unknown: 0 },
  conflict: { Conflict: 0, Blocked: 0 },
  "resolved-applied": { Applied: 0 },
  "resolved-not-applied": { Applied: 1, NotApplied: 0 },
  rejected: { Rejected: 0, Refused: 0 },
  "no-change": { NoChange: 0 }
}

const runAgain = (account: Service, { entries, run }: Run, name = run) =>
  Effect.result(
    account.quotas.changeAll(
      entries.map(({ action, member }) => ({ member, metric: "allowance", action })),
      { run: name }
    )
  )

/** A name that only looks like another one may be refused, as long as nothing was sent. */
const isRefusedName = (error: CloudQuotaError.CloudQuotaError, { run }: Run): boolean =>
  !/^[\x20-\x7e]*$/.test(run) && error.reason._tag === "InvalidRequest" && error.money === "not-moved"

/** Each member is part of one run alone, so whatever moved for a member is this run's. */
const checkOutcomes = Effect.fnUntraced(function* (
  account: Described,
  team: Team,
  run: Run,
  report: Report.Report
) {
  for (const { member, standing } of run.entries) {
    const result = report.results.find((one) => one.member === member)
    const moved = yield* team.moved(member)
    const what = `${account.name}, ${JSON.stringify(run.run)}, ${member} (${standing}): ${result?.message}`
    assert.isDefined(result, what)
    const expected = allowed[standing][result?.outcome._tag ?? "Planned"]
    assert.isDefined(expected, `${what}\n${result?.outcome._tag} is none of its outcomes`)
    assert.strictEqual(moved, expected, `${what}\nmoved ${moved} times`)
  }
})

/**
 * The two spellings of one endpoint are one account now, and what the older version noted under each contradicts
 * the other. So it asks for a new baseline, with the reason, and nothing is sent before.
 */
const acceptSpellings = Effect.fnUntraced(function* (
  { name, runs }: Described,
  team: Team,
  account: Service
) {
  const [run] = runs
  if (!name.startsWith("spelling-") || run === undefined) return
  const asked = yield* runAgain(account, run)
  // The first of the two has answered for both.
  if (Result.isSuccess(asked)) return assert.strictEqual(name, "spelling-127")
  const { reason } = asked.failure
  assert.strictEqual(reason._tag === "PreconditionFailed" ? reason.needs : reason._tag, "baseline")
  assert.match(reason.message, /several names \(http:\/\/127\.0\.0\.1:47100, http:\/\/localhost:47100\)/)
  for (const { member } of run.entries) assert.strictEqual(yield* team.moved(member), 0)
  yield* account.changes.recover()
  yield* account.changes.baseline()
})

/** Runs every run of an account again, and then once more, which moves nothing at all; nor does another run. */
const runAllAgain = Effect.fnUntraced(function* (description: Described, team: Team, account: Service) {
  for (const run of description.runs) {
    const first = yield* runAgain(account, run)
    if (Result.isFailure(first)) {
      assert.isTrue(isRefusedName(first.failure, run), `${run.run}: ${first.failure.message}`)
      // Then the name that it looks like has to find what was done under it.
      if (run.plain !== undefined) yield* runAgain(account, run, run.plain)
      for (const { member } of run.entries)
        assert.strictEqual(
          yield* team.moved(member),
          0,
          `${JSON.stringify(run.run)} ${member} was paid again`
        )
      continue
    }
    yield* checkOutcomes(description, team, run, first.success)
  }
  const before = yield* team.emulator.ledger
  const conflicts = description.runs.flatMap(({ entries }) =>
    entries.filter(({ standing }) => standing === "conflict")
  )
  if (conflicts.length > 0) {
    const other = yield* Effect.fromResult(yield* runAgain(account, { run: "another/1", entries: conflicts }))
    for (const { message, outcome } of other.results)
      assert.strictEqual(outcome._tag, "Blocked", `another run in spite of a conflict: ${message}`)
  }
  yield* Effect.forEach(description.runs, (run) => runAgain(account, run))
  assert.deepStrictEqual(
    yield* team.emulator.ledger,
    before,
    `${description.name}: the second time moved money`
  )
})

/** Which steps the journal has taken for money to have moved, by run and member: one at the most. */
const claimedOnce = Effect.gen(function* () {
  const journal = yield* Journal.Journal
  const intents = yield* Stream.runCollect(journal.intents())
  const claims = intents.filter(({ state }) => state === "applied" || state === "resolved-applied")
  const twice = Map.groupBy(claims, ({ account, member, metric, run }) =>
    JSON.stringify([account, run, member, metric])
  )
  for (const [change, { length }] of twice)
    assert.strictEqual(length, 1, `${change} is claimed ${length} times`)
})

/** `localhost` and `127.0.0.1` are one machine, and a newer version may keep them as one account. */
const unspelt = (account: unknown) => `${account}`.replace("localhost", "127.0.0.1")

type Line = Readonly<Record<string, unknown>>

const linesOf = (text: ReadonlyArray<string>, kind: string): ReadonlyArray<Line> =>
  text
    .map((line): Line => JSON.parse(line))
    .filter((line) => line["kind"] === kind)
    .map((line) => ({ ...line, account: unspelt(line["account"]) }))

/** The fields of a line that the earlier version knew, also of those within them: a newer one may say more. */
const known = (line: Line | undefined, stored: Line): Line =>
  Object.fromEntries(
    Object.entries(stored).map(([field, before]) => {
      const now = line?.[field]
      return [field, isLine(before) && isLine(now) ? known(now, before) : now]
    })
  )

const isLine = (value: unknown): value is Line =>
  typeof value === "object" && value !== null && !Array.isArray(value)

// The journals are copies in a temporary folder, where CI keeps none.
beforeAll(() => {
  vi.stubEnv("CI", "false")
})
afterAll(() => {
  vi.unstubAllEnvs()
})

// Only to end a test that hangs: each opens a journal as often as there are accounts.
const timeout = 180_000

for (const { contents, name, restore, unreachable } of journals) {
  const skipped = unreachable === undefined ? "" : ` (skipped: ${unreachable})`
  describe.skipIf(unreachable !== undefined)(
    `a journal of version 1 in ${name}${skipped}`,
    { timeout },
    () => {
      it.live("tells every intent and every step as the version that wrote it did", () =>
        Effect.gen(function* () {
          const layer = yield* restore("home")
          const stored = contents.trim().split("\n")
          const told = yield* Effect.flatMap(Journal.Journal, (journal) =>
            Stream.runCollect(Journal.exportLines(journal))
          ).pipe(Effect.provide(layer))
          const intents = linesOf(told, "intent")
          for (const intent of linesOf(stored, "intent")) {
            const now = intents.find((one) => one["id"] === intent["id"])
            assert.deepStrictEqual(known(now, intent), intent)
          }
          assert.lengthOf(intents, linesOf(stored, "intent").length)
          // A newer version may note steps of its own, and leaves out none of these.
          let steps = linesOf(told, "step")
          for (const step of linesOf(stored, "step")) {
            const index = steps.findIndex((one) => JSON.stringify(known(one, step)) === JSON.stringify(step))
            assert.isAtLeast(index, 0, `${JSON.stringify(step)} is gone, or in another place`)
            steps = steps.slice(index + 1)
          }
        })
      )

      it.live("keeps runs from paying anybody twice", () =>
        Effect.gen(function* () {
          const layer = yield* restore("home")
          const teams = new Map<number, Team>()
          for (const description of accounts) {
            const team = teams.get(description.teamId) ?? (yield* makeTeam(description.teamId))
            teams.set(description.teamId, team)
            // Each account on a journal that is opened anew, as by processes that follow one another.
            yield* useAccount(description, team, (account) =>
              Effect.andThen(
                acceptSpellings(description, team, account),
                runAllAgain(description, team, account)
              )
            ).pipe(Effect.provide(layer))
          }
          yield* Effect.provide(claimedOnce, layer)
        })
      )

      it.live("keeps runs from paying anybody twice under another spelling of the same endpoint", () =>
        Effect.gen(function* () {
          const spellings = accounts.filter(({ teamId }) => teamId === 1013)
          assert.lengthOf(spellings, 2)
          const runs = spellings.flatMap(({ runs }) => runs)
          for (const order of [spellings, spellings.toReversed()]) {
            const layer = yield* restore("home")
            const team = yield* makeTeam(1013)
            for (const description of order) {
              yield* useAccount(description, team, (account) =>
                Effect.forEach(runs, (run) => runAgain(account, run))
              ).pipe(Effect.provide(layer))
            }
            for (const { entries, run } of runs) {
              for (const { member } of entries) {
                const times = team.movedBefore(member) + (yield* team.moved(member))
                assert.isAtMost(times, 1, `${run} ${member} was paid ${times} times`)
              }
            }
          }
        })
      )

      it.live("settles the puts of a cloud that is told limits", () =>
        Effect.gen(function* () {
          const layer = yield* restore("home")
          yield* useStudio(
            Effect.fnUntraced(function* (account, emulator) {
              const set = { [studio.metric]: { set: `${studio.members[0].after} min` } }
              const again = account.quotas.change(
                studio.members.map(({ member }) => member),
                set,
                { run: studio.run }
              )
              const { results } = yield* again
              const writes = yield* emulator.writes
              for (const { after, member, standing } of studio.members) {
                const result = results.find((one) => one.member === member)
                const outcome = result?.outcome._tag ?? "Planned"
                const what = `${member} (${standing}): ${result?.message}`
                const expected = allowed[standing][outcome]
                assert.isDefined(expected, `${what}\n${outcome} is none of its outcomes`)
                const written = writes.filter(({ userId }) => userId === member).length
                assert.strictEqual(written, expected, `${what}\nwritten ${written} times`)
                if (outcome !== "Applied") continue
                assert.strictEqual((yield* emulator.user(member))?.quota[studio.field], after, what)
              }
              yield* again
              assert.lengthOf(yield* emulator.writes, writes.length, "the second time wrote again")
            })
          ).pipe(Effect.provide(layer))
        })
      )

      it.live("asks for a baseline where it was restored from a copy, and pays nobody twice after it", () =>
        Effect.gen(function* () {
          const layer = yield* restore("elsewhere")
          const teams = new Map<number, Team>()
          for (const description of accounts) {
            const isKnown = teams.has(description.teamId)
            const team = teams.get(description.teamId) ?? (yield* makeTeam(description.teamId))
            teams.set(description.teamId, team)
            const before = yield* team.emulator.count("SetCompShareTeamAmount")
            yield* useAccount(
              description,
              team,
              Effect.fnUntraced(function* (account) {
                for (const run of description.runs) {
                  const again = yield* runAgain(account, run)
                  if (Result.isSuccess(again)) {
                    // Only another spelling of an account that has been given its baseline needs none.
                    assert.isTrue(isKnown, `${description.name} was not asked for a baseline`)
                    yield* checkOutcomes(description, team, run, again.success)
                    continue
                  }
                  if (isRefusedName(again.failure, run)) continue
                  assert.strictEqual(again.failure.money, "not-moved")
                  assert.deepInclude(again.failure.reason, { _tag: "PreconditionFailed", needs: "baseline" })
                  assert.strictEqual(yield* team.emulator.count("SetCompShareTeamAmount"), before)
                }
                yield* account.changes.recover()
                yield* account.changes.baseline()
                yield* runAllAgain(description, team, account)
              })
            ).pipe(Effect.provide(layer))
          }
          yield* Effect.provide(claimedOnce, layer)
        })
      )
    }
  )
}
