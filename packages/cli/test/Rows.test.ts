/**
 * What `--json` and `--ndjson` print, by the real command over served clouds: rows as the schemas of the library
 * decode them, and as the JSON Schemas that are published with it describe them.
 */
import { Billing, Member, Metric, Quota, Report } from "@cloud-quota/core"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type ValidateFunction, Ajv2020 } from "ajv/dist/2020.js"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Cli from "./support/Cli.ts"

type Row = Readonly<Record<string, unknown>>

const scope = Effect.runSync(Scope.make())
let world: Cli.World
let metrics: ReadonlyArray<Metric.Metric>
beforeAll(async () => {
  const gpu = {
    members: [60001, 60002, 60003].map((virtualCompanyId, index) => ({
      virtualCompanyId,
      remarkName: index === 0 ? "" : `成员 ${virtualCompanyId}`,
      allocatedFen: 10_000n
    })),
    orderCount: 20
  }
  world = await Effect.runPromise(Scope.provide(Cli.world({ gpu }), scope))
  metrics = (await rowsOf("metric", ["metrics"])).map((row) =>
    Schema.decodeUnknownSync(Metric.Metric, strict)(row)
  )
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const strict = { errors: "all", onExcessProperty: "error" } as const

const ajv = new Ajv2020({ strict: true, allErrors: true, formats: { "date-time": isInstant } })

function isInstant(text: string): boolean {
  return new Date(text).toJSON() === text
}

const validators = new Map<string, ValidateFunction>()

/** The published description of a row. */
const described = (kind: string): ValidateFunction => {
  const file = fileURLToPath(import.meta.resolve(`@cloud-quota/core/schemas/${kind}.schema.json`))
  const validator = validators.get(kind) ?? ajv.compile(JSON.parse(readFileSync(file, "utf8")))
  validators.set(kind, validator)
  return validator
}

/** The rows that a command prints in both ways, each as its JSON Schema has it, and one not like it. */
const rowsOf = async (kind: string, args: ReadonlyArray<string>, code = 0): Promise<ReadonlyArray<Row>> => {
  const [json, ndjson] = await Promise.all([world.run([...args, "--json"]), world.run([...args, "--ndjson"])])
  for (const ended of [json, ndjson]) assert.strictEqual(ended.code, code, ended.stderr)
  return checked(kind, [...JSON.parse(json.stdout), ...linesOf(ndjson)])
}

const linesOf = ({ stdout }: Cli.Ended): ReadonlyArray<Row> =>
  stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))

const checked = (kind: string, rows: ReadonlyArray<Row>): ReadonlyArray<Row> => {
  const validate = described(kind)
  assert.isNotEmpty(rows)
  for (const row of rows) {
    assert.isTrue(validate(row), `${ajv.errorsText(validate.errors)}: ${JSON.stringify(row)}`)
    assert.isFalse(validate({ ...row, another: null }))
    for (const name of Object.keys(row)) {
      if (added[kind === "result" ? "result" : "listed"].includes(name)) continue
      const { [name]: _, ...rest } = row
      assert.isFalse(validate(rest), `${name} may be absent`)
    }
  }
  return rows
}

/** What the command adds to rows. Anything else is in all of them. */
const added = { listed: ["account", "details"], result: ["account", "run", "name", "person"] }

/** Decodes rows, and looks whether they would be written the same again. */
const decodedAs = <A>(schema: Schema.Codec<A, object>, rows: ReadonlyArray<Row>): ReadonlyArray<A> =>
  rows.map((row) => {
    const value = Schema.decodeUnknownSync(schema, strict)(row)
    const written: Row = JSON.parse(JSON.stringify(Schema.encodeSync(schema)(value)))
    for (const [name, field] of Object.entries(written)) {
      if (name !== "details" || "details" in row) assert.deepStrictEqual(row[name], field, name)
    }
    return value
  })

const quotasOf = (rows: ReadonlyArray<Row>) =>
  Effect.runSync(
    Effect.forEach(rows, (row) => Schema.decodeUnknownEffect(Quota.QuotaState, strict)(row)).pipe(
      Effect.provideService(Metric.Metrics, metrics)
    )
  )

const accountsOf = (rows: ReadonlyArray<Row>) => new Set(rows.map(({ account }) => account))
const both = new Set(["gpu", "studio"])

