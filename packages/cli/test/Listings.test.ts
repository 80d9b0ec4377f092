/**
 * Every listing in every format, by the real command over served clouds.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Cli from "./support/Cli.ts"
import * as Csv from "./support/Csv.ts"

const scope = Effect.runSync(Scope.make())
let world: Cli.World
beforeAll(async () => {
  world = await Effect.runPromise(Scope.provide(Cli.world(), scope))
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

type Row = Readonly<Record<string, unknown>>

/** What a command gave in each format, after all of them ended well and agreed. */
const inAllFormats = async (args: ReadonlyArray<string>, code = 0) => {
  const [table, json, ndjson, csv] = await Promise.all(
    [[], ["--json"], ["--ndjson"], ["--csv"]].map((format) => world.run([...args, ...format]))
  )
  if (!table || !json || !ndjson || !csv) throw new Error("four runs give four results")
  for (const { code: ended, stderr } of [table, json, ndjson, csv]) assert.strictEqual(ended, code, stderr)
  const rows: ReadonlyArray<Row> = JSON.parse(json.stdout)
  const objects = ndjson.stdout
    .split("\n")
    .slice(0, -1)
    .map((line): Row => JSON.parse(line))
  const timeless = (some: ReadonlyArray<Row>) => some.map(({ observedAt: _, ...row }) => row)
  assert.deepStrictEqual(timeless(objects), timeless(rows))
  const cells = Csv.parse(csv.stdout)
  assert.strictEqual(cells.length, rows.length)
  for (const [index, row] of rows.entries()) {
    for (const [name, value] of Object.entries(row)) {
      if (name !== "observedAt") assert.deepStrictEqual(cells[index]?.[name], csvOf(value), name)
    }
  }
  // A name for each column, and as many rows as there are.
  const tableLines = table.stdout.split("\n").slice(0, -1)
  assert.strictEqual(tableLines.length, rows.length === 0 ? 0 : rows.length + 1, table.stdout)
  assert.notInclude(table.stdout, "\u001b")
  return { rows, table: table.stdout, stderr: table.stderr }
}

/** The rows alone. */
const rowsOf = async (args: ReadonlyArray<string>): Promise<ReadonlyArray<Row>> => {
  const { code, stderr, stdout } = await world.run([...args, "--json"])
  assert.strictEqual(code, 0, stderr)
  return JSON.parse(stdout)
}

const csvOf = (value: unknown): string => {
  if (value === null) return ""
  if (typeof value === "object" && "amount" in value) return String(value.amount)
  const text = String(value)
  return /^[=+\-@]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? `'${text}` : text
}

const names = (rows: ReadonlyArray<Row>) => new Set(rows.map(({ account }) => account))
const both = new Set(["gpu", "studio"])
const inOctober = ["--period", "2026-10"]

