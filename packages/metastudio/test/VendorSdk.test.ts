/**
 * The vendor's own client against the emulator, over real HTTP: what signs requests here is not
 * ours.
 */
import * as MetaStudioEmulator from "@cloud-quota/metastudio/testing/MetaStudioEmulator"
import { assert, layer } from "@effect/vitest"
import { BasicCredentials } from "@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js"
import { GlobalCredentials } from "@huaweicloud/huaweicloud-sdk-core/auth/GlobalCredentials.js"
import { ClientBuilder } from "@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js"
import type { HttpRequestOptions } from "@huaweicloud/huaweicloud-sdk-core/HcClient.js"
import { Region } from "@huaweicloud/huaweicloud-sdk-core/region/region.js"
import { Effect, Layer } from "effect"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { assertLike } from "../../../test/support/like.ts"

const { accessKey, domainId, projectId, secretKey } = MetaStudioEmulator.defaults
const userId = "8f061fa9fc75442e9d9f8a4626b03cce"

// The client writes an id into the home directory, and prints its errors, with the Authorization
// header in them. Neither belongs into a test run.
const home = Layer.effectDiscard(
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = process.env["HOME"]
      const directory = mkdtempSync(join(tmpdir(), "vendor-sdk-"))
      process.env["HOME"] = directory
      return { before, directory }
    }),
    ({ before, directory }) =>
      Effect.sync(() => {
        if (before === undefined) delete process.env["HOME"]
        else process.env["HOME"] = before
        rmSync(directory, { recursive: true })
      })
  )
)
const requireFromSdk = createRequire(
  createRequire(import.meta.url).resolve("@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js")
)
requireFromSdk("log4js").configure({
  appenders: { nowhere: { type: "recording" } },
  categories: { default: { appenders: ["nowhere"], level: "off" } }
})

const connect = (origin: string, credentials: BasicCredentials | GlobalCredentials) =>
  new ClientBuilder((client) => client)
    .withCredential(credentials)
    .withEndpoint(origin)
    .withOptions({ axiosRequestConfig: { timeout: 240_000 } })
    .build()

const credentials = (secret = secretKey) =>
  new BasicCredentials().withAk(accessKey).withSk(secret).withProjectId(projectId)

const request = (
  method: string,
  url: string,
  more: Partial<HttpRequestOptions> = {}
): HttpRequestOptions => ({
  method,
  url,
  contentType: "application/json",
  queryParams: {},
  pathParams: {},
  headers: {},
  ...more
})

const all = "/v1/{project_id}/user/quotas"
const one = "/v1/{project_id}/user/quotas/{user_id}"
// In another order than the signature has them.
const listOne = request("GET", all, { queryParams: { user_id: userId, offset: 0, limit: 100 } })

const signatureFailed = {
  httpStatusCode: 401,
  errorCode: "APIGW.0301",
  errorMsg: /verify aksk signature fail$/
}

