/**
 * Configurations that nobody would write: each is understood, or is refused with what is wrong. None is a mistake
 * of this library's own.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { folder, loadFrom } from "./fixtures/configured.ts"

const valid = `accounts:
  gpu: { provider: memory, team: 1001, key: MEMORY_KEY }
  studio: &usual
    provider: memory
    team: "7"
    region: north
    endpoint: https://api.memory.test
  lab: *usual
people:
  Ada@example.com: { gpu: m-1, studio: 0012 }
  bao@example.com: { gpu: 12345678901234567890 }
journal: { postgres: { url: { env: DATABASE_URL }, schema: quota } }
zone: "+08:00"
`

/** Whatever YAML has that a configuration has not, and what looks like something else. */
const pieces = [
  ..."\t|\n|\r|\0|\u0007|\u0085|\u2028|\ufeff|\u202e|\u200b|\ud800|é|王".split("|"),
  ..."~|null|true|no|on|.inf|-.inf|.nan|1e999|0x1f|0o17|1_000|-0|2026-11-30|<<|__proto__|constructor".split(
    "|"
  ),
  ..."toString|''|\"\"|'|\"|*usual|*missing|&x|&usual|!!binary aGk=|!!set {a}|!!omap [a: 1]|!!float 1|!x y".split(
    "|"
  ),
  ..."{|}|[|]|,|: |? |- |# |---\n|...\n|%YAML 1.1\n|%TAG ! x\n|@|`|>-\n|<<: *usual\n  ".split("|"),
  "|\n  a\n",
  "|+9",
  '"\\t\\n\\u0000\\ud800"',
  "'a\tb'",
  "{ a\tb: { gpu: 1 } }",
  "9".repeat(400),
  "a".repeat(300),
  "[".repeat(60),
  "{a: ".repeat(60),
  'people:\n  "a\\tb": { gpu: 1 }\n',
  'people:\n  " a": { gpu: 1 }\n',
  "people: { ? [a] : b }\n",
  "people: { 1: { gpu: 1 }, 1.0: { gpu: 2 } }\n",
  "<<: { provider: memory }",
  "accounts: [gpu]\n"
]

/** A generator of numbers below 1, the same for the same seed (mulberry32). */
const random = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** The valid text with up to four parts taken away, doubled, replaced or put elsewhere. */
const mutated = (seed: number): string => {
  const next = random(seed)
  const below = (most: number) => Math.floor(next() * most)
  const tokens = valid.split(/(?<=[\s{}:,&*"])|(?=[\s{}:,&*"])/)
  for (let times = 1 + below(4); times > 0; times -= 1) {
    const at = below(tokens.length)
    const piece = pieces[below(pieces.length)] ?? ""
    const kind = below(5)
    if (kind === 0) tokens.splice(at, 1 + below(3))
    else if (kind === 1) tokens.splice(at, 0, ...tokens.slice(at, at + 1 + below(20)))
    else if (kind === 2) tokens.splice(at, 1, piece)
    else if (kind === 3) tokens.splice(at, 0, piece)
    else tokens.splice(at, 0, ...tokens.splice(below(tokens.length), 1 + below(6)))
  }
  return tokens.join("")
}

const wholes = [
  'people:\n  "a\\tb": { gpu: 1 }\n',
  'people:\n  "a\\u0085b": { gpu: 1 }\n',
  'people:\n  " a": { gpu: 1 }\n',
  `people:\n  ${"a".repeat(300)}: { gpu: 1 }\n`,
  'people:\n  "": { gpu: 1 }\n',
  "people:\n  constructor: { gpu: 1 }\n  toString: { gpu: 2 }\n"
].map((people) => `accounts: { gpu: { provider: memory, team: 1 } }\n${people}`)

const rounds = Number(process.env["CLOUD_QUOTA_TEST_FUZZ"] ?? 600)

describe("a configuration at random", () => {
  it.live("is understood or refused, and never ends as a mistake of the library", () =>
    Effect.gen(function* () {
      const directory = yield* folder()
      const path = join(directory, "cloud-quota.yaml")
      let understood = 0
      const texts = [...wholes, ...Array.from({ length: rounds }, (_, seed) => mutated(seed))]
      for (const [index, text] of texts.entries()) {
        writeFileSync(path, text)
        const exit = yield* Effect.exit(loadFrom(directory, { path }))
        if (Exit.isSuccess(exit)) understood += 1
        else if (Cause.hasDies(exit.cause)) {
          assert.fail(`${Cause.pretty(exit.cause)}\n\nround ${index}:\n${JSON.stringify(text)}`)
        }
      }
      // The mutations are small enough that some are still right.
      assert.isAbove(understood, rounds / 100)
    })
  )

  it.effect("says where a name of a person is that is none", () =>
    Effect.gen(function* () {
      const directory = yield* folder({ "cloud-quota.yaml": wholes[0] ?? "" })
      const error = yield* Effect.flip(loadFrom(directory))
      assert.strictEqual(
        error.message,
        String.raw`cloud-quota.yaml:3:3 people.a\tb: "a\u{9}b" holds characters that look like others or like nothing: write "a b"`
      )
    })
  )
})
