/** One server, in a process of its own: `node main.ts KIND OPTIONS`. It prints its origin. */
import type { Server } from "node:net"
import { Server as TlsServer } from "node:tls"
import { canned } from "./canned.ts"
import { clouds } from "./clouds.ts"
import { orders } from "./orders.ts"
import { relay } from "./relay.ts"
import type { Servers } from "./servers.ts"
import { tap } from "./tap.ts"

const servers: { readonly [Kind in keyof Servers]: (options: Servers[Kind]) => Server } = {
  canned,
  clouds,
  orders,
  relay,
  tap
}

const isKind = (name: string): name is keyof Servers => Object.hasOwn(servers, name)

const [kind = "", options = "{}"] = process.argv.slice(2)
if (!isKind(kind)) throw new Error(`there is no server ${kind}`)
const server = servers[kind](JSON.parse(options))
const scheme = server instanceof TlsServer || kind === "relay" ? "https" : "http"
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object" && address !== null) console.log(`${scheme}://127.0.0.1:${address.port}`)
})
// The parent holds the other end until it ends.
process.stdin.on("end", () => process.exit()).resume()
