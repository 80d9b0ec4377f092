/** Roll-outs on a server that is 200 ms away, over TLS, beside scripts over connections that stay. */
import { connect } from "@cloud-quota/core/promise"
import { readFileSync } from "node:fs"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { oneYuan, project, projectMembers, team, teamMembers } from "./clients/accounts.ts"
import { sqliteJournal } from "./clients/journals.ts"
import { grant, runScript, setLimit } from "./clients/scripts.ts"
import type { Measured } from "./frame/rows.ts"
import { exactly, median, over, spreadOf } from "./frame/samples.ts"
import { serve } from "./frame/serve.ts"
import { perChange, rollOut } from "./rollOut.ts"
import type { targets } from "./targets.ts"

const members = 100
const deltas = 20
const puts = 40

const trustTheTests = (): void => {
  const ca = readFileSync(new URL("../packages/core/test/fixtures/ca.pem", import.meta.url), "utf8")
  setDefaultCACertificates([...getCACertificates("default"), ca])
}

export const run = async (): Promise<Measured<typeof targets.far>> => {
  trustTheTests()
  await using server = await serve("clouds", { members, tls: true })
  await using away = await serve("relay", { port: Number(new URL(server.origin).port), roundTrip: 200 })
  const { origin } = away
  await using cloud = await connect({
    accounts: { gpu: team(origin), studio: project(origin) },
    journal: sqliteJournal().options
  })
  const gpu = cloud.account("gpu")
  await gpu.changes.baseline()
  const script = await runScript(origin, teamMembers(members).slice(-10), grant)
  const ours = await rollOut(server, gpu, teamMembers(deltas), oneYuan, { run: "bench" })

  const users = projectMembers(puts)
  const { host } = new URL(origin)
  const putScript = await runScript(origin, users, setLimit(host, 9), { width: 8 })
  const spec = { "voice-clones-basic": { set: "8" } }
  const ourPuts = await rollOut(server, cloud.account("studio"), users, spec, {})
  return {
    delta: over(spreadOf(perChange(ours, "wall")), median(script.walls)),
    put: exactly((ourPuts.ended.wall - ourPuts.began.wall) / putScript.wall)
  }
}
