/**
 * IAM from outside: users, projects, the account, and temporary keys.
 */
import * as MetaStudioEmulator from "@cloud-quota/metastudio/testing/MetaStudioEmulator"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { askToken, type KeyPair, refused, send, sendSigned, start } from "./fixtures/emulatorCalls.ts"
import { assertLike, holding } from "../../../test/support/like.ts"

const { agency, domain, domainId, projectId, projectName, user: root } = MetaStudioEmulator.defaults

const keystone = (code: number, message = "") => ({
  status: code,
  json: { error: { code, title: /^/, message: holding(message) } }
})

const ids = (users: ReadonlyArray<{ readonly id?: string; readonly user_id?: string }>) =>
  users.map((user) => user.id ?? user.user_id)

describe("KeystoneListUsers and KeystoneShowUser", () => {
  it.effect("every sub-account is a user with a name of its own, and some users have no quota", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* start({ size: 60 })
      const { json } = yield* account("/v3/users")
      const accounts = (yield* emulator.users).map(({ userId }) => userId)
      assert.includeMembers(ids(json.users), [...accounts])
      assert.isAbove(json.users.length, accounts.length + 2)
      const names: ReadonlyArray<string> = json.users.map((user: { name: string }) => user.name)
      assert.strictEqual(new Set(names).size, names.length)
      assert.isTrue(names.some((name) => /^\p{Script=Han}/u.test(name)))
      assert.isTrue(names.some((name) => /^[a-z]+\.[a-z]+/.test(name)))
      const { description, enabled, links, ...user } = json.users[1]
      assert.isString(description)
      assert.isBoolean(enabled)
      const { self, ...others } = links
      assert.include(self, accounts[0] ?? "")
      assert.deepStrictEqual(others, { previous: null, next: null })
      assert.deepStrictEqual(user, {
        pwd_status: false,
        domain_id: domainId,
        last_project_id: projectId,
        name: names[1],
        password_expires_at: null,
        id: accounts[0],
        access_mode: "default"
      })
      assert.deepStrictEqual((yield* account(`/v3/users/${accounts[0]}`)).json, { user: json.users[1] })
      assertLike(yield* account("/v3/users/nobody"), keystone(404, "nobody"))
    })
  )

  it.effect("are the same ones for a seed, and can be set", () =>
    Effect.gen(function* () {
      const names = (settings: MetaStudioEmulator.Settings) =>
        Effect.flatMap(MetaStudioEmulator.make(settings), ({ iamUsers }) => iamUsers)
      assert.deepStrictEqual(yield* names({ size: 5 }), yield* names({ size: 5 }))
      assert.notDeepEqual(yield* names({ size: 5, seed: 2 }), yield* names({ size: 5 }))

      const { account, emulator } = yield* start({ iamUsers: [{ id: "a", name: "张三" }] })
      assert.deepStrictEqual(ids((yield* account("/v3/users")).json.users), ["a"])
      yield* emulator.setIamUsers([
        { id: "b", name: "李四", enabled: false },
        { id: "c", name: "Ann Lee" }
      ])
      assert.deepStrictEqual(ids((yield* account("/v3/users")).json.users), ["b", "c"])
      assert.deepStrictEqual(ids((yield* account("/v3/users?enabled=false")).json.users), ["b"])
      assert.deepStrictEqual(ids((yield* account("/v3/users?name=Ann%20Lee")).json.users), ["c"])
      assert.deepStrictEqual(ids((yield* account(`/v3/users?domain_id=${domainId}`)).json.users), ["b", "c"])
    })
  )

  it.effect("may be denied, each version in its own words, while quotas go on", () =>
    Effect.gen(function* () {
      const { account, project } = yield* start({ iamUsers: "denied" })
      assertLike(yield* account("/v3/users"), keystone(403))
      assertLike(yield* account("/v3/users/x"), keystone(403))
      assertLike(yield* account("/v5/users"), refused(403, "PAP5.0001", "access denied"))
      assert.match((yield* account("/v5/users")).json.request_id, /^[0-9a-f]{32}$/)
      assert.strictEqual((yield* account("/v3/auth/domains")).status, 200)
      assert.strictEqual((yield* project("/user/quotas")).status, 200)
    })
  )

  it.effect("refuse another domain, and words that are no truth", () =>
    Effect.gen(function* () {
      const { account } = yield* start()
      assertLike(yield* account("/v3/users?domain_id=other"), keystone(403))
      assertLike(yield* account("/v3/users?enabled=yes"), keystone(400, "enabled"))
    })
  )
})

