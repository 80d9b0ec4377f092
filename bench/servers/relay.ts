/** Makes another server far away: passes all bytes, each half a round trip later, and connects after a whole one. */
import { connect, createServer, type Server, type Socket } from "node:net"
import type { RelayOptions } from "./servers.ts"

/** Passes what a socket receives to another one, later and in order; the first part of it later still. */
const pass = (from: Socket, to: Socket, delay: number, first: number): void => {
  const open = performance.now() + first
  const waiting: Array<() => void> = []
  const later = (run: () => void) => {
    waiting.push(run)
    setTimeout(() => waiting.shift()?.(), delay + Math.max(0, open - performance.now()))
  }
  from.on("data", (chunk) => later(() => to.write(chunk)))
  from.on("end", () => later(() => to.end()))
  from.on("error", () => later(() => to.destroy()))
  from.on("close", () => later(() => to.destroy()))
}

export const relay = ({ port, roundTrip }: RelayOptions): Server =>
  createServer((near) => {
    const far = connect(port, "127.0.0.1")
    near.setNoDelay(true)
    far.setNoDelay(true)
    // Here a connection is made at once. From afar, the first byte follows a round trip later.
    pass(near, far, roundTrip / 2, roundTrip)
    pass(far, near, roundTrip / 2, 0)
  })
