/**
 * What a journal on disk must not hold: anything that signs a request, or the signature of one.
 */
import { assert, describe, it } from "@effect/vitest"
import * as SqliteJournal from "@cloud-quota/core/SqliteJournal"
import * as Account from "@cloud-quota/core/Account"
import * as Settlement from "@cloud-quota/core/Settlement"
import { Duration, Effect, Layer, Redacted } from "effect"
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as CompShare from "@cloud-quota/compshare/CompShare"
import * as CompShareEmulator from "@cloud-quota/compshare/testing/CompShareEmulator"

const keys = {
  publicKey: "AKIDpublicpublicpublic",
  privateKey: "sksecretsecretsecret",
  securityToken: "ststokentokentoken"
}

/** Everything that is on disk, as text. */
const contents = (directory: string): string =>
  readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), "latin1"))
    .join("\n")

describe("a journal on disk", () => {
  it.live("holds no key, no token and no signature", () =>
    Effect.gen(function* () {
      const directory = mkdtempSync(join(tmpdir(), "cloud-quota-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(directory, { recursive: true })))
      const emulator = yield* CompShareEmulator.make({
        ...keys,
        members: [{ virtualCompanyId: 60001, allocatedFen: 1000n }]
      })
      const { origin } = yield* emulator.serve()
      const account = CompShare.layer({
        endpoint: origin,
        teamId: 1001,
        publicKey: keys.publicKey,
        privateKey: Redacted.make(keys.privateKey),
        securityToken: Redacted.make(keys.securityToken)
      }).pipe(
        Layer.provide(SqliteJournal.layer({ directory })),
        // What an emulator tells is never old.
        Layer.provide(
          Layer.succeed(Settlement.Settlement, { ...Settlement.defaults, readLag: Duration.zero })
        )
      )

      yield* Effect.gen(function* () {
        const { changes, quotas } = yield* Account.Account
        yield* changes.baseline()
        yield* quotas.change("60001", { allowance: { adjust: "5 CNY" } }, { run: "answered" })
        yield* emulator.inject({ operation: "SetCompShareTeamAmount", fault: { _tag: "drop-after" } })
        yield* quotas.change("60001", { allowance: { adjust: "7 CNY" } }, { run: "lost", settle: "defer" })
      }).pipe(Effect.provide(account))

      const signatures = (yield* emulator.requests).flatMap(
        ({ request }) => new URLSearchParams(request.body).get("Signature") ?? []
      )
      const text = contents(directory)
      assert.isAbove(signatures.length, 4)
      assert.include(text, "adjust 7.00 CNY")
      for (const secret of [...Object.values(keys), ...signatures]) assert.notInclude(text, secret)
    }).pipe(Effect.scoped)
  )
})
