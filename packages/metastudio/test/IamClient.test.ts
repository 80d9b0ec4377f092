/**
 * Who is in the account; and how the clients learn which account and which project they are about.
 */
import { assert, describe, it } from "@effect/vitest"
import type { CloudQuotaError } from "@cloud-quota/core"
import * as TestTransport from "@cloud-quota/core/testing/TestTransport"
import type { MetaStudioClient } from "@cloud-quota/metastudio"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { DateTime, Effect, Redacted, Result, Stream } from "effect"
import {
  answer,
  type Clients,
  clientsOver,
  cut,
  emulated,
  failureOf,
  key,
  options,
  passwordOf,
  role,
  run,
  soon,
  untyped
} from "./fixtures/clients.ts"

const { domainId, projectId } = MetaStudioEmulator.defaults
const domains = (...ids: ReadonlyArray<string>) =>
  TestTransport.json({ domains: ids.map((id) => ({ id, name: "D", enabled: true })) })
const noUsers = TestTransport.json({ users: [], links: { self: "x", next: null, previous: null } })
const { projectId: _, ...withoutProject } = options

describe("users", () => {
  it.effect("are all of IAM, by either version of the API", () =>
    Effect.gen(function* () {
      const { emulator, iam } = yield* emulated({ size: 450 })
      const known = yield* emulator.iamUsers
      assert.isAbove(known.length, 450)
      const ids = known.map(({ id, name }) => `${id} ${name}`)
      const { requestId, users } = yield* iam.keystoneListUsers()
      assert.deepStrictEqual(users.map(({ id, name }) => `${id} ${name}`).sort(), [...ids].sort())
      assert.isDefined(requestId)
      const all = yield* Stream.runCollect(iam.stream.listUsersV5())
      assert.deepStrictEqual(
        all.map(({ user_id, user_name }) => `${user_id} ${user_name}`).sort(),
        [...ids].sort()
      )
      assert.strictEqual(yield* emulator.count("ListUsersV5"), 3)
      assert.isTrue(users.every((user) => user.domain_id === domainId && user.enabled !== undefined))
      assert.strictEqual(all.filter(({ is_root_user }) => is_root_user).length, 1)
    })
  )

  it.effect("can be asked for one by one, and by name", () =>
    Effect.gen(function* () {
      const { emulator, iam } = yield* emulated()
      const [known] = yield* emulator.iamUsers
      assert.isDefined(known)
      const { user } = yield* iam.keystoneShowUser({ user_id: known.id })
      assert.deepInclude(user, { id: known.id, name: known.name })
      const { users } = yield* iam.keystoneListUsers({ name: known.name })
      assert.deepStrictEqual(
        users.map(({ id }) => id),
        [known.id]
      )
      const missing = yield* Effect.flip(iam.keystoneShowUser({ user_id: "nobody" }))
      assert.strictEqual(missing.reason._tag, "NotFound")
      assert.strictEqual(missing.operation, "KeystoneShowUser")
    })
  )

  it.effect("may not be seen by everybody", () =>
    Effect.gen(function* () {
      const { iam } = yield* emulated({ iamUsers: "denied" })
      const calls: ReadonlyArray<Effect.Effect<unknown, CloudQuotaError.CloudQuotaError>> = [
        iam.keystoneListUsers(),
        iam.listUsersV5(),
        Stream.runCollect(iam.stream.listUsersV5())
      ]
      for (const call of calls) {
        const error = yield* Effect.flip(call)
        assert.strictEqual(error.reason._tag, "PermissionDenied")
        assert.include(error.message, "lack a permission")
      }
    })
  )

  it.effect("are never listed short, or without end", () =>
    Effect.gen(function* () {
      const more = TestTransport.json({ users: [{ id: "u", name: "n" }], links: { next: "https://x" } })
      const short = yield* run([more], ({ iam }) => iam.keystoneListUsers())
      assert.include(failureOf(short.result).message, "links.next")
      const page = (next?: string) =>
        TestTransport.json({
          users: next === "bbbb" ? [] : [{ user_id: "u", user_name: "n" }],
          page_info: { current_count: 1, ...(next === undefined ? {} : { next_marker: next }) }
        })
      const all = ({ iam }: Clients) => Stream.runCollect(iam.stream.listUsersV5({ group_id: "g1" }))
      const whole = yield* run([page("aaaa"), page("bbbb"), page()], all)
      assert.lengthOf(Result.getOrThrow(whole.result), 2)
      assert.deepStrictEqual(
        whole.requests.map(({ url }) => new URL(url).search),
        ["?limit=200&group_id=g1", "?limit=200&marker=aaaa&group_id=g1", "?limit=200&marker=bbbb&group_id=g1"]
      )
      const endless = yield* run([page("aaaa"), page("bbbb"), page("aaaa")], all)
      assert.strictEqual(failureOf(endless.result).reason._tag, "MalformedResponse")
      assert.lengthOf(endless.requests, 3)
    })
  )

  it.effect("are listed without a row that cannot be read, which is named", () =>
    Effect.gen(function* () {
      const good = '{"id":"v","name":"w"}'
      for (const [row, problem] of [
        ['{"id":"u"}', "name: is missing"],
        ['{"id":"","name":"n"}', /^id: /],
        ['{"id":"u","name":"n","enabled":"perhaps"}', "enabled: expected true or false"],
        ["7", /./]
      ] as const) {
        const { result } = yield* run([answer(`{"users":[${good},${row}]}`)], ({ iam }) =>
          iam.keystoneListUsers()
        )
        const { raw, unreadable, users } = Result.getOrThrow(result)
        assert.deepStrictEqual(users, [{ id: "v", name: "w" }])
        assert.deepStrictEqual(raw, JSON.parse(`{"users":[${good},${row}]}`))
        assert.deepStrictEqual(
          unreadable.map(({ index }) => index),
          [1]
        )
        if (typeof problem === "string") assert.strictEqual(unreadable[0]?.problem, problem)
        else assert.match(unreadable[0]?.problem ?? "", problem)
      }
    })
  )

  it.effect("come as they are, and those of all pages that cannot be read fail the stream at its end", () =>
    Effect.gen(function* () {
      const page = (rows: string, next: string) =>
        answer(`{"users":[${rows}],"page_info":{"next_marker":"${next}"}}`)
      const good = { user_id: "v", user_name: "w", created_at: "2026-01-02T03:04:05Z", password: { age: 7 } }
      const pages = [
        page(`{"user_id":"u"},${JSON.stringify(good)}`, "aaaa"),
        page('{"user_id":"x","user_name":"y"},{"user_id":"z","user_name":[]}', "")
      ]
      const seen: Array<object> = []
      const { requests, result } = yield* run(pages, ({ iam }) =>
        Stream.runForEach(iam.stream.listUsersV5(), (row) => Effect.sync(() => void seen.push(row)))
      )
      assert.deepStrictEqual(seen, [
        { user_id: "v", user_name: "w", created_at: DateTime.makeUnsafe(good.created_at), raw: good },
        { user_id: "x", user_name: "y", raw: { user_id: "x", user_name: "y" } }
      ])
      assert.lengthOf(requests, 2)
      assert.strictEqual(failureOf(result).reason._tag, "MalformedResponse")
      assert.include(failureOf(result).message, "2 rows could not be read")
      assert.include(failureOf(result).message, "users[0]: user_name: is missing; users[1]: user_name: ")
    })
  )

  it.effect("of a shape that is not documented are an error that says where", () =>
    Effect.gen(function* () {
      for (const [body, words] of [
        ['{"users":{}}', "users: expected a list"],
        ['{"users":[],"links":7}', "links: "],
        ["[]", "no JSON object"],
        ["", "no JSON object"]
      ] as const) {
        const { result } = yield* run([answer(body)], ({ iam }) => iam.keystoneListUsers())
        assert.strictEqual(failureOf(result).reason._tag, "MalformedResponse")
        assert.strictEqual(failureOf(result).money, "not-moved")
        assert.include(failureOf(result).message, words)
      }
      const { result } = yield* run([answer('{"users":null}')], ({ iam }) => iam.keystoneListUsers())
      assert.deepStrictEqual(Result.getOrThrow(result).users, [])
      const one = yield* run([answer('{"user":{"id":"u"}}')], ({ iam }) =>
        iam.keystoneShowUser({ user_id: "u" })
      )
      assert.include(failureOf(one.result).message, "user.name: is missing")
    })
  )

  it.effect("are asked for rightly, or not at all", () =>
    Effect.gen(function* () {
      for (const [field, call] of [
        ["limit", ({ iam }: Clients) => iam.listUsersV5({ limit: 201 })],
        ["enabled", ({ iam }: Clients) => iam.keystoneListUsers({ enabled: untyped("yes") })],
        ["nmae", ({ iam }: Clients) => iam.keystoneListUsers(untyped({ nmae: "x" }))],
        ["user_id", ({ iam }: Clients) => iam.keystoneShowUser({ user_id: "../projects" })],
        ["name", ({ iam }: Clients) => iam.keystoneListProjects({ name: "" })],
        ["request", ({ iam }: Clients) => Stream.runCollect(iam.stream.listUsersV5(untyped(null)))]
      ] as const) {
        const { requests, result } = yield* run<unknown>([], call)
        assert.deepInclude(failureOf(result).reason, { _tag: "InvalidRequest", field })
        assert.lengthOf(requests, 0)
      }
    })
  )
})

