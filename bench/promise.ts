/** The Promise API beside the same calls of the Effect API. */
import { CompShare } from "@cloud-quota/compshare"
import { Account } from "@cloud-quota/core"
import { connect, type Account as PromiseAccount } from "@cloud-quota/core/promise"
import { MetaStudio } from "@cloud-quota/metastudio"
import { type Effect, ManagedRuntime, Stream } from "effect"
import { project, team } from "./clients/accounts.ts"
import { compshareOptions, metastudioOptions } from "./clients/ours.ts"
import type { Measured } from "./frame/rows.ts"
import { fiberLoops, interleave, loops } from "./frame/rounds.ts"
import { ratio } from "./frame/samples.ts"
import { serve } from "./frame/serve.ts"
import type { targets } from "./targets.ts"

const width = 16
const rounds = { rounds: 40, ms: 100 }

type EffectAccount = Account.Account["Service"]

const compare = async (effects: Effect.Effect<unknown, unknown>, promises: () => Promise<unknown>) => {
  const samples = await interleave(
    { effects: fiberLoops(effects, width), promises: loops(promises, width) },
    rounds
  )
  return ratio(samples("promises").cpu, samples("effects").cpu)
}

const ofList = (ours: EffectAccount, theirs: PromiseAccount) =>
  compare(Stream.runCollect(ours.quotas.list()), () => theirs.quotas.list().toArray())

export const run = async (): Promise<Measured<typeof targets.promise>> => {
  await using server = await serve("canned", {})
  const { origin } = server
  const ofTeam = async (teamId: number) => {
    const layer = CompShare.layer({ ...compshareOptions(origin), teamId })
    return await ManagedRuntime.make(layer).runPromise(Account.Account)
  }
  const one = await ofTeam(1)
  const hundred = await ofTeam(100)
  const studio = await ManagedRuntime.make(MetaStudio.layer(metastudioOptions(origin))).runPromise(
    Account.Account
  )
  await using cloud = await connect({
    accounts: { one: team(origin, 1), hundred: team(origin, 100), studio: project(origin) },
    journal: "memory"
  })
  return {
    team1: await ofList(one, cloud.account("one")),
    team100: await ofList(hundred, cloud.account("hundred")),
    list: await ofList(studio, cloud.account("studio")),
    get: await compare(hundred.quotas.get("60001"), () => cloud.account("hundred").quotas.get("60001"))
  }
}
