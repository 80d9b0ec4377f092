/**
 * One script, two clouds: starts an emulator of each on this machine, and runs the provider-neutral
 * script of `low-on-quota.ts` over both, through real, signed HTTP.
 *
 * `--live` reads real accounts instead, with the vendors' usual environment variables. It changes
 * nothing.
 */
import { CompShare } from "@cloud-quota/compshare"
import { CompShareEmulator } from "@cloud-quota/compshare/testing"
import { Accounts, Quantity, Report } from "@cloud-quota/core"
import { MetaStudio } from "@cloud-quota/metastudio"
import { MetaStudioEmulator } from "@cloud-quota/metastudio/testing"
import { Console, Effect, Redacted, Stream } from "effect"
import { lowOnQuota } from "./low-on-quota.ts"
import { quotaTable, reportTable } from "./support/print.ts"

/** How many rows a table shows. */
const rows = 10

const emulated = Effect.gen(function* () {
  const gpuCloud = yield* CompShareEmulator.make({ size: 24, adminBalanceFen: 900_000n })
  const studioCloud = yield* MetaStudioEmulator.make({ size: 8 })
  const gpuServer = yield* gpuCloud.serve()
  const studioServer = yield* studioCloud.serve()
  yield* Console.log(
    `CompShare emulator   ${gpuServer.origin}\nMetaStudio emulator  ${studioServer.origin}\n`
  )

  const accounts = Accounts.layer({
    gpu: CompShare.layer({
      endpoint: gpuServer.origin,
      teamId: 1001,
      publicKey: CompShareEmulator.publicKey,
      privateKey: Redacted.make(CompShareEmulator.privateKey)
    }),
    studio: MetaStudio.layer({
      endpoint: studioServer.origin,
      projectId: MetaStudioEmulator.defaults.projectId,
      credentials: {
        accessKey: MetaStudioEmulator.defaults.accessKey,
        secretKey: Redacted.make(MetaStudioEmulator.defaults.secretKey)
      }
    })
  })

  yield* Effect.gen(function* () {
    const findings = yield* lowOnQuota({
      share: 0.8,
      raise: "0.5",
      floor: Quantity.cny(600),
      topUpTo: Quantity.cny(1000),
      run: "demo/low-on-quota"
    })
    for (const finding of findings) {
      yield* Console.log(
        `${finding.account}: ${finding.low.length} of ${finding.quotas.length} quotas are low\n`
      )
      yield* Console.log(quotaTable(finding, rows))
      yield* Console.log(`\n${finding.account}: what became of them\n`)
      yield* Console.log(`${reportTable(finding.report, finding.names, rows)}\n`)
    }

    const [gpu] = findings
    const someone = gpu?.quotas.slice(-3).map(({ member }) => member) ?? []
    const [rich = "", ordinary = "", unlucky = ""] = someone
    yield* Console.log(
      "gpu: a batch in which one grant is more than the team has, and one answer gets lost\n"
    )
    // The third answer is cut off after the money has moved.
    yield* gpuCloud.inject([
      { operation: "SetCompShareTeamAmount", fault: { _tag: "rewrite", body: (answer) => answer }, times: 2 },
      { operation: "SetCompShareTeamAmount", fault: { _tag: "drop-after" } }
    ])
    const account = yield* (yield* Accounts.Accounts).get("gpu")
    const report = yield* account.quotas.changeAll(
      [
        { member: rich, metric: "allowance", action: { adjust: "1000000 CNY" } },
        { member: ordinary, metric: "allowance", action: { adjust: "20 CNY" } },
        { member: unlucky, metric: "allowance", action: { adjust: "120 CNY" } }
      ],
      { run: "demo/batch", settle: "defer" }
    )
    yield* Console.log(`${reportTable(report, gpu?.names ?? new Map(), rows)}\n`)
    yield* Effect.forEach(report.results, ({ message }) => Console.log(`  ${message}`))
    yield* Console.log(
      `\nExit code of such a script: ${Report.exitCode(report)}. A script that waits instead of deferring gets a definite answer.`
    )
  }).pipe(Effect.provide(accounts))
})

const live = Effect.gen(function* () {
  for (const account of (yield* Accounts.Accounts).all) {
    const members = yield* Stream.runCollect(account.members.list())
    const quotas = yield* Stream.runCollect(account.quotas.list())
    const names = new Map(members.flatMap(({ id, name }) => (id && name ? [[id, name] as const] : [])))
    yield* Console.log(`${account.name}: ${members.length} members, ${quotas.length} quotas\n`)
    const report = { account: account.name, provider: account.identity.provider, preview: true, results: [] }
    yield* Console.log(`${quotaTable({ account: account.name, names, quotas, low: [], report }, rows)}\n`)
  }
})

/** The clouds that the environment has keys for; all of them if it has none, to be told what is missing. */
const liveAccounts = () => {
  const named = (word: RegExp) => Object.keys(process.env).some((name) => word.test(name))
  const gpu = named(/^(COMPSHARE|UCLOUD)_PUBLIC_KEY$/)
  const studio = named(/^(HUAWEICLOUD_SDK|CLOUD_SDK)_AK$/)
  return Accounts.layer({
    ...(gpu || !studio ? { gpu: CompShare.layerConfig } : {}),
    ...(studio || !gpu ? { studio: MetaStudio.layerConfig } : {})
  })
}

const main: Effect.Effect<void, { readonly message: string }> = process.argv.includes("--live")
  ? Effect.provide(live, liveAccounts())
  : Effect.scoped(emulated)

const failed = (error: { readonly message: string }) =>
  Effect.sync(() => {
    console.error(error.message)
    process.exitCode = 1
  })

Effect.runPromise(Effect.catch(main, failed))