describe("the account", () => {
  it.effect("is looked up once for all who ask, and signed from then on", () =>
    Effect.gen(function* () {
      const { bss, emulator, iam, requests } = yield* emulated()
      yield* Effect.all(
        [iam.keystoneListUsers(), bss.showCustomerAccountBalances(), bss.listCustomerOrders()],
        { concurrency: 3 }
      )
      assert.strictEqual(yield* iam.domainId, domainId)
      assert.strictEqual(yield* emulator.count("KeystoneListAuthDomains"), 1)
      const [lookUp, ...others] = requests
      assert.notProperty(lookUp?.headers, "x-domain-id")
      assert.notProperty(lookUp?.headers, "x-project-id")
      for (const { headers } of others) {
        assert.strictEqual(headers["x-domain-id"], domainId)
        assert.match(
          headers["authorization"] ?? "",
          /SignedHeaders=content-type;host;x-domain-id;x-sdk-date,/
        )
      }
    })
  )

  it.effect("is not looked up if it is given", () =>
    Effect.gen(function* () {
      const { emulator, iam } = yield* emulated({}, { domainId })
      yield* iam.keystoneListUsers()
      assert.strictEqual(yield* emulator.count("KeystoneListAuthDomains"), 0)
      const wrong = yield* emulated({}, { domainId: "another" })
      const error = yield* Effect.flip(wrong.iam.keystoneListUsers())
      assert.strictEqual(error.reason._tag, "PermissionDenied")
    })
  )

  it.effect("is looked up again after a failure, which a read survives", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* run(
        [cut, domains("d9"), noUsers],
        ({ iam }) => iam.keystoneListUsers(),
        {}
      )
      assert.isTrue(Result.isSuccess(result))
      assert.strictEqual(requests[2]?.headers["x-domain-id"], "d9")
    })
  )

  it.effect("that IAM does not tell has to be given", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* run([domains()], ({ iam }) => iam.keystoneListUsers(), {})
      assert.strictEqual(failureOf(result).reason._tag, "PermissionDenied")
      assert.include(failureOf(result).message, "give domainId")
      assert.lengthOf(requests, 1)
    })
  )

  it.effect("is inside a token, which needs no lookup", () =>
    Effect.gen(function* () {
      const { requests } = yield* run([noUsers], ({ iam }) => iam.keystoneListUsers(), {
        credentials: { token: Redacted.make("ready-token") }
      })
      assert.deepStrictEqual(requests[0]?.headers, {
        "content-type": "application/json",
        "x-auth-token": "ready-token"
      })
    })
  )

  it.effect("has a token of its own beside the project's", () =>
    Effect.gen(function* () {
      const { emulator, iam, metaStudio, requests } = yield* emulated({}, { credentials: passwordOf })
      yield* metaStudio.listUserQuotas()
      yield* iam.keystoneListUsers()
      yield* iam.keystoneListUsers()
      const scopes = requests
        .filter(({ url }) => url.includes("/v3/auth/tokens"))
        .map(({ body }) => JSON.parse(body ?? "").auth.scope)
      assert.deepStrictEqual(scopes, [
        { project: { id: projectId } },
        { domain: { name: MetaStudioEmulator.defaults.domain } }
      ])
      yield* emulator.expireTokens
      yield* iam.keystoneListUsers()
      assert.strictEqual(yield* emulator.count("KeystoneCreateUserTokenByPassword"), 3)
    })
  )
})

