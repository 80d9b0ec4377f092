import { assert, describe, it } from "@effect/vitest"
import { Period, type Quantity, quantity } from "@cloud-quota/core/promise"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"

describe("quantity", () => {
  it("is exact, and prints what it reads", () => {
    const price = quantity("0.1 CNY").plus("0.2 CNY")
    assert.strictEqual(price.amount, "0.30")
    assert.strictEqual(price.unit, "CNY")
    assert.strictEqual(`${price}`, "0.30 CNY")
    assert.isTrue(quantity(`${price}`).equals(price))
    assert.strictEqual(inspect({ price }), "{ price: 0.30 CNY }")
    assert.strictEqual(JSON.stringify(price), '{"unit":"CNY","amount":"0.30"}')
    assert.strictEqual(quantity("9007199254740993 CNY").plus("0.001 CNY").amount, "9007199254740993.001")
  })

  it("has one text for equal amounts", () => {
    assert.strictEqual(quantity("1.500 CNY").amount, quantity("1.5 CNY").amount)
    assert.strictEqual(quantity("60 min").amount, "60")
    assert.strictEqual(quantity("3").toString(), "3")
  })

  it("computes and compares", () => {
    const ten = quantity("10 min")
    assert.strictEqual(`${ten.minus("12 min")}`, "-2 min")
    assert.strictEqual(`${ten.times("0.25")}`, "2.5 min")
    assert.strictEqual(`${ten.times("0.25").round({ step: "1 min", mode: "up" })}`, "3 min")
    assert.strictEqual(`${ten.negated().abs()}`, "10 min")
    assert.strictEqual(ten.share("40 min"), 0.25)
    assert.isTrue(ten.lessThan("11 min"))
    assert.isTrue(ten.greaterThan(quantity("9 min")))
    assert.deepStrictEqual([ten, quantity("2 min")].sort((a, b) => a.compare(b)).map(String), [
      "2 min",
      "10 min"
    ])
    assert.isTrue(ten.minus(ten).isZero())
    assert.isTrue(ten.negated().isNegative())
    assert.isTrue(ten.isPositive())
  })

  it("refuses other units, and what is no quantity", () => {
    const yuan = quantity("1 CNY")
    assert.isFalse(yuan.equals("1 min"))
    assert.throws(() => yuan.plus("1 min"), TypeError, "cannot combine CNY with minute")
    assert.throws(() => yuan.lessThan("1 min"), TypeError)
    assert.throws(() => yuan.share("1 min"), TypeError)
    assert.throws(() => quantity("lots"), RangeError, '"lots" is not a quantity')
    assert.throws(() => quantity(5 as unknown as Quantity), RangeError, "not a quantity")
    assert.throws(() => quantity({ unit: "CNY", amount: "5" } as unknown as Quantity), RangeError)
  })

  it("never changes", () => {
    const yuan = quantity("1 CNY")
    yuan.plus("1 CNY")
    assert.strictEqual(`${yuan}`, "1.00 CNY")
    assert.throws(() => Object.assign(yuan, { amount: "2.00" }), TypeError)
  })
})

describe("Period", () => {
  const zone = "Asia/Shanghai"

  it("prints what is meant", () => {
    assert.strictEqual(
      `${Period.month("2026-11", { zone })}`,
      "2026-11-01T00:00:00.000+08:00[Asia/Shanghai] to 2026-12-01T00:00:00.000+08:00[Asia/Shanghai]"
    )
    assert.strictEqual(`${Period.lastMonth({ zone })}`, "last month (Asia/Shanghai)")
    assert.strictEqual(`${Period.parse("30d", { zone: "UTC" })}`, "last 30 days (UTC)")
  })

  it("takes dates", () => {
    const start = new Date("2026-11-01T00:00:00Z")
    const end = new Date("2026-11-02T00:00:00Z")
    assert.include(`${Period.between(start, end, { zone: "UTC" })}`, "2026-11-01T00:00:00.000")
    assert.throws(() => Period.between(end, start, { zone: "UTC" }), RangeError, "end of the period")
    assert.throws(() => Period.between(new Date(Number.NaN), end, { zone: "UTC" }), RangeError, "no instant")
  })

  it("refuses what does not exist", () => {
    assert.throws(() => Period.month("2026-13", { zone }), RangeError, "no month")
    assert.throws(() => Period.lastMonth({ zone: "Mars" }), RangeError, "no time zone")
    assert.throws(() => Period.parse("whenever", { zone }), RangeError, "invalid period")
  })
})

describe("the types of the Promise door", () => {
  it("name no type of Effect", { timeout: 120_000 }, () => {
    const root = fileURLToPath(new URL("../../..", import.meta.url))
    const out = mkdtempSync(join(tmpdir(), "cloud-quota-types-"))
    try {
      const entries = [
        "core/src/promise/index",
        "compshare/src/account/promise",
        "metastudio/src/account/promise"
      ]
      const compilerOptions = {
        rootDir: join(root, "packages"),
        outDir: out,
        typeRoots: [join(root, "node_modules", "@types")],
        emitDeclarationOnly: true,
        declarationMap: false
      }
      // All sources: of those that are reached through a package, the compiler emits some and others not.
      const include = ["core", "compshare", "metastudio"].map((name) => join(root, "packages", name, "src"))
      const config = { extends: join(root, "tsconfig.base.json"), compilerOptions, include }
      writeFileSync(join(out, "tsconfig.json"), JSON.stringify(config))
      execFileSync(join(root, "node_modules", ".bin", "tsc"), ["-p", out], { stdio: "inherit" })
      const reached = reachable(entries.map((entry) => join(out, `${entry}.d.ts`)))
      assert.isAtLeast(reached.files.length, 8)
      assert.deepStrictEqual(reached.packages, ["@cloud-quota/core/promise"])
    } finally {
      rmSync(out, { recursive: true })
    }
  })
})

/** The declarations that others lead to, and the packages that they name. */
const reachable = (entries: ReadonlyArray<string>) => {
  const files = new Set(entries)
  const packages = new Set<string>()
  for (const file of files) {
    const text = readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "")
    for (const [, named = ""] of text.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)) {
      if (named.startsWith(".")) files.add(resolve(dirname(file), named.replace(/\.[jt]s$/, ".d.ts")))
      else packages.add(named)
    }
  }
  return { files: [...files], packages: [...packages] }
}
