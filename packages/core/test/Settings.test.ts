/**
 * Settings, and what is said about those that are wrong.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Result, Schema } from "effect"
import * as Settings from "@cloud-quota/core/adapter/Settings"

const about = (remedy: string) => ({ description: "A setting.", remedy })

const Group = Settings.group(about("give a group"), {
  provider: Settings.providerId("cloud"),
  size: Settings.whole(about("give a size"), 2, 20),
  endpoint: Schema.optionalKey(Settings.origin(about("give an origin"))),
  keys: Schema.optionalKey(
    Settings.group(about("give keys"), { secretKey: Settings.variable("The variable.") })
  )
})

const wrong = (settings: unknown) => {
  const decoded = Settings.decode(Group, settings)
  return Result.isSuccess(decoded)
    ? []
    : decoded.failure.map(({ isKey, message, path }) => `${path.join(".")}${isKey ? "?" : ""}: ${message}`)
}
const good = { provider: "cloud", size: 2 }

describe("settings", () => {
  it("are what they should be, and nothing else", () => {
    for (const settings of [
      good,
      { ...good, size: "20" },
      { ...good, endpoint: "https://api.example.com", keys: { secretKey: "SECRET_KEY_2" } }
    ]) {
      assert.deepStrictEqual(wrong(settings), [])
    }
    for (const nothing of [null, undefined, 1, "x", [], new Map()]) {
      assert.notDeepEqual(wrong(nothing), [], String(nothing))
    }
    assert.deepStrictEqual(wrong("x"), [": give a group"])
    assert.deepStrictEqual(wrong({}), [
      "provider: write cloud, whose settings these are",
      "size: give a size"
    ])
  })

  it("are whole numbers within their bounds, also as digits", () => {
    for (const size of [
      1,
      21,
      2.5,
      Number.NaN,
      "1",
      "21",
      "02",
      "2.0",
      "2e0",
      " 2",
      "",
      null,
      2n,
      "9".repeat(20)
    ]) {
      assert.deepStrictEqual(wrong({ ...good, size }), ["size: give a size"], String(size))
    }
  })

  it("are origins that keys may be sent to", () => {
    const said = (endpoint: unknown) => wrong({ ...good, endpoint })[0] ?? ""
    assert.match(said("http://api.example.com"), /endpoint: only https is allowed/)
    assert.match(said("https://u:hunter2@api.example.com"), /endpoint: give an origin alone/)
    assert.strictEqual(said(7), "endpoint: give an origin")
  })

  it("name variables in capitals, so that no key is taken for one", () => {
    for (const secretKey of ["wJalrXUtnFEMI/K7MDENG", "abc", "", "A-B", 1]) {
      const [message = ""] = wrong({ ...good, keys: { secretKey } })
      assert.match(message, /^keys\.secretKey: give the name of an environment variable, in capitals/)
    }
  })

  it("that do not exist are told of by name: the one that is meant, or that keys are not written", () => {
    const said = (settings: object) => wrong({ ...good, ...settings })
    assert.deepStrictEqual(said({ Size: 1 }), ["Size?: did you mean size?"])
    assert.deepStrictEqual(said({ endpiont: 1 }), ["endpiont?: did you mean endpoint?"])
    assert.deepStrictEqual(said({ colour: 1 }), [
      "colour?: there is no such setting: the settings are provider, size, endpoint, keys"
    ])
    for (const key of ["privateKey", "secret_key", "password", "token", "SK", "access-key"]) {
      assert.match(
        said({ [key]: "hunter2" })[0] ?? "",
        /no key is written here: name the environment variable/
      )
    }
    // Where it belongs, it is a slip of the pen.
    assert.include(said({ keys: { secretkey: "A" } }), "keys.secretkey?: did you mean secretKey?")
  })

  it("are the same to an editor", () => {
    const schema = Settings.jsonSchema(Group)
    assert.deepInclude(schema, {
      type: "object",
      additionalProperties: false,
      required: ["provider", "size"]
    })
    assert.deepStrictEqual(Object.keys(schema["properties"] as object), Object.keys(Group.fields))
  })
})

describe("a rate limit", () => {
  it("is a policy in words that a file has", () => {
    const policy = (setting: unknown) =>
      Result.map(Settings.decode(Settings.rateLimit, setting), Settings.ratePolicy)
    assert.deepStrictEqual(policy("off"), Result.succeed("off"))
    assert.deepStrictEqual(policy("adaptive"), Result.succeed("adaptive"))
    const known = Result.succeed({ requests: 60, per: Duration.minutes(1) })
    assert.deepStrictEqual(policy({ requests: 60, perSeconds: "60" }), known)
    for (const wrong of [
      false,
      "slow",
      5,
      { requests: 0, perSeconds: 1 },
      { requests: 1 },
      { per: 1 },
      { requests: 10_001, perSeconds: 1 },
      { requests: 1, perSeconds: 86_401 }
    ]) {
      const decoded = policy(wrong)
      const [issue] = Result.isFailure(decoded) ? decoded.failure : []
      assert.match(issue?.message ?? "", /^give adaptive, off, or \{ requests: 1 to 10000/)
    }
  })
})

describe("the nearest word", () => {
  it("is one that a third of is different, at most, or nothing", () => {
    const known = ["region", "team", "gpu", "projectId"]
    for (const [word, meant] of [
      ["regoin", "region"],
      ["rgn", undefined],
      ["tema", "team"],
      ["project_id", "projectId"],
      ["projct", "projectId"],
      ["gup", "gpu"],
      ["x", undefined],
      ["", undefined]
    ] as const) {
      assert.strictEqual(Settings.nearest(word, known), meant, word)
    }
    assert.isUndefined(Settings.nearest("anything", []))
  })
})
