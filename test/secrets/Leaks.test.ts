import { assert, describe, it } from "@effect/vitest"
import { find } from "./Leaks.ts"

const said = (text: string) => [{ test: "a.test.ts", kind: "log", text }] as const

/** Whether the text is found to hold the secret. */
const holds = (text: string, secret: string) => find(said(text), [secret]).length > 0

const encodings: Readonly<Record<string, (secret: string) => string>> = {
  "as it is": (secret) => secret,
  "in a URL": encodeURIComponent,
  "in a URL in a URL": (secret) => encodeURIComponent(encodeURIComponent(secret)),
  "in a form": (secret) => new URLSearchParams({ Key: secret }).toString(),
  "in JSON": (secret) => JSON.stringify({ key: secret }),
  "in JSON in JSON": (secret) => JSON.stringify({ body: JSON.stringify({ key: secret }) }),
  "in Base64": (secret) => Buffer.from(secret).toString("base64"),
  "in Base64 after one byte": (secret) => Buffer.from(`:${secret}`).toString("base64"),
  "in Base64 among others": (secret) => Buffer.from(`ab${secret}, and more`).toString("base64"),
  "in Base64 for URLs": (secret) => Buffer.from(`user:${secret}@`).toString("base64url"),
  "in hexadecimal digits": (secret) => Buffer.from(secret).toString("hex"),
  "in capital letters": (secret) => secret.toUpperCase()
}

describe("a secret is found", () => {
  const secrets = [
    "cba5cf5ec4d4233d206b1b54951e3787350a642f",
    "t0ken+/with=signs&more",
    'quote"and\\backslash',
    "line\nbreak 密钥 key",
    "8letters"
  ]
  for (const [name, encode] of Object.entries(encodings)) {
    it(name, () => {
      for (const secret of secrets) {
        for (const text of [encode(secret), `before ${encode(secret)}`, `${encode(secret)} after`]) {
          assert.isTrue(holds(text, secret), text)
        }
        assert.isFalse(holds(encode(`${secret.slice(0, -1)}?`), secret))
        assert.isFalse(holds(encode(secret.slice(1)), secret))
      }
    })
  }

  it("in each text, with where it was said", () => {
    const texts = ["one my_private_key", "none", "two my_private_key my_private_key"]
    const leaks = find(
      texts.map((text, at) => ({ test: `${at}.test.ts`, kind: "span", text })),
      ["my_private_key", "another_secret"]
    )
    assert.deepStrictEqual(
      leaks.map(({ kind, test }) => [kind, test]),
      [
        ["span", "0.test.ts"],
        ["span", "2.test.ts"]
      ]
    )
  })

  it("where several begin alike, or one is part of another", () => {
    const found = (text: string) => find(said(text), ["same-beginning-1", "same-beginning-22"]).length
    assert.strictEqual(found("same-beginning-1 same-beginning-22"), 2)
    assert.strictEqual(found("same-beginning-3"), 0)
    assert.lengthOf(find(said("<a-key-with-a-tail>"), ["a-key-with-a-tail", "a-key-with"]), 1)
  })
})

describe("of a signed request", () => {
  const body = "Action=GetTeams&PublicKey=my+public%2Bkey&Signature=0123456789abcdef&SecurityToken=an%2Fsts"
  const header =
    "SDK-HMAC-SHA256 Access=MY-ACCESS-KEY, SignedHeaders=host;x-sdk-date, Signature=fedcba9876543210"

  it("the keys and the signature are secret too", () => {
    for (const part of ["my public+key", "0123456789abcdef"]) assert.isTrue(holds(part, body), part)
    for (const part of ["MY-ACCESS-KEY", "fedcba9876543210"]) assert.isTrue(holds(part, header), part)
  })

  it("what is no encoding is taken as it is", () => {
    assert.isTrue(holds("a key of 100%ZZ", "PublicKey=key+of+100%ZZ"))
  })

  it("the rest is not", () => {
    for (const part of ["GetTeams", "SignedHeaders", "SDK-HMAC-SHA256"]) {
      assert.isFalse(holds(`${part} x-sdk-date`, `${body}`), part)
      assert.isFalse(holds(`${part} x-sdk-date`, `${header}`), part)
    }
  })
})

describe("the report of a leak", () => {
  it("repeats no secret, and says what was around it", () => {
    const secrets = ["my_private_key", "another_secret"]
    const leaks = find(said(`${"x".repeat(999)} key my_private_key and another_secret here`), secrets)
    assert.lengthOf(leaks, 2)
    for (const leak of leaks) {
      for (const secret of secrets) assert.notInclude(JSON.stringify(leak), secret)
      assert.include(leak.text, "key <my…, 14 characters> and <an…, 14 characters>")
      assert.isBelow(leak.text.length, 250)
    }
  })
})

describe("no secret", () => {
  it("is a plain word, or what is too short to be told from other texts", () => {
    for (const word of ["password", "secret", "", "k", "hunter2"]) {
      assert.isFalse(holds(`the ${word} is wrong`, word), word)
    }
  })

  it("is in a text that is shorter than it", () => {
    assert.deepStrictEqual(find(said("my_priv"), ["my_private_key"]), [])
    assert.deepStrictEqual(find(said(""), ["my_private_key"]), [])
  })
})