// The client signs by the real clock, so the emulator must run by it too.
layer(home, { excludeTestServices: true })("the vendor's Node client", (it) => {
  it.effect("creates, updates, lists and deletes", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({ users: [] })
      const { origin } = yield* emulator.serve()
      const client = connect(origin, credentials())
      const send = (options: HttpRequestOptions) => Effect.promise(() => client.sendRequest(options))

      const created = yield* send(
        request("POST", all, { data: { user_id: userId, quota: { voice_clone_basic: 5 } } })
      )
      assert.strictEqual(created.httpStatusCode, 200)
      yield* send(
        request("PUT", one, {
          pathParams: { user_id: userId },
          data: { quota: { video_time_2d_model: 600, voice_clone_flexus: -1 } }
        })
      )
      yield* emulator.use(userId, "video_time_2d_model", 12.25)
      assertLike(yield* send(listOne), {
        count: 1,
        assets: [
          {
            user_id: userId,
            quota: { video_time_2d_model: 600, voice_clone_basic: 5, voice_clone_flexus: -1 },
            usage: { video_time_2d_model: 12.25 }
          }
        ]
      })
      yield* send(request("DELETE", one, { pathParams: { user_id: userId } }))
      assertLike(yield* send(listOne), { count: 0, assets: [] })
      assert.deepStrictEqual(
        (yield* emulator.writes).map((write) => write.operation),
        ["CreateUserQuotas", "UpdateUserQuotas", "DeleteUserQuotas"]
      )
      // The stand-in for the home directory is where the client writes.
      assert.strictEqual(homedir(), process.env["HOME"])
      assert.isTrue(existsSync(join(homedir(), ".huaweicloud")))
    })
  )

  it.effect("is refused with a wrong key, and nothing happens", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({ users: [{ userId, quota: {} }] })
      const { origin } = yield* emulator.serve()
      const client = connect(origin, credentials(`${secretKey}x`))
      const put = request("PUT", one, {
        pathParams: { user_id: userId },
        data: { quota: { voice_clone_basic: 5 } }
      })
      for (const options of [put, listOne, request("DELETE", one, { pathParams: { user_id: userId } })]) {
        const error = yield* Effect.flip(
          Effect.tryPromise({ try: () => client.sendRequest(options), catch: (cause) => cause })
        )
        assertLike(error, signatureFailed)
      }
      assert.deepStrictEqual(yield* emulator.writes, [])
      assert.strictEqual(yield* emulator.count("UpdateUserQuotas"), 1)
    })
  )

  it.effect("is accepted with temporary keys, and refused with another security token", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({
        securityToken: "temporary",
        users: [{ userId, quota: {} }]
      })
      const { origin } = yield* emulator.serve()
      const list = (securityToken: string) => {
        const client = connect(origin, credentials().withSecurityToken(securityToken))
        return Effect.tryPromise({ try: () => client.sendRequest(listOne), catch: (cause) => cause })
      }
      assertLike(yield* list("temporary"), { count: 1 })
      assertLike(yield* Effect.flip(list("another")), signatureFailed)
    })
  )

  it.effect("reads orders and users with the account's id, and is refused with another one", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({
        orders: [{ orderId: "CS1", amount: "12.50", createTime: 0 }],
        iamUsers: [{ id: userId, name: "王伟" }]
      })
      const { origin } = yield* emulator.serve()
      const send = (id: string, options: HttpRequestOptions) => {
        const credentials = new GlobalCredentials().withAk(accessKey).withSk(secretKey).withDomainId(id)
        const client = connect(origin, credentials)
        return Effect.tryPromise({ try: () => client.sendRequest(options), catch: (cause) => cause })
      }
      const orders = request("GET", "/v2/orders/customer-orders", { queryParams: { offset: 0, limit: 1 } })
      assertLike(yield* send(domainId, orders), {
        total_count: 1,
        order_infos: [{ order_id: "CS1", amount_after_discount: 12.5 }]
      })
      const packages = request("POST", "/v3/payments/free-resources/query", { data: { limit: 1 } })
      assertLike(yield* send(domainId, packages), { total_count: 3 })
      assertLike(yield* send(domainId, request("GET", "/v3/users")), { users: [{ name: "王伟" }] })
      assert.deepInclude(yield* Effect.flip(send("another", orders)), {
        httpStatusCode: 403,
        errorCode: "CBC.0151"
      })
    })
  )

  it.effect("asks for the account's id itself, and goes on with it", () =>
    Effect.gen(function* () {
      const emulator = yield* MetaStudioEmulator.make({ orders: [] })
      const { origin } = yield* emulator.serve()
      const credentials = new GlobalCredentials().withAk(accessKey).withSk(secretKey).withIamEndpoint(origin)
      const client = new ClientBuilder((client) => client)
        .withCredential(credentials)
        .withRegion(new Region("cn-north-1", origin))
        .withOptions({ axiosRequestConfig: { timeout: 240_000 } })
        .build()
      const orders = request("GET", "/v2/orders/customer-orders")
      assertLike(yield* Effect.promise(() => client.sendRequest(orders)), { total_count: 0 })
      assert.strictEqual(yield* emulator.count("KeystoneListAuthDomains"), 1)
    })
  )
})
