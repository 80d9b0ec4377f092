/**
 * IAM from outside: users, projects, the account, and temporary keys.
 */
import * as MetaStudioEmulator from "@cloud-quota/metastudio/testing/MetaStudioEmulator"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { askToken, type KeyPair, refused, send, sendSigned, start } from "./fixtures/emulatorCalls.ts"

const { agency, domain, domainId, projectId, projectName, user: root } = MetaStudioEmulator.defaults

const keystone = (code: number, message = "") => ({
  status: code,
  json: { error: { code, title: expect.any(String), message: expect.stringContaining(message) } }
})

const ids = (users: ReadonlyArray<{ readonly id?: string; readonly user_id?: string }>) =>
  users.map((user) => user.id ?? user.user_id)

describe("KeystoneListUsers and KeystoneShowUser", () => {
  it.effect("every sub-account is a user with a name of its own, and some users have no quota", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* start({ size: 60 })
      const { json } = yield* account("/v3/users")
      const accounts = (yield* emulator.users).map(({ userId }) => userId)
      expect(ids(json.users)).toEqual(expect.arrayContaining(accounts))
      expect(json.users.length).toBeGreaterThan(accounts.length + 2)
      const names: ReadonlyArray<string> = json.users.map((user: { name: string }) => user.name)
      expect(new Set(names).size).toBe(names.length)
      expect(names.some((name) => /^\p{Script=Han}/u.test(name))).toBe(true)
      expect(names.some((name) => /^[a-z]+\.[a-z]+/.test(name))).toBe(true)
      expect(json.users[1]).toEqual({
        pwd_status: false,
        domain_id: domainId,
        last_project_id: projectId,
        name: names[1],
        description: expect.any(String),
        password_expires_at: null,
        links: { self: expect.stringContaining(accounts[0] ?? ""), previous: null, next: null },
        id: accounts[0],
        enabled: expect.any(Boolean),
        access_mode: "default"
      })
      expect((yield* account(`/v3/users/${accounts[0]}`)).json).toEqual({ user: json.users[1] })
      expect(yield* account("/v3/users/nobody")).toMatchObject(keystone(404, "nobody"))
    })
  )

  it.effect("are the same ones for a seed, and can be set", () =>
    Effect.gen(function* () {
      const names = (settings: MetaStudioEmulator.Settings) =>
        Effect.flatMap(MetaStudioEmulator.make(settings), ({ iamUsers }) => iamUsers)
      expect(yield* names({ size: 5 })).toEqual(yield* names({ size: 5 }))
      expect(yield* names({ size: 5, seed: 2 })).not.toEqual(yield* names({ size: 5 }))

      const { account, emulator } = yield* start({ iamUsers: [{ id: "a", name: "张三" }] })
      expect(ids((yield* account("/v3/users")).json.users)).toEqual(["a"])
      yield* emulator.setIamUsers([
        { id: "b", name: "李四", enabled: false },
        { id: "c", name: "Ann Lee" }
      ])
      expect(ids((yield* account("/v3/users")).json.users)).toEqual(["b", "c"])
      expect(ids((yield* account("/v3/users?enabled=false")).json.users)).toEqual(["b"])
      expect(ids((yield* account("/v3/users?name=Ann%20Lee")).json.users)).toEqual(["c"])
      expect(ids((yield* account(`/v3/users?domain_id=${domainId}`)).json.users)).toEqual(["b", "c"])
    })
  )

  it.effect("may be denied, each version in its own words, while quotas go on", () =>
    Effect.gen(function* () {
      const { account, project } = yield* start({ iamUsers: "denied" })
      expect(yield* account("/v3/users")).toMatchObject(keystone(403))
      expect(yield* account("/v3/users/x")).toMatchObject(keystone(403))
      expect(yield* account("/v5/users")).toMatchObject(refused(403, "PAP5.0001", "access denied"))
      expect((yield* account("/v5/users")).json.request_id).toMatch(/^[0-9a-f]{32}$/)
      expect((yield* account("/v3/auth/domains")).status).toBe(200)
      expect((yield* project("/user/quotas")).status).toBe(200)
    })
  )

  it.effect("refuse another domain, and words that are no truth", () =>
    Effect.gen(function* () {
      const { account } = yield* start()
      expect(yield* account("/v3/users?domain_id=other")).toMatchObject(keystone(403))
      expect(yield* account("/v3/users?enabled=yes")).toMatchObject(keystone(400, "enabled"))
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
        expect(json.page_info.current_count).toBe(json.users.length)
        expect(json.users.length).toBeGreaterThan(0)
        seen.push(...json.users.map((user: { user_id: string }) => user.user_id))
        marker = json.page_info.next_marker
      } while (marker !== undefined)
      expect(seen).toEqual((yield* emulator.iamUsers).map(({ id }) => id))
      const { json } = yield* account("/v5/users?limit=1")
      expect(json.users).toEqual([
        {
          user_name: root,
          user_id: seen[0],
          description: "",
          is_root_user: true,
          created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          urn: `iam::${domainId}:user:${root}`,
          enabled: true
        }
      ])
    })
  )

  it.effect("refuses limits out of range and markers that were never given out", () =>
    Effect.gen(function* () {
      const { account } = yield* start()
      for (const limit of [0, 201, "x"]) {
        expect(yield* account(`/v5/users?limit=${limit}`)).toMatchObject(refused(400, "IAM.0007", "limit"))
      }
      expect(yield* account("/v5/users?marker=abcd")).toMatchObject(refused(400, "PAP5.0010"))
    })
  )
})

