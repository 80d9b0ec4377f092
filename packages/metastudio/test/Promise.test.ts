/**
 * The Promise door over the emulator behind real HTTP.
 */
import { assert, describe, it } from "@effect/vitest"
import { CloudQuotaError, connect } from "@cloud-quota/core/promise"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { type Credentials, emulate, metastudio } from "@cloud-quota/metastudio/promise"
import { inspect } from "node:util"

const { accessKey, domain, password, projectId, secretKey, user } = MetaStudioEmulator.defaults

describe("metastudio", () => {
  it("shows no key", () => {
    for (const credentials of [
      { accessKey: "mine", secretKey: "a-secret-of-mine", securityToken: "a-token-of-mine" },
      { token: "a-token-of-mine" },
      { domain: "d", user: "u", password: "a-password-of-mine" },
      { agencyName: "a", domainName: "d", source: { accessKey: "mine", secretKey: "a-secret-of-mine" } }
    ]) {
      const account = metastudio({ region: "cn-north-4", credentials })
      const shown = `${inspect(account, { depth: Number.POSITIVE_INFINITY, showHidden: true })}${JSON.stringify(account)}`
      assert.notMatch(shown, /of-mine/)
      assert.include(shown, "metastudio")
    }
  })

  it("takes any kind of credentials", async () => {
    await using emulator = await emulate({ size: 3 })
    const endpoints = { endpoint: emulator.origin, iamEndpoint: emulator.origin }
    for (const credentials of [
      { accessKey, secretKey },
      { domain, user, password }
    ]) {
      const studio = metastudio({ ...endpoints, projectId, credentials })
      await using cloud = await connect({ accounts: { studio } })
      assert.isAbove((await cloud.quotas({ metric: "video-minutes" }).toArray()).length, 0)
    }
  })

  it("tells what is wrong with its options when somebody connects", async () => {
    const wrong = async (credentials: unknown, words: RegExp) => {
      const studio = metastudio({ region: "cn-north-4", projectId, credentials: credentials as Credentials })
      const error = await connect({ accounts: { studio } }).then(
        () => assert.fail("it connected"),
        (error: unknown) => error
      )
      assert.instanceOf(error, CloudQuotaError)
      assert.match(error.message, words)
      assert.strictEqual(error.account, "studio")
      assert.notInclude(inspect(error), secretKey)
    }
    await wrong({ accessKey, secretKey: undefined }, /secretKey.*is missing/)
    await wrong({ accessKey: undefined, secretKey }, /accessKey.*is missing/)
    await wrong({ token: 5 }, /token.*is missing/)
    await wrong("key", /credentials/)
    await wrong({ agencyName: "a", domainName: "d" }, /source.*is missing/)
    const misspelled = { region: "cn-north-4", credential: { accessKey, secretKey } }
    const error = await connect({ accounts: { studio: metastudio(misspelled as object) } }).then(
      () => assert.fail("it connected"),
      (error: unknown) => error
    )
    assert.instanceOf(error, CloudQuotaError)
    assert.match(error.message, /credential: is not known here: did you mean credentials\?/)
  })

  it("sets, raises and lifts limits of a emulated project", async () => {
    await using emulator = await emulate({ size: 3 })
    await using cloud = await connect({ accounts: { studio: emulator.account } })
    const { quotas } = cloud.account("studio")
    const [someone] = await quotas.list({ metric: "video-minutes" }).toArray()
    assert.strictEqual(someone?.metric.kind, "ceiling")
    const { limit = "unlimited", member = "" } = someone ?? {}
    const more = limit === "unlimited" ? "60 min" : limit.plus("60 min")
    const report = await quotas.change(member, { "video-minutes": { set: more } })
    assert.strictEqual(report.exitCode, 0)
    const limitOf = async () => (await quotas.get(member)).find(({ metric }) => metric.id === "video-minutes")
    assert.strictEqual(`${(await limitOf())?.limit}`, `${more}`)
    const lifted = await quotas.change(
      member,
      { "video-minutes": { set: "unlimited", expected: more } },
      { waive: ["finite-to-unlimited"] }
    )
    assert.strictEqual(lifted.results[0]?.target, "unlimited")
    const state = await limitOf()
    assert.strictEqual(state?.limit, "unlimited")
    assert.strictEqual(state?.share, 0)
    assert.isUndefined(state?.available)
  })
})
