/**
 * Configuration files that nobody named: which of them are used, and whose word that takes.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type World, world } from "./support/Cli.ts"

const small = world({ gpu: { size: 4 } })

const run = (cloud: World, args: ReadonlyArray<string>, options?: Parameters<World["run"]>[1]) =>
  Effect.promise(() => cloud.run(args, options))

describe("a cloud-quota.yaml that was found", () => {
  it.live("names its own endpoint and variables only once it is trusted", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      yield* run(cloud, ["trust", "--revoke", "cloud-quota.yaml"])
      // A stranger's file, which asks for a key that is none of the vendor's.
      writeFileSync(
        join(cloud.folder, "cloud-quota.yaml"),
        `accounts:
  gpu:
    provider: compshare
    team: 1001
    endpoint: ${cloud.origins.gpu}
    credentials: { env: { publicKey: AWS_SECRET_ACCESS_KEY, privateKey: COMPSHARE_PRIVATE_KEY } }
`
      )
      const asked = (yield* cloud.gpu.requests).length
      const refused = yield* run(cloud, ["quota", "list"], {
        env: { AWS_SECRET_ACCESS_KEY: "stolen-secret" }
      })
      assert.strictEqual(refused.code, 1)
      assert.match(
        refused.stderr,
        /cloud-quota\.yaml:5:15 accounts\.gpu\.endpoint: is not a host of the vendor/
      )
      assert.match(
        refused.stderr,
        /cloud-quota\.yaml:6:38 accounts\.gpu\.credentials\.env\.publicKey: is not a var/
      )
      assert.match(refused.stderr, /run `cloud-quota trust cloud-quota\.yaml`, or name it with --config/)
      assert.lengthOf(yield* cloud.gpu.requests, asked)

      cloud.configure(
        readFileSync(join(cloud.folder, "cloud-quota.yaml"), "utf8").replace("AWS_SECRET_ACCESS", "OTHER")
      )
      yield* run(cloud, ["trust", "--revoke", "cloud-quota.yaml"])
      const named = yield* run(cloud, ["accounts", "--config", "cloud-quota.yaml"], {
        env: { OTHER_KEY: "key" }
      })
      assert.strictEqual(named.code, 0, named.stderr)
      assert.strictEqual((yield* run(cloud, ["accounts"], { env: { OTHER_KEY: "key" } })).code, 1)
      const trusted = yield* run(cloud, ["trust", "cloud-quota.yaml"])
      assert.strictEqual(trusted.code, 0, trusted.stderr)
      assert.match(trusted.stderr, /cloud-quota\.yaml is trusted as it is now/)
      assert.strictEqual((yield* run(cloud, ["accounts"], { env: { OTHER_KEY: "key" } })).code, 0)
    })
  )

  it.live("is listed, and can be revoked", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      const listed = yield* run(cloud, ["trust", "--list"])
      assert.strictEqual(listed.code, 0, listed.stderr)
      assert.match(listed.stdout, /cloud-quota\.yaml\s+trusted$/m)
      writeFileSync(join(cloud.folder, "cloud-quota.yaml"), "accounts: {}")
      assert.match((yield* run(cloud, ["trust", "--list"])).stdout, /cloud-quota\.yaml\s+changed since$/m)
      assert.strictEqual((yield* run(cloud, ["trust", "--revoke", "cloud-quota.yaml"])).code, 0)
      const none = yield* run(cloud, ["trust", "--list"])
      assert.deepStrictEqual([none.stdout, none.stderr], ["", "no file is trusted\n"])
      assert.strictEqual((yield* run(cloud, ["trust", "--revoke", "cloud-quota.yaml"])).code, 1)
      assert.strictEqual((yield* run(cloud, ["trust"])).code, 64)
      assert.strictEqual((yield* run(cloud, ["trust", "--list", "cloud-quota.yaml"])).code, 64)
      assert.strictEqual((yield* run(cloud, ["trust", "gone.yaml"])).code, 1)
    })
  )

  it.live("is trusted as init and emulate write it", () =>
    Effect.gen(function* () {
      const cloud = yield* small
      rmSync(join(cloud.folder, "cloud-quota.yaml"))
      const env = { COMPSHARE_TEAM_ID: "1001", COMPSHARE_ENDPOINT: cloud.origins.gpu }
      const written = yield* run(cloud, ["init", "--yes", "--provider", "compshare"], { env })
      assert.strictEqual(written.code, 0, written.stderr)
      const found = yield* run(cloud, ["accounts", "--csv"])
      assert.include(found.stdout, cloud.origins.gpu, found.stderr)

      rmSync(join(cloud.folder, "cloud-quota.yaml"))
      const served = cloud.start(["emulate", "--write", "cloud-quota.yaml"])
      yield* served.says("Ctrl-C")
      const emulated = yield* run(cloud, ["accounts", "--csv"])
      served.process.kill("SIGINT")
      yield* Effect.promise(() => served.ended)
      assert.match(emulated.stdout, /studio,metastudio/, emulated.stderr)
      mkdirSync(join(cloud.folder, "other"))
      const file = join(cloud.folder, "other", "cloud-quota.yaml")
      writeFileSync(file, readFileSync(join(cloud.folder, "cloud-quota.yaml")))
      const copied = yield* run(cloud, ["accounts", "--config", "missing", "--csv"], {
        env: { CLOUD_QUOTA_CONFIG: file }
      })
      assert.strictEqual(copied.code, 1)
    })
  )
})
