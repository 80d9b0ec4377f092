/** Answers without any state, over bare sockets: cheaper than every client that is measured. */
import { createServer, type Server } from "node:net"
import { asset, assets, range, relation, team } from "./bodies.ts"
import type { CannedOptions } from "./servers.ts"

const lengthOf = (head: string): number => Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0)

const bodyFor = (line: string, body: string): string => {
  const size = /TeamId=(\d+)/.exec(body)?.[1]
  if (size !== undefined) {
    const relations = range(Number(size)).map((index) => relation(index, 100_000 + index * 100))
    return team(Number(size), relations)
  }
  if (!line.startsWith("GET")) return "{}"
  const rows = range(Number(/limit=(\d+)/.exec(line)?.[1] ?? 100)).map((index) => asset(`u${index}`, 5))
  return assets(rows.length, rows)
}

const answerOf = (text: string): Buffer => {
  const body = Buffer.from(text)
  const head = [
    "HTTP/1.1 200 OK",
    "content-type: application/json",
    "x-ucloud-request-uuid: r1",
    "x-request-id: r1",
    "connection: keep-alive",
    `content-length: ${body.length}`
  ]
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body])
}

export const canned = ({ delay = 0 }: CannedOptions): Server => {
  const answers = new Map<string, Buffer>()
  const answer = (line: string, body: string): Buffer => {
    const key = /TeamId=\d+/.exec(body)?.[0] ?? line
    const known = answers.get(key)
    if (known !== undefined) return known
    const made = answerOf(bodyFor(line, body))
    answers.set(key, made)
    return made
  }
  return createServer((socket) => {
    socket.setNoDelay(true)
    socket.on("error", () => socket.destroy())
    let rest = ""
    socket.on("data", (chunk) => {
      rest += chunk.toString("latin1")
      for (let end = rest.indexOf("\r\n\r\n"); end >= 0; end = rest.indexOf("\r\n\r\n")) {
        const next = end + 4 + lengthOf(rest.slice(0, end))
        if (rest.length < next) return
        const bytes = answer(rest.slice(0, rest.indexOf("\r\n")), rest.slice(end + 4, next))
        rest = rest.slice(next)
        if (delay > 0) setTimeout(() => socket.write(bytes), delay)
        else socket.write(bytes)
      }
    })
  })
}