describe("the project", () => {
  for (const [name, credentials] of Object.entries({ key, role })) {
    it.effect(`of the region's name is found with a ${name}`, () =>
      Effect.gen(function* () {
        const emulator = yield* MetaStudioEmulator.make({ size: 3 })
        const { clients, requests } = clientsOver(emulator.transport, { credentials }, withoutProject)
        const { metaStudio } = yield* clients
        assert.strictEqual(metaStudio.projectId, projectId)
        assert.lengthOf((yield* metaStudio.listUserQuotas()).assets, 3)
        const lookUp = requests.find(({ url }) => url.includes("/v3/projects"))
        assert.isTrue(lookUp?.url.endsWith("/v3/projects?name=cn-north-4"))
        assert.notProperty(lookUp?.headers, "x-project-id")
      })
    )
  }

  it.effect("of another name is not taken for it", () =>
    Effect.gen(function* () {
      const projects = (...names: ReadonlyArray<string>) =>
        TestTransport.json({ projects: names.map((name, index) => ({ id: `p${index}`, name })) })
      const found = clientsOver(
        TestTransport.scripted([cut, projects("cn-north-4_own", "cn-north-4")]),
        {},
        withoutProject
      )
      assert.strictEqual((yield* soon(found.clients)).metaStudio.projectId, "p1")
      const none = clientsOver(TestTransport.scripted([projects("cn-north-4_own")]), {}, withoutProject)
      const error = yield* Effect.flip(none.clients)
      assert.deepInclude(error.reason, { _tag: "InvalidRequest", field: "project_id" })
    })
  )
})