describe("ListUsersV5", () => {
  it.effect("pages by marker until there is none, and finds everybody once", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* start({ size: 30 })
      const seen: Array<string> = []
      let marker: string | undefined
      do {
        const { json } = yield* account(`/v5/users?limit=7${marker === undefined ? "" : `&marker=${marker}`}`)
        assert.strictEqual(json.page_info.current_count, json.users.length)
        assert.isAbove(json.users.length, 0)
        seen.push(...json.users.map((user: { user_id: string }) => user.user_id))
        marker = json.page_info.next_marker
      } while (marker !== undefined)
      assert.deepStrictEqual(
        seen,
        (yield* emulator.iamUsers).map(({ id }) => id)
      )
      const { json } = yield* account("/v5/users?limit=1")
      assert.lengthOf(json.users, 1)
      const { created_at: createdAt, ...user } = json.users[0]
      assert.match(createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      assert.deepStrictEqual(user, {
        user_name: root,
        user_id: seen[0],
        description: "",
        is_root_user: true,
        urn: `iam::${domainId}:user:${root}`,
        enabled: true
      })
    })
  )

  it.effect("refuses limits out of range and markers that were never given out", () =>
    Effect.gen(function* () {
      const { account } = yield* start()
      for (const limit of [0, 201, "x"]) {
        assertLike(yield* account(`/v5/users?limit=${limit}`), refused(400, "IAM.0007", "limit"))
      }
      assertLike(yield* account("/v5/users?marker=abcd"), refused(400, "PAP5.0010"))
    })
  )
})

describe("what a client asks first", () => {
  it.effect("the account's id and the project's id, signed without either", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      const domains = yield* sendSigned(emulator, "/v3/auth/domains", {})
      assertLike(domains, {
        status: 200,
        json: { domains: [{ id: domainId, name: domain, enabled: true }] }
      })
      const projects = yield* sendSigned(emulator, `/v3/projects?name=${projectName}`, {})
      assertLike(projects, {
        status: 200,
        json: { projects: [{ id: projectId, name: projectName, domain_id: domainId, parent_id: domainId }] }
      })
    })
  )

  it.effect("projects are found by name and paged; what is no project is not found", () =>
    Effect.gen(function* () {
      const { account } = yield* start()
      const names = (query: string) =>
        Effect.map(account(`/v3/projects?${query}`), ({ json }) =>
          json.projects.map((project: { name: string }) => project.name)
        )
      assert.deepStrictEqual(yield* names(""), [projectName, "ap-southeast-3"])
      assert.deepStrictEqual(yield* names("page=2&per_page=1"), ["ap-southeast-3"])
      assert.deepStrictEqual(yield* names("name=mars-1"), [])
      assert.deepStrictEqual(yield* names("enabled=false"), [])
      assert.deepStrictEqual(yield* names("parent_id=other"), [])
      assertLike(yield* account("/v3/projects?page=1"), keystone(400, "per_page"))
      assertLike(yield* account("/v3/projects?page=1&per_page=5001"), keystone(400, "per_page"))
      assertLike(yield* account("/v3/projects?domain_id=other"), keystone(403))
    })
  )

  it.effect("X-Domain-Id need not be there, but has to be signed and the account's if it is", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      assert.strictEqual((yield* sendSigned(emulator, "/v3/users", { "x-domain-id": domainId })).status, 200)
      assert.strictEqual((yield* sendSigned(emulator, "/v3/users", {})).status, 200)
      assertLike(yield* sendSigned(emulator, "/v3/users", { "x-domain-id": "other" }), keystone(403))
      assertLike(
        yield* sendSigned(emulator, "/v3/users", {}, { unsigned: { "x-domain-id": domainId } }),
        refused(401, "APIGW.0301")
      )
    })
  )

  it.effect("without credentials the gateway refuses", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      for (const path of ["/v3/users", "/v3/auth/domains", "/v3/projects", "/v5/users"]) {
        assertLike(yield* send(emulator, path), refused(401, "APIGW.0301"), path)
      }
    })
  )

  it.effect("a token for another account is refused", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      assert.strictEqual((yield* askToken(emulator, { domain: { id: domainId } })).status, 201)
      assertLike(yield* askToken(emulator, { domain: { name: "other" } }), keystone(401))
    })
  )
})

