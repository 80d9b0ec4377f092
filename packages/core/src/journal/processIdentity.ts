/**
 * Identifies the process that recorded an intent, and finds out whether that process is proven dead.
 *
 * A process id alone proves nothing: ids are reused, and containers count their own. The proof needs the same
 * host, the same boot and the same process namespace. On a system that does not report them, nothing is ever
 * proven.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { randomUUID } from "node:crypto"
import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"

const ProcessIdentity = Schema.Struct({
  host: Schema.String,
  pid: Schema.Int,
  /** Distinguishes one boot of the host from the next. */
  boot: Schema.optionalKey(Schema.String),
  /** Distinguishes containers on one host, which may share a host name and process ids. */
  namespace: Schema.optionalKey(Schema.String),
  /**
   * When the process started, in ticks since the boot. Distinguishes it from a later process with the same
   * id.
   */
  started: Schema.optionalKey(Schema.String),
  /** Distinguishes this process from every other, for people. */
  instance: Schema.String
})
type ProcessIdentity = typeof ProcessIdentity.Type

const Owner = Schema.fromJsonString(ProcessIdentity)
const decodeOwner = Schema.decodeUnknownOption(Owner)

const attempt = (read: () => string | undefined): string | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

const bootId = () => attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim())

const namespaceId = () =>
  attempt(() => `${readlinkSync("/proc/self/ns/pid")} ${readlinkSync("/proc/self/ns/time")}`)

/** The 22nd field of `stat`. The second is the command's name, which may hold spaces and parentheses. */
const startOf = (pid: number) =>
  attempt(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]
  })

const identify = (): ProcessIdentity => {
  const boot = bootId()
  const namespace = namespaceId()
  const started = startOf(process.pid)
  return {
    host: hostname(),
    pid: process.pid,
    ...(boot === undefined ? {} : { boot }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(started === undefined ? {} : { started }),
    instance: randomUUID()
  }
}

let known: ProcessIdentity | undefined
const me = (): ProcessIdentity => {
  known ??= identify()
  return known
}

/** Returns this process as the text that a journal stores. */
export const owner = (): string => JSON.stringify(me())

/** Describes an owner for people. */
export const describe = (text: string): string =>
  Option.match(decodeOwner(text), {
    onNone: () => "an unknown process",
    onSome: ({ host, pid }) => `process ${pid} on ${host}`
  })

/** Returns true only if the process is proven dead: it ran here since this boot, and runs no more. */
export const isDead = (text: string): Effect.Effect<boolean> =>
  Effect.sync(() => {
    const that = Option.getOrUndefined(decodeOwner(text))
    if (that === undefined || that.boot === undefined || that.namespace === undefined) return false
    const { boot, host, namespace } = me()
    if (that.host !== host || that.boot !== boot || that.namespace !== namespace) return false
    if (!exists(that.pid)) return true
    const started = startOf(that.pid)
    return started !== undefined && that.started !== undefined && started !== that.started
  })

/** Asks the system itself, since `/proc` may hide the processes of other users. */
const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH")
  }
}