describe("beside an endpoint that is not the vendor's", () => {
  it.effect("nothing goes to the vendor unasked", () =>
    Effect.gen(function* () {
      const { bssEndpoint, iamEndpoint, ...own } = { ...options, domainId: "d1" }
      assert.isDefined(bssEndpoint ?? iamEndpoint)
      const { clients, requests } = clientsOver(TestTransport.scripted([]), {}, own)
      const { bss, iam } = yield* clients
      const users = yield* Effect.flip(iam.keystoneListUsers())
      assert.deepInclude(users.reason, { _tag: "InvalidRequest", field: "iamEndpoint" })
      const balances = yield* Effect.flip(bss.showCustomerAccountBalances())
      assert.deepInclude(balances.reason, { _tag: "InvalidRequest", field: "bssEndpoint" })
      const refused = yield* Effect.flip(
        clientsOver(TestTransport.scripted([]), { credentials: role }, own).clients
      )
      assert.deepInclude(refused.reason, { _tag: "InvalidRequest", field: "iamEndpoint" })
      assert.lengthOf(requests, 0)
    })
  )

  it.effect("the vendor's own is known by its region, or by itself", () =>
    Effect.gen(function* () {
      const common = { projectId, credentials: key, domainId: "d1" }
      const bases: ReadonlyArray<MetaStudioClient.Options> = [
        { ...common, region: "cn-east-3" },
        { ...common, endpoint: "https://metastudio.cn-east-3.myhuaweicloud.com/" }
      ]
      for (const base of bases) {
        const script = TestTransport.scripted([noUsers, answer("{}")])
        const { clients, requests } = clientsOver(script, {}, base)
        const { bss, iam } = yield* clients
        yield* iam.keystoneListUsers()
        yield* bss.showCustomerAccountBalances()
        assert.deepStrictEqual(
          requests.map(({ url }) => new URL(url).origin),
          ["https://iam.cn-east-3.myhuaweicloud.com", "https://bss.myhuaweicloud.com"]
        )
      }
    })
  )
})