describe("rows on both clouds", () => {
  it("quota list and quota get", async () => {
    const rows = await rowsOf("quota", ["quota", "list"])
    assert.deepStrictEqual(accountsOf(rows), both)
    const states = quotasOf(rows)
    assert.deepStrictEqual(
      new Set(states.map(({ limit }) => limit._tag)),
      new Set(["Finite", "Unlimited"] as const)
    )
    for (const [index, state] of states.entries()) {
      const row = rows[index]
      assert.strictEqual(row?.["share"], Quota.share(state) ?? null)
      assert.strictEqual(row?.["unlimited"], state.limit._tag === "Unlimited")
      assert.strictEqual(row?.["limit"] === null, state.limit._tag === "Unlimited")
    }
    const ada = await rowsOf("quota", ["quota", "get", "ada@example.com"])
    assert.deepStrictEqual(accountsOf(ada), both)
    for (const { person } of quotasOf(ada)) assert.strictEqual(person, "ada@example.com")
    const named = quotasOf(await rowsOf("quota", ["quota", "get", "60002", "-a", "gpu"]))
    assert.deepStrictEqual(new Set(named.map(({ name }) => name)), new Set(["成员 60002"]))
  })

  it("quota list without the right to read names: they are null, and it is no error", async () => {
    const clouds = Effect.runSync(Scope.fork(scope))
    const own = await Effect.runPromise(Scope.provide(Cli.world(), clouds))
    const body = '{"error":{"code":403,"message":"You are not authorized","title":"Forbidden"}}'
    await Effect.runPromise(
      own.studio.inject({
        operation: "KeystoneListUsers",
        fault: { _tag: "answer", effect: false, response: { status: 403, headers: {}, body } },
        times: Number.POSITIVE_INFINITY
      })
    )
    const { code, stderr, stdout } = await own.run(["quota", "list", "-a", "studio", "--json"])
    assert.strictEqual(code, 0, stderr)
    assert.match(stderr, /not authorized/)
    const states = quotasOf(checked("quota", JSON.parse(stdout)))
    assert.isTrue(states.every((state) => !("name" in state)))
    assert.isTrue(states.some(({ person }) => person === "ada@example.com"))
    await Effect.runPromise(Scope.close(clouds, Exit.void))
  })

  it("members list", async () => {
    const rows = await rowsOf("member", ["members", "list"])
    assert.deepStrictEqual(accountsOf(rows), both)
    const members = decodedAs(Member.MemberInfo, rows)
    assert.include(
      members.map(({ person }) => person),
      "ada@example.com"
    )
  })

  it("orders, also with the provider's own rows", async () => {
    const period = ["--period", "2026-01-01..2026-12-01"]
    const rows = await rowsOf("order", ["orders", ...period])
    assert.deepStrictEqual(accountsOf(rows), both)
    for (const { details } of decodedAs(Billing.Order, rows)) assert.deepStrictEqual(details, {})
    const detailed = await rowsOf("order", ["orders", ...period, "--details"])
    for (const { details } of decodedAs(Billing.Order, detailed)) assert.isNotEmpty(details)
  })

  it("results of changes", async () => {
    const change = async (args: ReadonlyArray<string>, code = 0) => {
      const quick = { env: { CLOUD_QUOTA_SETTLEMENT: "0.2s" } }
      const ended = await world.run(["quota", ...args], quick)
      assert.strictEqual(ended.code, code, ended.stderr)
      const rows = args.includes("--json") ? JSON.parse(ended.stdout) : linesOf(ended)
      return { rows, results: decodedAs(Report.Result, checked("result", rows)) }
    }
    const tags = ({ results }: Awaited<ReturnType<typeof change>>) =>
      results.map(({ outcome }) => outcome._tag)
    assert.strictEqual((await world.run(["baseline", "-a", "gpu", "--yes"])).code, 0)

    const topup = ["topup", "500 CNY", "60001", "60002", "-a", "gpu", "--run", "a/1"]
    assert.deepStrictEqual(tags(await change([...topup, "--preview", "--ndjson"])), ["Planned", "Planned"])
    const capped = await change([...topup, "--cap", "400 CNY", "--yes", "--json"], 3)
    assert.deepStrictEqual(tags(capped), ["Applied", "Refused"])
    assert.deepInclude(capped.rows[0], { account: "gpu", run: "a/1", person: "ada@example.com" })
    assert.deepInclude(capped.rows[1], { name: "成员 60002", check: "cap", targetUnlimited: false })
    const again = await change([...topup, "--yes", "--ndjson"])
    assert.deepStrictEqual(tags(again), ["Applied", "Applied"])
    assert.isDefined(again.results[0]?.doneAt)

    const huge = ["adjust", "9999999999 CNY", "60003", "-a", "gpu", "--run", "b/1", "--yes", "--json"]
    const { results } = await change(huge, 1)
    const [outcome] = results.map((result) => result.outcome)
    assert.strictEqual(outcome?._tag, "Rejected")
    assert.strictEqual(outcome?._tag === "Rejected" && outcome.reason._tag, "InsufficientBalance")

    const set = ["ada@example.com", "-a", "studio", "--metric", "video-minutes", "--yes"]
    const limited = await change([
      "set",
      "60 min",
      ...set,
      "--waive",
      "unlimited-to-finite",
      "--waive",
      "below-usage",
      "--waive",
      "large-decrease",
      "--json"
    ])
    assert.include(["Applied", "NoChange"], tags(limited)[0])
    const refused = await change(["set", "unlimited", ...set, "--ndjson"], 1)
    assert.deepStrictEqual(tags(refused), ["Refused"])
    assert.deepInclude(refused.rows[0], {
      check: "finite-to-unlimited",
      before: { unit: "minute", amount: "60" },
      beforeUnlimited: false
    })
    const unlimited = await change(["set", "unlimited", ...set, "--waive", "finite-to-unlimited", "--json"])
    assert.deepInclude(unlimited.rows[0], {
      outcome: "Applied",
      target: null,
      targetUnlimited: true,
      observed: null,
      observedUnlimited: true
    })
  })
})
