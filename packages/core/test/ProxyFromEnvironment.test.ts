/**
 * Which proxy a request takes, by the variables that curl and Go programs read too.
 */
import { assert, describe, it } from "@effect/vitest"
import { proxyFromEnvironment } from "../src/transport/proxyFromEnvironment.ts"

const isProxied = (url: string, noProxy: string): boolean =>
  proxyFromEnvironment(new URL(url), { HTTPS_PROXY: "http://proxy.test:3128", NO_PROXY: noProxy }) !==
  undefined

describe("NO_PROXY", () => {
  for (const [noProxy, exempt, proxied] of [
    ["example.test", ["example.test", "a.b.example.test", "EXAMPLE.test."], ["anexample.test", "test"]],
    [".example.test", ["example.test", "a.example.test"], ["anexample.test"]],
    ["*.example.test", ["a.example.test"], ["example.test"]],
    ["example.test.", ["example.test", "a.example.test"], ["test"]],
    ["a.test:8443,b.test", ["a.test:8443", "b.test", "b.test:8443"], ["a.test"]],
    [" a.test , b.test ,", ["a.test", "b.test"], ["c.test"]],
    ["*", ["a.test", "10.1.2.3", "[2001:db8::1]"], []],
    ["*.test", ["a.test"], ["10.1.2.3"]],
    ["10.0.0.0/8", ["10.1.2.3", "10.255.255.255:8443"], ["11.0.0.1", "a10.test"]],
    ["10.1.2.3", ["10.1.2.3"], ["10.1.2.30", "110.1.2.3"]],
    ["10.1.2.3:8443", ["10.1.2.3:8443"], ["10.1.2.3"]],
    ["2001:db8::/32", ["[2001:db8:1::1]"], ["[2001:db9::1]", "10.1.2.3"]],
    ["2001:DB8::1", ["[2001:db8:0::1]"], ["[2001:db8::2]"]],
    ["[2001:db8::1]:8443", ["[2001:db8::1]:8443"], ["[2001:db8::1]"]],
    ["10.0.0.0/33,10.0.0.0/x,10.0.0.0/8/8,/,:,[,:443", [], ["10.1.2.3", "a.test"]]
  ] as const) {
    it(`${noProxy} is read as curl and Go do`, () => {
      for (const host of exempt) assert.isFalse(isProxied(`https://${host}`, noProxy), host)
      for (const host of proxied) assert.isTrue(isProxied(`https://${host}`, noProxy), host)
    })
  }
})

describe("HTTPS_PROXY", () => {
  it("in small letters goes before that in capitals", () => {
    const env = { https_proxy: "http://small.test:1", HTTPS_PROXY: "http://capital.test:1" }
    assert.strictEqual(String(proxyFromEnvironment(new URL("https://a.test"), env)), "http://small.test:1/")
  })

  it("has a percent-encoded user and password", () => {
    const proxy = proxyFromEnvironment(new URL("https://a.test"), {
      HTTPS_PROXY: "o%40ps:12%2345@proxy.test:3128"
    })
    assert.isTrue(proxy instanceof URL)
    if (!(proxy instanceof URL)) return
    assert.deepStrictEqual(
      [proxy.host, proxy.username, proxy.password],
      ["proxy.test:3128", "o%40ps", "12%2345"]
    )
  })
})
