/** A team and a project with state, over HTTP: each answer after a delay. Counts what it is asked. */
import { createServer, type IncomingMessage, type Server } from "node:http"
import { text } from "node:stream/consumers"
import { makeProject } from "./project.ts"
import { type CloudsOptions, type Counts, type Stats, statsPath } from "./servers.ts"
import { makeTeam } from "./team.ts"

const headers = { "content-type": "application/json", "x-ucloud-request-uuid": "r1", "x-request-id": "r1" }

const isWrite = (request: IncomingMessage, body: string): boolean =>
  request.method === "PUT" || body.includes("SetCompShareTeamAmount")

/** Whether one more request is carried out now: at most so many a second, and a tenth of it at once. */
const makePace = (perSecond: number): (() => boolean) => {
  const most = Math.max(1, perSecond / 10)
  let permits = most
  let last = performance.now()
  return () => {
    const now = performance.now()
    permits = Math.min(most, permits + ((now - last) / 1000) * perSecond)
    last = now
    if (permits < 1) return false
    permits -= 1
    return true
  }
}

const throttled = JSON.stringify({ RetCode: 153, Message: "Request limit exceeded" })

const none = () => ({ requests: 0, writes: 0, connections: 0, bytes: 0 })

export const clouds = ({ delay = 0, logged = 0, members, pace }: CloudsOptions): Server => {
  const answerTeam = makeTeam(members, logged)
  const answerProject = makeProject(members)
  const isPermitted = pace === undefined ? () => true : makePace(pace)
  let counts = none()
  let atWrites: Array<Counts> = []
  let writing = 0
  let mostWrites = 0

  const takeStats = (): Stats => {
    const stats = { ...counts, atWrites, mostWrites }
    counts = none()
    atWrites = []
    mostWrites = 0
    return stats
  }

  const countWrite = () => {
    counts.writes += 1
    atWrites.push({ ...counts })
    writing += 1
    mostWrites = Math.max(mostWrites, writing)
  }

  const server = createServer(async (request, response) => {
    const body = await text(request)
    if (request.url === statsPath) {
      response.end(JSON.stringify(takeStats()))
      return
    }
    const isTeam = request.method === "POST" && request.url === "/"
    const isRefused = !isPermitted()
    const isWriting = !isRefused && isWrite(request, body)
    const answer = isRefused
      ? throttled
      : isTeam
        ? answerTeam(new URLSearchParams(body))
        : answerProject(request, body)
    counts.requests += 1
    counts.bytes += answer.length
    if (isWriting) countWrite()
    const send = () => {
      if (isWriting) writing -= 1
      if (isRefused && !isTeam) response.writeHead(429, { ...headers, "retry-after": "1" })
      else response.writeHead(200, headers)
      response.end(answer)
    }
    if (delay > 0) setTimeout(send, delay)
    else send()
  })
  server.on("connection", () => {
    counts.connections += 1
  })
  server.keepAliveTimeout = 60_000
  return server
}
