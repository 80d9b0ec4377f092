/** What our layers cost without a network: a client over a transport that answers at once. */
import { Signature } from "@cloud-quota/compshare"
import { Json, Transport } from "@cloud-quota/core"
import { Effect, Redacted } from "effect"
import { compshareParams, signedForm } from "./clients/byHand.ts"
import { privateKey } from "./clients/keys.ts"
import { compshareClient } from "./clients/ours.ts"
import type { Measured } from "./frame/rows.ts"
import { busy, fiberLoops, interleave } from "./frame/rounds.ts"
import { difference, spreadOf } from "./frame/samples.ts"
import { relation, team } from "./servers/bodies.ts"
import type { targets } from "./targets.ts"

const body = team(1, [relation(0, 100_000)])
const params = compshareParams("GetCompShareTeamInfo", { TeamId: "1" })

const transport: Transport.Transport = {
  request: () => Effect.succeed({ status: 200, headers: { "content-type": "application/json" }, body }),
  open: () => Effect.die("no connection is opened here")
}

const clientWith = (more: Parameters<typeof compshareClient>[1]) =>
  Effect.runPromise(
    compshareClient("http://127.0.0.1:1", more).pipe(Effect.provideService(Transport.Transport, transport))
  )

export const run = async (): Promise<Measured<typeof targets.layers>> => {
  const full = await clientWith({})
  const unlimited = await clientWith({ rateLimit: "off" })
  const bare = await clientWith({ rateLimit: "off", circuitBreaker: "off" })
  const request = { TeamId: 1 }
  const samples = await interleave(
    {
      byHand: busy(() => {
        signedForm({ ...params })
        JSON.parse(body)
      }),
      form: busy(() => {
        const flat = Signature.flatten(params)
        const signature = Signature.sign(flat, privateKey)
        return Redacted.make(new URLSearchParams({ ...flat, Signature: signature }).toString())
      }),
      json: busy(() => Json.parse(body)),
      full: fiberLoops(full.getCompShareTeamInfo(request), 1),
      unlimited: fiberLoops(unlimited.getCompShareTeamInfo(request), 1),
      bare: fiberLoops(bare.getCompShareTeamInfo(request), 1),
      untraced: fiberLoops(Effect.withTracerEnabled(full.getCompShareTeamInfo(request), false), 1)
    },
    { rounds: 60, ms: 40 }
  )
  return {
    call: spreadOf(samples("full").cpu),
    byHand: spreadOf(samples("byHand").cpu),
    rateLimit: difference(samples("full").cpu, samples("unlimited").cpu),
    circuitBreaker: difference(samples("unlimited").cpu, samples("bare").cpu),
    spans: difference(samples("full").cpu, samples("untraced").cpu),
    form: spreadOf(samples("form").cpu),
    json: spreadOf(samples("json").cpu)
  }
}
