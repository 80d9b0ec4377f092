/**
 * Where a journal is: what is plainly a URL or a path, what is refused and never quoted, and what would vanish
 * with a CI job.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { databaseOf, describeDatabase, folderOf, isUrl, vanishing } from "../src/journal/place.ts"

const folder = (text: string) => folderOf(text, "/srv/here", "/home/ana")

describe("a path", () => {
  it("is absolute, or begins with a dot or the user's folder", () => {
    for (const [text, path] of [
      ["/var/lib/quota", "/var/lib/quota"],
      ["./journal", "/srv/here/journal"],
      ["../journal", "/srv/journal"],
      ["~/journal", "/home/ana/journal"],
      ["/srv/发放 2026", "/srv/发放 2026"]
    ] as const) {
      assert.deepStrictEqual(folder(text), Result.succeed(path))
    }
  })

  it("is refused if it could be anything else, with a remedy and without being quoted", () => {
    for (const [text, problem] of [
      ["", /is empty/],
      [" /var/hunter2", /has blanks around it/],
      ["/var/hunter2\n", /has blanks around it/],
      ['"postgres://ops:hunter2@db.example.test/quota"', /has quotes around it/],
      ["'/var/hunter2'", /has quotes around it/],
      ["“/var/hunter2”", /has quotes around it/],
      ["/var/hunter2\0x", /not seen/],
      ["/var/hunter2\u200bx", /not seen/],
      ["$HOME/hunter2", /a variable in it that nothing has replaced/],
      ["/var/$(hunter2)", /a variable in it that nothing has replaced/],
      ["postgres:/ops:hunter2@db/quota", /of no kind that is known.*postgres:\/\/user/],
      ["jdbc:postgresql://db/quota?password=hunter2", /of no kind that is known/],
      ["mysql://ops:hunter2@db/quota", /of no kind that is known/],
      ["file:///var/hunter2", /of no kind that is known/],
      ["./postgres://ops:hunter2@db/quota", /of no kind that is known/],
      ["ops:hunter2@db/quota", /of no kind that is known/],
      ["ops@hunter2/quota", /is not plainly a path/],
      ["hunter2", /is not plainly a path.*\.\//],
      ["state/hunter2", /is not plainly a path/],
      ["~", /is not plainly a path/],
      ["~hunter2", /another user's folder/]
    ] as const) {
      const refused = folder(text)
      assert.isTrue(Result.isFailure(refused), text)
      if (!Result.isFailure(refused)) continue
      assert.match(refused.failure, problem)
      assert.notInclude(refused.failure, "hunter2")
    }
  })

  it("with the user's folder needs one that is known", () => {
    for (const home of [undefined, "", "relative"]) {
      const refused = folderOf("~/j", "/srv/here", home)
      assert.match(Result.isFailure(refused) ? refused.failure : "", /no home folder: set HOME/)
    }
  })
})

describe("a URL", () => {
  it("names a host and a database, and is shown without user and password", () => {
    for (const [text, shown] of [
      ["postgres://ops:hunter2@db.example.test/quota", "postgres://db.example.test/quota"],
      ["PostgreSQL://ops@db:6432/quota?sslmode=require", "postgres://db:6432/quota"],
      ["postgres:///quota?host=/run/postgresql", "postgres:///run/postgresql/quota"]
    ] as const) {
      assert.isTrue(isUrl(text))
      assert.deepStrictEqual(Result.map(databaseOf(text), describeDatabase), Result.succeed(shown))
    }
  })

  it("is refused if it is odd, and not quoted", () => {
    for (const text of [
      "",
      "postgres://",
      "postgres://ops:hunter2@db",
      "postgres://ops:hunter2@db/",
      "postgres://ops:hunter2@db:x/quota",
      "postgres://ops:hunter2@db/quota ",
      "postgres://ops:$hunter2@db/quota",
      "mysql://ops:hunter2@db/quota"
    ]) {
      const refused = databaseOf(text)
      assert.isTrue(Result.isFailure(refused), text)
      if (Result.isFailure(refused)) assert.notInclude(refused.failure, "hunter2")
    }
  })
})

describe("in CI a folder vanishes", () => {
  it("if it is in the checkout, the home folder, a temporary folder or one that the CI names", () => {
    const root = Fs.mkdtempSync(join(tmpdir(), "place-"))
    const checkout = join(root, "checkout")
    Fs.mkdirSync(join(checkout, "packages", "one"), { recursive: true })
    Fs.mkdirSync(join(checkout, ".git"))
    const from = {
      cwd: join(checkout, "packages", "one"),
      home: "/home/runner",
      env: { RUNNER_TEMP: "/mnt/runner", TMPDIR: "relative", WORKSPACE: "/" }
    }
    const why = (path: string) => vanishing(path, from)
    assert.match(why(join(checkout, "packages", "two", "journal")) ?? "", /in the checkout$/)
    assert.match(why("/home/runner/journal") ?? "", /in the home folder$/)
    assert.match(why("/home/runner") ?? "", /in the home folder$/)
    for (const temporary of [join(tmpdir(), "j"), "/tmp/j", "/var/tmp/j"]) {
      assert.match(why(temporary) ?? "", /in a temporary folder$/)
    }
    assert.match(why("/mnt/runner/journal") ?? "", /in the folder of RUNNER_TEMP$/)
    for (const lasting of ["/srv/quota/journal", "/home/runner2/journal", "/mnt/runner2"]) {
      assert.isUndefined(why(lasting), lasting)
    }
    // A root home, as containers have it, would make everything vanish.
    assert.isUndefined(vanishing("/srv/quota", { ...from, home: "/" }))
    // A link to the home folder is in the home folder.
    const link = join(root, "link")
    Fs.symlinkSync(checkout, link)
    assert.match(vanishing(join(link, "journal"), { ...from, env: {} }) ?? "", /in the checkout$/)
    Fs.rmSync(root, { recursive: true })
  })
})