describe("CreateTemporaryAccessKeyByAgency", () => {
  const request = (changes: object = {}) => ({
    auth: {
      identity: {
        methods: ["assume_role"],
        assume_role: { agency_name: agency, domain_name: domain, ...changes }
      }
    }
  })
  const path = "/v3.0/OS-CREDENTIAL/securitytokens"
  const list = (
    emulator: MetaStudioEmulator.MetaStudioEmulator,
    keys: KeyPair,
    headers: Record<string, string>
  ) =>
    sendSigned(emulator, `/v1/${projectId}/user/quotas`, { "x-project-id": projectId, ...headers }, { keys })

  it.effect("gives keys that sign together with their token, until they expire", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 0, 2, 3, 4, 5, 678))
      const { emulator } = yield* start()
      const answer = yield* sendSigned(emulator, path, {}, { body: request({ duration_seconds: 1800 }) })
      assertLike(answer, {
        status: 201,
        json: { credential: { expires_at: "2026-01-02T03:34:05.678000Z" } }
      })
      const { access, secret, securitytoken } = answer.json.credential
      const keys = { accessKey: access, secretKey: secret }
      const token = { "x-security-token": securitytoken }

      assert.strictEqual((yield* list(emulator, keys, token)).status, 200)
      assertLike(yield* list(emulator, keys, {}), refused(401, "APIGW.0301"))
      assertLike(yield* list(emulator, keys, { "x-security-token": "other" }), refused(401, "APIGW.0301"))
      assertLike(
        yield* list(emulator, { ...keys, secretKey: "other" }, token),
        refused(401, "APIGW.0301", "verify aksk signature fail")
      )
      // The account's own keys go on without a token, and not with somebody else's.
      assert.strictEqual((yield* list(emulator, MetaStudioEmulator.defaults, {})).status, 200)
      assert.strictEqual((yield* list(emulator, MetaStudioEmulator.defaults, token)).status, 401)

      yield* TestClock.adjust("29 minutes")
      assert.strictEqual((yield* list(emulator, keys, token)).status, 200)
      yield* TestClock.adjust("1 minute")
      assertLike(yield* list(emulator, keys, token), refused(401, "APIGW.0301", "expired"))
    })
  )

  it.effect(
    "they live for 15 minutes unless told otherwise, end with expireTokens, and are others each time",
    () =>
      Effect.gen(function* () {
        const { account, emulator } = yield* start()
        const ask = () => account(path, { method: "POST", body: request() })
        const [first, second] = [(yield* ask()).json.credential, (yield* ask()).json.credential]
        assert.strictEqual(first.expires_at, "1970-01-01T00:15:00.000000Z")
        assert.strictEqual(new Set([first.access, second.access, first.secret, second.secret]).size, 4)
        const keys = { accessKey: first.access, secretKey: first.secret }
        const token = { "x-security-token": first.securitytoken }
        assert.strictEqual((yield* list(emulator, keys, token)).status, 200)
        yield* emulator.expireTokens
        assertLike(yield* list(emulator, keys, token), refused(401, "APIGW.0301", "expired"))
      })
  )

  it.effect("refuses other agencies and accounts, and bodies that are not what is documented", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* start()
      const ask = (body: unknown) => account(path, { method: "POST", body })
      assertLike(yield* ask(request({ agency_name: "other" })), refused(403, "IAM.0002"))
      assertLike(yield* ask(request({ domain_name: "other" })), refused(403, "IAM.0002"))
      const bad = [
        "{",
        {},
        request({ domain_name: undefined }),
        request({ duration_seconds: 899 }),
        request({ duration_seconds: 86_401 }),
        request({ duration_seconds: "900" }),
        { auth: { identity: { methods: ["token"] } } }
      ]
      for (const body of bad) {
        assertLike(yield* ask(body), refused(400, "IAM.0007"), JSON.stringify(body))
      }
      assertLike(yield* send(emulator, path, { method: "POST", body: request() }), refused(401, "APIGW.0301"))
    })
  )
})
