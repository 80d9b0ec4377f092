/** Starts servers in processes of their own, so that their time is not counted. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { type Servers, type StatsOf, statsPath } from "../servers/servers.ts"

const main = fileURLToPath(new URL("../servers/main.ts", import.meta.url))

export interface Server<Kind extends keyof StatsOf> extends AsyncDisposable {
  readonly origin: string
  /** Returns what the server has counted since the last time. */
  readonly takeStats: () => Promise<StatsOf[Kind]>
}

/**
 * Starts a server of this kind on loopback. It ends with this process, since it reads the end of its standard
 * input.
 */
export const serve = async <Kind extends keyof Servers>(
  kind: Kind,
  options: Servers[Kind]
): Promise<Server<Kind>> => {
  const child = spawn(process.execPath, [main, kind, JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "inherit"]
  })
  const ended = once(child, "exit")
  const lines = once(createInterface({ input: child.stdout }), "line")
  const [origin] = await Promise.race([
    lines,
    ended.then(([code]) => Promise.reject(new Error(`the server ${kind} ended with ${code}`)))
  ])
  return {
    origin: `${origin}`,
    takeStats: async () => JSON.parse(await (await fetch(`${origin}${statsPath}`)).text()),
    [Symbol.asyncDispose]: async () => {
      child.kill()
      await ended
    }
  }
}
