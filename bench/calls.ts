/** Typed calls beside raw undici with a signature by hand, and beside the vendor's own client. */
import { Limit, Quantity } from "@cloud-quota/core"
import { MetaStudioClient } from "@cloud-quota/metastudio"
import { Effect } from "effect"
import { type Dispatcher, Pool } from "undici"
import { compshareParams, postForm, sendJson, signedForm, type Request } from "./clients/byHand.ts"
import { huawei, listUserQuotas, updateUserQuotas } from "./clients/huawei.ts"
import { projectId, userId } from "./clients/keys.ts"
import { compshareClient, metastudioOptions } from "./clients/ours.ts"
import { fiberLoops, interleave, loops } from "./frame/rounds.ts"
import { ratio } from "./frame/samples.ts"
import { serve } from "./frame/serve.ts"
import type { Measured } from "./frame/rows.ts"
import type { targets } from "./targets.ts"

const width = 64
const rounds = { rounds: 40, ms: 100 }

const path = `/v1/${projectId}/user/quotas`
const list: Request = { method: "GET", path, query: "limit=100&offset=0" }
const quota = { video_time_2d_model: 600, voice_clone_basic: 5 }
const put: Request = { method: "PUT", path: `${path}/${userId}`, body: { quota } }

const ofTeam = async (origin: string, pool: Dispatcher, size: number) => {
  const client = await Effect.runPromise(compshareClient(origin))
  const params = compshareParams("GetCompShareTeamInfo", { TeamId: `${size}` })
  const sent = signedForm(params)
  const samples = await interleave(
    {
      raw: loops(() => postForm(pool, sent), width),
      signed: loops(() => postForm(pool, signedForm({ ...params })), width),
      ours: fiberLoops(client.getCompShareTeamInfo({ TeamId: size }), width)
    },
    rounds
  )
  return {
    cpu: ratio(samples("ours").cpu, samples("signed").cpu),
    wall: ratio(samples("ours").wall, samples("signed").wall)
  }
}

const ofQuotas = async (
  origin: string,
  pool: Dispatcher,
  request: Request,
  calls: { readonly ours: Effect.Effect<unknown, unknown>; readonly vendor: () => Promise<unknown> }
) => {
  const { host } = new URL(origin)
  const samples = await interleave(
    {
      raw: loops(() => sendJson(pool, request), width),
      signed: loops(() => sendJson(pool, request, host), width),
      vendor: loops(calls.vendor, width),
      ours: fiberLoops(calls.ours, width)
    },
    rounds
  )
  return {
    cpu: ratio(samples("ours").cpu, samples("signed").cpu),
    wall: ratio(samples("ours").wall, samples("signed").wall),
    vendor: ratio(samples("ours").cpu, samples("vendor").cpu)
  }
}

export const run = async (): Promise<Measured<typeof targets.calls>> => {
  await using server = await serve("canned", {})
  const { origin } = server
  const pool = new Pool(origin, { connections: width })
  const vendor = huawei(origin)
  const client = await Effect.runPromise(MetaStudioClient.make(metastudioOptions(origin)))
  const limits = {
    video_time_2d_model: Limit.finite(Quantity.minutes(600)),
    voice_clone_basic: Limit.finite(Quantity.count(5))
  }
  const team1 = await ofTeam(origin, pool, 1)
  const team100 = await ofTeam(origin, pool, 100)
  const listed = await ofQuotas(origin, pool, list, {
    ours: client.listUserQuotas({}),
    vendor: () => listUserQuotas(vendor)
  })
  const written = await ofQuotas(origin, pool, put, {
    ours: client.updateUserQuotas({ user_id: userId, quota: limits }),
    vendor: () => updateUserQuotas(vendor, { quota })
  })
  await pool.destroy()
  return {
    team1: team1.cpu,
    team1Wall: team1.wall,
    team100: team100.cpu,
    team100Wall: team100.wall,
    list: listed.cpu,
    listWall: listed.wall,
    put: written.cpu,
    putWall: written.wall,
    listVendor: listed.vendor,
    putVendor: written.vendor
  }
}
