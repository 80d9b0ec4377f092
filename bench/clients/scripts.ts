/** The script that a person would write for a roll-out: one request after the other, on connections that stay. */
import { type Dispatcher, Pool } from "undici"
import { compshareParams, postForm, sendJson, signedForm } from "./byHand.ts"
import { projectId } from "./keys.ts"

/** Grants one member of a team one yuan. */
export const grant = (to: Dispatcher, member: string): Promise<unknown> =>
  postForm(
    to,
    signedForm(
      compshareParams("SetCompShareTeamAmount", {
        TeamId: "1001",
        "VirtualCompanyId.0": member,
        Amount: "100",
        OperateType: "AllocateAmount"
      })
    )
  )

/** Sets a limit of one sub-account. */
export const setLimit =
  (host: string, limit: number) =>
  (to: Dispatcher, user: string): Promise<unknown> =>
    sendJson(
      to,
      {
        method: "PUT",
        path: `/v1/${projectId}/user/quotas/${user}`,
        body: { quota: { voice_clone_basic: limit } }
      },
      host
    )

/** The milliseconds of a script, and of each of its requests. */
export interface Script {
  readonly wall: number
  readonly walls: ReadonlyArray<number>
  readonly cpu: number
}

/** Sends one request for each member, at most `width` at once. */
export const runScript = async (
  origin: string,
  members: ReadonlyArray<string>,
  send: (to: Dispatcher, member: string) => Promise<unknown>,
  { width = 1, connect }: { readonly width?: number; readonly connect?: Pool.Options["connect"] } = {}
): Promise<Script> => {
  const pool = new Pool(origin, { connections: width, ...(connect === undefined ? {} : { connect }) })
  const walls: Array<number> = []
  const rest = members.values()
  const before = process.cpuUsage()
  const began = performance.now()
  const loop = async () => {
    for (const member of rest) {
      const at = performance.now()
      await send(pool, member)
      walls.push(performance.now() - at)
    }
  }
  await Promise.all(Array.from({ length: width }, loop))
  const wall = performance.now() - began
  const { system, user } = process.cpuUsage(before)
  await pool.close()
  return { wall, walls, cpu: (user + system) / 1000 }
}