describe("listings", () => {
  it("accounts", async () => {
    const { rows, table } = await inAllFormats(["accounts"])
    assert.deepStrictEqual(
      rows.map(({ account, endpoint, provider }) => ({ account, endpoint, provider })),
      [
        { account: "gpu", provider: "compshare", endpoint: world.origins.gpu },
        { account: "studio", provider: "metastudio", endpoint: world.origins.studio }
      ]
    )
    assert.match(table, /^account {2}provider +scope +endpoint\n/)
  })

  it("capabilities", async () => {
    const { rows } = await inAllFormats(["capabilities", "-a", "gpu"])
    const used = rows.find(({ capability }) => capability === "quotas.used")
    assert.strictEqual(used?.["support"], "unsupported")
    assert.isString(used?.["note"])
  })

  it("metrics", async () => {
    const { rows } = await inAllFormats(["metrics"])
    assert.strictEqual(rows.length, 9)
    assert.deepInclude(rows[0], { account: "gpu", metric: "allowance", kind: "balance", titleZh: "额度" })
  })

  it("members", async () => {
    const { rows } = await inAllFormats(["members", "list"])
    assert.deepStrictEqual(names(rows), both)
    const active = await rowsOf(["members", "list", "--status", "active"])
    assert.isBelow(active.length, rows.length)
    assert.deepStrictEqual(new Set(active.map(({ status }) => status)), new Set(["active"]))

    const shown = await rowsOf(["members", "show", "ada@example.com"])
    assert.deepStrictEqual(names(shown), both)
    assert.deepStrictEqual(
      shown.map(({ person }) => person),
      ["ada@example.com", "ada@example.com"]
    )
    const found = await rowsOf(["members", "find", "60001"])
    assert.deepStrictEqual(
      found.map(({ account, id }) => ({ account, id })),
      [{ account: "gpu", id: "60001" }]
    )
  })

  it("quotas, with names, persons and bars", async () => {
    const { rows, table } = await inAllFormats(["quota", "list"])
    assert.deepStrictEqual(names(rows), both)
    const ada = rows.find(({ account, member }) => account === "gpu" && member === "60001")
    assert.strictEqual(ada?.["person"], "ada@example.com")
    assert.isString(ada?.["name"])
    const state = (await Effect.runPromise(world.gpu.state)).members.find(
      (one) => one.virtualCompanyId === 60001
    )
    const yuan = String(state?.availableFen).replace(/(\d\d)$/, ".$1")
    assert.deepStrictEqual(ada?.["available"], { unit: "CNY", amount: yuan })
    assert.match(table, /[█░]{10} +\d+%/)
    assert.notMatch(table, /unlimited.*[█░]/)

    const one = await rowsOf(["quota", "get", "ada@example.com"])
    assert.deepStrictEqual(names(one), both)
    const minutes = await rowsOf(["quota", "list", "-a", "studio", "--metric", "video-minutes"])
    assert.deepStrictEqual(new Set(minutes.map(({ metric }) => metric)), new Set(["video-minutes"]))
  })

  it("quotas of who is low, sorted over all accounts, and alerts with an exit code", async () => {
    const low = ["quota", "list", "--above", "50%", "--below", "100000 CNY", "--status", "active"]
    const { code, stderr, stdout } = await world.run([...low, "--sort", "metric", "--exit-code", "--json"])
    assert.strictEqual(code, 2, stderr)
    const rows: ReadonlyArray<Row> = JSON.parse(stdout)
    assert.deepStrictEqual(names(rows), both)
    for (const { available, kind, share } of rows) {
      if (kind === "ceiling") assert.isAbove(Number(share), 0.5)
      else assert.isBelow(Number((available as { readonly amount: string }).amount), 100_000)
    }
    const metrics = rows.map(({ metric }) => String(metric))
    assert.deepStrictEqual(metrics, metrics.toSorted())
    const [first] = await rowsOf([...low, "--sort", "available", "--limit", "1"])
    assert.isDefined(first)
    assert.strictEqual((await world.run(["quota", "list", "--below", "-1000000 CNY", "--exit-code"])).code, 0)
    const wrong = await world.run(["quota", "list", "--above", "80"])
    assert.deepStrictEqual([wrong.code, wrong.stdout], [1, ""])
    assert.match(wrong.stderr, /above: give a percentage, as 80%/)
  })

  it("orders, totals and what is unpaid", async () => {
    const { rows } = await inAllFormats(["orders", ...inOctober])
    assert.include([...names(rows)], "gpu")
    for (const { createdAt } of rows) {
      // October in Beijing's time.
      assert.isTrue(String(createdAt) >= "2026-09-30T16:00" && String(createdAt) < "2026-10-31T16:00")
    }
    const some = await rowsOf(["orders", ...inOctober, "--kind", "buy", "--kind", "usage"])
    assert.deepStrictEqual(new Set(some.map(({ kind }) => kind)), new Set(["buy", "usage"]))
    const totals = await inAllFormats(["totals", "--period", "2026-01-01..2026-12-01"])
    assert.deepInclude(totals.rows[0], { account: "gpu", verdict: "agrees" })
    const all = await rowsOf(["orders", "--period", "2026-01-01..2026-12-01", "-a", "gpu"])
    assert.strictEqual(totals.rows[0]?.["count"], all.length)
    // An order that in Beijing is of the next day already.
    const late = all.find(({ createdAt }) => String(createdAt).slice(11, 13) >= "16")
    const day = String(late?.["createdAt"]).slice(0, 10)
    const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
    const args = ["orders", "-a", "gpu", "--period", `${day}..${next}`]
    const ids = async (zone: string) => (await rowsOf([...args, "--zone", zone])).map(({ id }) => id)
    assert.include(await ids("UTC"), late?.["id"])
    assert.notInclude(await ids("Asia/Shanghai"), late?.["id"])

    const unpaid = await inAllFormats(["unpaid"])
    assert.isAbove(unpaid.rows.length, 0)
    assert.deepStrictEqual(new Set(unpaid.rows.map(({ status }) => status)), new Set(["unpaid"]))
  })

  it("totals of each person, member and account, exactly those of the orders", async () => {
    const period = ["--period", "2026-01-01..2026-12-01"]
    const orders = await rowsOf(["orders", ...period])
    const fen = (row: Row) =>
      Math.round(Number((row["paid"] as { readonly amount: string } | null)?.amount ?? 0) * 1e5)
    const sum = (rows: ReadonlyArray<Row>) => rows.reduce((total, row) => total + fen(row), 0)
    for (const by of ["person", "member", "account"]) {
      const { rows } = await inAllFormats(["totals", ...period, "--by", by])
      assert.strictEqual(sum(rows), sum(orders), by)
      assert.strictEqual(
        rows.reduce((count, row) => count + Number(row["count"]), 0),
        orders.length
      )
    }
    const byAccount = await rowsOf(["totals", ...period, "--by", "account"])
    assert.deepStrictEqual(names(byAccount), both)
    const byPerson = await rowsOf(["totals", ...period, "--by", "person"])
    const ada = byPerson.filter(({ person }) => person === "ada@example.com")
    assert.strictEqual(sum(ada), sum(orders.filter(({ person }) => person === "ada@example.com")))
  })

  it("gives the provider's own rows on demand", async () => {
    const { code, stdout } = await world.run(["orders", ...inOctober, "-a", "gpu", "--ndjson", "--details"])
    assert.strictEqual(code, 0)
    const [first = ""] = stdout.split("\n")
    assert.property(JSON.parse(first).details, "OrderNo")
  })

  it("orders as FOCUS cost data, as CSV unless another format is asked for", async () => {
    const args = ["orders", "--period", "2026-01-01..2026-12-01", "--focus"]
    const [csv, json] = await Promise.all([world.run(args), world.run([...args, "--json"])])
    const cells = Csv.parse(csv.stdout)
    const rows: ReadonlyArray<Row> = JSON.parse(json.stdout)
    assert.isAbove(rows.length, 0)
    assert.deepStrictEqual(
      cells.map(({ BilledCost, x_OrderId }) => [BilledCost, x_OrderId]),
      rows.map(({ BilledCost, x_OrderId }) => [BilledCost ?? "", x_OrderId])
    )
    assert.deepStrictEqual(
      new Set(rows.map(({ ServiceProviderName }) => ServiceProviderName)),
      new Set(["UCloud", "Huawei Cloud"])
    )
    assert.notProperty(rows[0], "account")
  })

  it("refund quotes", async () => {
    const { rows } = await inAllFormats(["refunds", "--member", "60001"])
    assert.deepStrictEqual(names(rows), new Set(["gpu"]))
    assert.isBoolean(rows[0]?.["refundable"])
  })

  it("what was bought in advance, balances, use and cost", async () => {
    const entitlements = await inAllFormats(["entitlements"])
    assert.deepStrictEqual(names(entitlements.rows), new Set(["studio"]))
    const balance = await inAllFormats(["balance"])
    assert.deepStrictEqual(names(balance.rows), both)
    assert.deepInclude(balance.rows[0], { account: "gpu", available: { unit: "CNY", amount: "1000000.00" } })
    const usage = await inAllFormats(["usage", "--period", "2026-01-01..2026-12-01"])
    assert.isAbove(usage.rows.length, 0)
    const cost = await inAllFormats(["cost", "--month", "2026-06"])
    assert.isAbove(cost.rows.length, 0)
    assert.deepStrictEqual(new Set(cost.rows.map(({ month }) => month)), new Set(["2026-06"]))
  })

  it("history", async () => {
    const { rows } = await inAllFormats(["history", "--period", "2026-01-01..2026-12-01"])
    assert.include(
      rows.map(({ kind }) => kind),
      "grant"
    )
  })

  it("history of a member has the provider's rows, those that do not name them with a note", async () => {
    const period = ["--period", "2026-01-01..2026-12-01"]
    const { rows: all } = await inAllFormats(["history", "-a", "gpu", ...period])
    const { rows } = await inAllFormats(["history", "--member", "60005", "-a", "gpu", ...period])
    assert.lengthOf(rows, all.length)
    for (const { note, text } of rows) {
      assert.strictEqual(note === null, String(text).includes("(60005)"), `${text}`)
    }
    assert.isTrue(rows.some(({ note }) => note === null) && rows.some(({ note }) => note !== null))
  })

  it("shows names that would steer a terminal, and gives them to programs as they are", async () => {
    const name = "\u001b[2JEve\u202e"
    const own = await Effect.runPromise(
      Scope.provide(Cli.world({ gpu: { members: [{ virtualCompanyId: 60001, remarkName: name }] } }), scope)
    )
    const table = await own.run(["members", "list", "-a", "gpu"])
    assert.include(table.stdout, String.raw`\u001b[2JEve\u202e`)
    const csv = await own.run(["members", "list", "-a", "gpu", "--csv"])
    assert.include(csv.stdout, String.raw`\u001b[2JEve\u202e`)
    const json = await own.run(["members", "list", "-a", "gpu", "--json"])
    assert.strictEqual(JSON.parse(json.stdout)[0].name, name)
    for (const { stdout } of [table, csv, json]) assert.notMatch(stdout, /\p{Cc}(?<!\s)|\p{Cf}/u)
  })

  it("writes a byte order mark for Excel on demand", async () => {
    const { stdout } = await world.run(["metrics", "--csv", "--bom"])
    assert.isTrue(stdout.startsWith("\ufeffaccount,metric,"))
  })

  it("colours what is forced, and nothing against NO_COLOR", async () => {
    const forced = await world.run(["quota", "list"], { env: { FORCE_COLOR: "1" } })
    assert.include(forced.stdout, "\u001b[")
    const refused = await world.run(["quota", "list"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })
    assert.notInclude(refused.stdout, "\u001b")
    const json = await world.run(["quota", "list", "--json"], { env: { FORCE_COLOR: "1" } })
    assert.notInclude(json.stdout, "\u001b")
  })
})