describe("what a client asks first", () => {
  it.effect("the account's id and the project's id, signed without either", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      const domains = yield* sendSigned(emulator, "/v3/auth/domains", {})
      expect(domains).toMatchObject({
        status: 200,
        json: { domains: [{ id: domainId, name: domain, enabled: true }] }
      })
      const projects = yield* sendSigned(emulator, `/v3/projects?name=${projectName}`, {})
      expect(projects).toMatchObject({
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
      expect(yield* names("")).toEqual([projectName, "ap-southeast-3"])
      expect(yield* names("page=2&per_page=1")).toEqual(["ap-southeast-3"])
      expect(yield* names("name=mars-1")).toEqual([])
      expect(yield* names("enabled=false")).toEqual([])
      expect(yield* names("parent_id=other")).toEqual([])
      expect(yield* account("/v3/projects?page=1")).toMatchObject(keystone(400, "per_page"))
      expect(yield* account("/v3/projects?page=1&per_page=5001")).toMatchObject(keystone(400, "per_page"))
      expect(yield* account("/v3/projects?domain_id=other")).toMatchObject(keystone(403))
    })
  )

  it.effect("X-Domain-Id need not be there, but has to be signed and the account's if it is", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      expect((yield* sendSigned(emulator, "/v3/users", { "x-domain-id": domainId })).status).toBe(200)
      expect((yield* sendSigned(emulator, "/v3/users", {})).status).toBe(200)
      expect(yield* sendSigned(emulator, "/v3/users", { "x-domain-id": "other" })).toMatchObject(
        keystone(403)
      )
      expect(
        yield* sendSigned(emulator, "/v3/users", {}, { unsigned: { "x-domain-id": domainId } })
      ).toMatchObject(refused(401, "APIGW.0301"))
    })
  )

  it.effect("without credentials the gateway refuses", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      for (const path of ["/v3/users", "/v3/auth/domains", "/v3/projects", "/v5/users"]) {
        expect(yield* send(emulator, path), path).toMatchObject(refused(401, "APIGW.0301"))
      }
    })
  )

  it.effect("a token for another account is refused", () =>
    Effect.gen(function* () {
      const { emulator } = yield* start()
      expect((yield* askToken(emulator, { domain: { id: domainId } })).status).toBe(201)
      expect(yield* askToken(emulator, { domain: { name: "other" } })).toMatchObject(keystone(401))
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
      expect(answer).toMatchObject({
        status: 201,
        json: { credential: { expires_at: "2026-01-02T03:34:05.678000Z" } }
      })
      const { access, secret, securitytoken } = answer.json.credential
      const keys = { accessKey: access, secretKey: secret }
      const token = { "x-security-token": securitytoken }

      expect((yield* list(emulator, keys, token)).status).toBe(200)
      expect(yield* list(emulator, keys, {})).toMatchObject(refused(401, "APIGW.0301"))
      expect(yield* list(emulator, keys, { "x-security-token": "other" })).toMatchObject(
        refused(401, "APIGW.0301")
      )
      expect(yield* list(emulator, { ...keys, secretKey: "other" }, token)).toMatchObject(
        refused(401, "APIGW.0301", "verify aksk signature fail")
      )
      // The account's own keys go on without a token, and not with somebody else's.
      expect((yield* list(emulator, MetaStudioEmulator.defaults, {})).status).toBe(200)
      expect((yield* list(emulator, MetaStudioEmulator.defaults, token)).status).toBe(401)

      yield* TestClock.adjust("29 minutes")
      expect((yield* list(emulator, keys, token)).status).toBe(200)
      yield* TestClock.adjust("1 minute")
      expect(yield* list(emulator, keys, token)).toMatchObject(refused(401, "APIGW.0301", "expired"))
    })
  )

  it.effect(
    "they live for 15 minutes unless told otherwise, end with expireTokens, and are others each time",
    () =>
      Effect.gen(function* () {
        const { account, emulator } = yield* start()
        const ask = () => account(path, { method: "POST", body: request() })
        const [first, second] = [(yield* ask()).json.credential, (yield* ask()).json.credential]
        expect(first.expires_at).toBe("1970-01-01T00:15:00.000000Z")
        expect(new Set([first.access, second.access, first.secret, second.secret]).size).toBe(4)
        const keys = { accessKey: first.access, secretKey: first.secret }
        const token = { "x-security-token": first.securitytoken }
        expect((yield* list(emulator, keys, token)).status).toBe(200)
        yield* emulator.expireTokens
        expect(yield* list(emulator, keys, token)).toMatchObject(refused(401, "APIGW.0301", "expired"))
      })
  )

  it.effect("refuses other agencies and accounts, and bodies that are not what is documented", () =>
    Effect.gen(function* () {
      const { account, emulator } = yield* start()
      const ask = (body: unknown) => account(path, { method: "POST", body })
      expect(yield* ask(request({ agency_name: "other" }))).toMatchObject(refused(403, "IAM.0002"))
      expect(yield* ask(request({ domain_name: "other" }))).toMatchObject(refused(403, "IAM.0002"))
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
        expect(yield* ask(body), JSON.stringify(body)).toMatchObject(refused(400, "IAM.0007"))
      }
      expect(yield* send(emulator, path, { method: "POST", body: request() })).toMatchObject(
        refused(401, "APIGW.0301")
      )
    })
  )
})
