/** Passes what goes to a Postgres and back, and times each statement from its last byte to its answer. */
import { connect, createServer, type Server, type Socket } from "node:net"
import type { TapOptions } from "./servers.ts"

/** Calls back with each message of a stream: its type and its content. */
const makeReader = (onMessage: (type: string, content: Buffer) => void, hasStartup: boolean) => {
  let rest = Buffer.alloc(0)
  // The first message has no type.
  let isStarted = !hasStartup
  const next = (): boolean => {
    const head = isStarted ? 1 : 0
    if (rest.length < head + 4) return false
    const end = head + rest.readInt32BE(head)
    if (rest.length < end) return false
    const message = rest.subarray(0, end)
    rest = rest.subarray(end)
    if (isStarted) onMessage(message.toString("latin1", 0, 1), message.subarray(5))
    isStarted = true
    return true
  }
  return (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (next());
  }
}

const textAt = (content: Buffer, at: number): string => content.toString("utf8", at, content.indexOf(0, at))

/** A statement on its way. */
interface Sent {
  readonly statement: string
  readonly at: number
}

const watch = (client: Socket, server: Socket, note: (statement: string, ms: number) => void) => {
  const prepared = new Map<string, string>()
  const sent: Array<Sent> = []
  let statement = ""
  const readClient = makeReader((type, content) => {
    if (type === "Q") statement = textAt(content, 0)
    if (type === "P") {
      const name = textAt(content, 0)
      statement = textAt(content, Buffer.byteLength(name) + 1)
      prepared.set(name, statement)
    }
    if (type === "B") {
      const portal = textAt(content, 0)
      statement = prepared.get(textAt(content, Buffer.byteLength(portal) + 1)) ?? statement
    }
    if (type === "Q" || type === "S") sent.push({ statement, at: performance.now() })
  }, true)
  const readServer = makeReader((type) => {
    if (type !== "Z") return
    const first = sent.shift()
    if (first !== undefined) note(first.statement, performance.now() - first.at)
  }, false)
  client.on("data", (chunk) => {
    server.write(chunk)
    readClient(Buffer.from(chunk))
  })
  server.on("data", (chunk) => {
    client.write(chunk)
    readServer(Buffer.from(chunk))
  })
}

const respond = (socket: Socket, body: string): void => {
  const head = `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`
  socket.end(`${head}${body}`)
}

export const tap = ({ host, port }: TapOptions): Server => {
  let times: Record<string, Array<number>> = {}
  const note = (statement: string, ms: number): void => {
    const known = times[statement] ?? []
    known.push(ms)
    times[statement] = known
  }
  return createServer((client) => {
    client.setNoDelay(true)
    client.on("error", () => client.destroy())
    client.once("data", (first) => {
      if (first.toString("latin1").startsWith("GET ")) {
        respond(client, JSON.stringify(times))
        times = {}
        return
      }
      const server = connect(port, host)
      server.setNoDelay(true)
      server.on("error", () => client.destroy())
      server.on("close", () => client.destroy())
      client.on("close", () => server.destroy())
      watch(client, server, note)
      client.emit("data", first)
    })
  })
}
