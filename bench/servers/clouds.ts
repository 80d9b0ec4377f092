/** Teams and projects with state, over HTTP: each answer after a delay. Counts what it is asked. */
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http"
import { createServer as createSecureServer } from "node:https"
import { text } from "node:stream/consumers"
import { makeProjects } from "./project.ts"
import { type CloudsOptions, type Counts, type Stats, statsPath } from "./servers.ts"
import { makeTeams } from "./team.ts"

const headers = { "content-type": "application/json", "x-ucloud-request-uuid": "r1", "x-request-id": "r1" }

const isWrite = (request: IncomingMessage, body: string): boolean =>
  request.method === "PUT" || body.includes("SetCompShareTeamAmount")

/** Whether one more request is carried out now: at most so many a second, and those of one second at once. */
const makePace = (perSecond: number): (() => boolean) => {
  let permits = perSecond
  let last = performance.now()
  return () => {
    const now = performance.now()
    permits = Math.min(perSecond, permits + ((now - last) / 1000) * perSecond)
    last = now
    if (permits < 1) return false
    permits -= 1
    return true
  }
}

const throttled = JSON.stringify({ RetCode: 153, Message: "Request limit exceeded" })

const pem = (name: string): Buffer =>
  readFileSync(new URL(`../../packages/core/test/fixtures/${name}.pem`, import.meta.url))

const listenerOf = (isTls: boolean, listener: RequestListener): Server =>
  isTls
    ? createSecureServer({ key: pem("server-key"), cert: pem("server") }, listener)
    : createServer(listener)

const makeCounts = () => ({ requests: 0, carriedOut: 0, writes: 0, connections: 0, bytes: 0 })

/** Counts requests, and how many writes are on their way at once. */
const makeCounter = () => {
  let counts = makeCounts()
  let atWrites: Array<Counts> = []
  let writing = 0
  let mostWrites = 0
  const now = (): Counts => ({ ...counts, at: performance.now() })
  return {
    connected: () => {
      counts.connections += 1
    },
    refused: (bytes: number) => {
      counts.requests += 1
      counts.bytes += bytes
    },
    carriedOut: (bytes: number) => {
      counts.requests += 1
      counts.carriedOut += 1
      counts.bytes += bytes
    },
    writing: () => {
      counts.writes += 1
      atWrites.push(now())
      writing += 1
      mostWrites = Math.max(mostWrites, writing)
    },
    written: () => {
      writing -= 1
    },
    take: (): Stats => {
      const stats = { ...now(), atWrites, mostWrites }
      counts = makeCounts()
      atWrites = []
      mostWrites = 0
      return stats
    }
  }
}

export const clouds = (options: CloudsOptions): Server => {
  const { delay = 0, logged = 0, members, pace, tls = false } = options
  const answerTeam = makeTeams(members, logged)
  const answerProject = makeProjects(members)
  const isPermitted = pace === undefined ? () => true : makePace(pace)
  const counter = makeCounter()

  const server = listenerOf(tls, async (request, response) => {
    const body = await text(request)
    if (request.url === statsPath) {
      response.end(JSON.stringify(counter.take()))
      return
    }
    const isTeam = request.method === "POST" && request.url === "/"
    if (!isPermitted()) {
      counter.refused(throttled.length)
      response.writeHead(isTeam ? 200 : 429, { ...headers, ...(isTeam ? {} : { "retry-after": "1" }) })
      response.end(throttled)
      return
    }
    const isWriting = isWrite(request, body)
    const answer = isTeam ? answerTeam(new URLSearchParams(body)) : answerProject(request, body)
    counter.carriedOut(answer.length)
    if (isWriting) counter.writing()
    const send = () => {
      if (isWriting) counter.written()
      response.writeHead(200, headers)
      response.end(answer)
    }
    if (delay > 0) setTimeout(send, delay)
    else send()
  })
  server.on("connection", counter.connected)
  server.keepAliveTimeout = 60_000
  return server
}
