import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { commandLine, withAmounts } from "../src/Arguments.ts"

describe("negative amounts", () => {
  it("are values, and flags stay flags", () => {
    const args = ["quota", "adjust", "-50CNY", "-1.50 CNY", "-a", "gpu", "-30 min", "-5", "--run", "x"]
    const expected = ["quota", "adjust", " -50CNY", " -1.50 CNY", "-a", "gpu", " -30 min", "-5", "--run", "x"]
    assert.deepStrictEqual(withAmounts(args), expected)
  })

  it("are left alone after --, where everything is a value", () => {
    assert.deepStrictEqual(withAmounts(["-5CNY", "--", "-5CNY"]), [" -5CNY", "--", "-5CNY"])
  })
})

describe("a command line that is printed", () => {
  it("is read by a shell as it was given", () => {
    const args = [
      "quota",
      "topup",
      "500 CNY",
      "it's",
      "$HOME",
      "`id`",
      "张三",
      "a;b",
      "--run=topup/2026-12",
      ""
    ]
    const words = commandLine(args).replace(/^cloud-quota /, "")
    const read = execFileSync("sh", ["-c", `printf '%s\\n' ${words}`], { encoding: "utf8" })
    assert.deepStrictEqual(read.slice(0, -1).split("\n"), args)
  })
})
