/**
 * The comparison of retry rules: ours never moves money twice and never says what is not so, and
 * the rules of the SDKs send as often as the SDKs themselves were seen to.
 */
import { assert, describe, it } from "@effect/vitest"
import {
  isDouble,
  isWrong,
  play,
  type Situation,
  situations,
  type Trouble,
  troubles
} from "../../../simulation/comparison.ts"
import { clients } from "../../../simulation/quotaClients.ts"

const troubleOf = (name: string): Trouble => {
  const trouble = troubles[name]
  if (trouble === undefined) throw new Error(`there is no trouble ${name}`)
  return trouble
}

const once: Situation = { times: "once", caller: "again" }
const always: Situation = { times: "always", caller: "stops" }

describe("this library", () => {
  for (const [name, trouble] of Object.entries(troubles)) {
    it(`allocates at most once, tells the truth and leaves nothing open: ${name}`, () => {
      const endings = situations.map((situation) => play(clients.ours, trouble, situation))
      assert.deepStrictEqual(endings.filter(isDouble), [])
      assert.deepStrictEqual(endings.filter(isWrong), [])
      assert.deepStrictEqual(
        endings.filter(({ said }) => said === "open"),
        []
      )
    })
  }

  it("gets the money there when the trouble has passed and the caller calls again", () => {
    for (const [name, trouble] of Object.entries(troubles)) {
      assert.deepInclude(play(clients.ours, trouble, once), { came: 1, said: "done" }, name)
    }
  })
})

describe("the SDKs' rules send as often as was measured", () => {
  const measured: ReadonlyArray<
    readonly [trouble: string, sends: Partial<Record<keyof typeof clients, number>>]
  > = [
    ["RetCode 17001 for the whole request, nothing done", { python0: 1, python3: 4, javascript: 4 }],
    ["RetCode 153 (too many requests), nothing done", { python0: 1, python3: 1 }],
    ["HTTP 500, nothing done", { python0: 1, python3: 1, javascript: 4 }],
    ["HTTP 502, nothing done", { python0: 1, python3: 4 }],
    ["HTTP 503, nothing done", { python0: 1, python3: 4, javascript: 4 }],
    ["HTTP 429, nothing done", { python0: 1, python3: 4 }],
    ["connection dropped, done", { python0: 1, python3: 1, javascript: 4 }],
    ["answered after 45 s, done only then", { python0: 1, python3: 1 }]
  ]
  for (const [name, sends] of measured) {
    it(name, () => {
      const sent = Object.fromEntries(
        Object.entries(clients)
          .filter(([key]) => key in sends)
          .map(([key, client]) => [key, play(client, troubleOf(name), always).sent])
      )
      assert.deepStrictEqual(sent, sends)
    })
  }
})

describe("the comparison sees", () => {
  it("money that came more than once", () => {
    const ending = play(clients.python0, troubleOf("connection dropped, done"), once)
    assert.deepStrictEqual(ending, { sent: 2, came: 2, said: "done" })
    assert.isTrue(isDouble(ending))
  })

  it("money that came after the caller was told that it failed", () => {
    const ending = play(clients.python0, troubleOf("connection dropped, done 45 s later"), always)
    assert.deepStrictEqual(ending, { sent: 1, came: 1, said: "failed" })
    assert.isTrue(isWrong(ending))
  })

  it("money that never came although no error was raised", () => {
    const name = "RetCode 0, and 17001 for the member in FailedMembers"
    const ending = play(clients.go3, troubleOf(name), always)
    assert.deepStrictEqual(ending, { sent: 1, came: 0, said: "done" })
    assert.isTrue(isWrong(ending))
  })
})
