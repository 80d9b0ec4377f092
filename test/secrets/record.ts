/**
 * Loaded before everything else into each process of a test run: writes down what the process says, and
 * which secrets it has in use, for `Leaks` to compare when the run is over.
 *
 * It only listens. Each hook sits where all of a kind have to pass, so that no test has to take part.
 */
import * as Cause from "effect/Cause"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { ChildProcess } from "node:child_process"
import { createHash, createHmac } from "node:crypto"
import { subscribe } from "node:diagnostics_channel"
import { openSync, writeSync } from "node:fs"
import { createRequire, registerHooks } from "node:module"
import { Socket } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"
import { type Entry, type Kind, printedChannel, testVariable } from "./Recording.ts"

const folder = new URL(import.meta.url).searchParams.get("folder")
if (folder === null) throw new Error("record.ts?folder=…: say where to keep the recordings")
const file = openSync(join(folder, `${process.pid}-${process.hrtime.bigint()}.ndjson`), "wx", 0o600)
const known = new Set<string>()

/** Written at once: the process may be killed at any moment, and what it said before counts. */
const write = (entry: Entry): void => {
  const line = JSON.stringify(entry)
  if (known.has(line)) return
  known.add(line)
  writeSync(file, `${line}\n`)
}

const script = process.argv[1] ?? "node"
const said = (kind: Kind, text: string): void =>
  write(["said", kind, text, process.env[testVariable] ?? script])

const secret = (value: string): void => write(["secret", value])

/** Everything that printing a value could show, however deep it is. */
const shown = (value: unknown): string =>
  typeof value === "string"
    ? value
    : inspect(value, {
        depth: 12,
        maxArrayLength: null,
        maxStringLength: null,
        breakLength: Number.POSITIVE_INFINITY
      })

const bytesOf = (data: unknown): Buffer | undefined =>
  typeof data === "string" || data instanceof Uint8Array ? Buffer.from(data) : undefined

/** Tells of each call of a method, before it or with its result, and leaves the call as it is. */
const listen = (
  target: object,
  name: string,
  hear: {
    readonly before?: (self: object, args: ReadonlyArray<unknown>) => void
    readonly after?: (self: object, result: unknown) => void
  }
): void => {
  const method: unknown = Reflect.get(target, name)
  if (typeof method !== "function") throw new Error(`${name}: there is no such method to listen to`)
  Object.defineProperty(target, name, {
    configurable: true,
    writable: true,
    value: function (this: object, ...args: ReadonlyArray<unknown>) {
      hear.before?.(this, args)
      const result: unknown = Reflect.apply(method, this, args)
      hear.after?.(this, result)
      return result
    }
  })
}

/** Passes on what a constructor assigns to a field, which is an own field all the same. */
const listenToField = (prototype: object, field: string, pass: (value: unknown) => unknown): void => {
  Object.defineProperty(prototype, field, {
    configurable: true,
    set(this: object, value: unknown) {
      const own = { configurable: true, enumerable: true, writable: true, value: pass(value) }
      Object.defineProperty(this, field, own)
    }
  })
}

/** Every text in a value. */
const textsOf = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(textsOf)
      : []

// The map behind `Redacted.make` is known to effect alone: it is seen in the act.
const setOf = WeakMap.prototype.set
let registry: object | undefined
WeakMap.prototype.set = function (key, value) {
  registry = this
  return setOf.call(this, key, value)
}
Redacted.make("")
WeakMap.prototype.set = setOf
if (registry === undefined) throw new Error("Redacted.make keeps its values elsewhere now")
listen(registry, "set", {
  before: (_, [, value]) => {
    for (const text of textsOf(value)) secret(text)
  }
})

// Digests, of whoever computes them: an emulator knows signatures and tokens that no client has redacted.
// Others, such as ids and fingerprints, are no secrets.
const hash: object = Object.getPrototypeOf(createHash("sha1"))
const signing = new WeakSet<object>()
listen(hash, "update", {
  before: (self, [data]) => {
    if (typeof data === "string" && data.includes("PublicKey")) signing.add(self)
  }
})
listen(hash, "digest", {
  after: (self, digest) => {
    // 64 bytes in Base64 are the emulator's tokens.
    const isToken = typeof digest === "string" && /^[\w-]{86}$/.test(digest)
    if (typeof digest === "string" && (isToken || signing.has(self))) secret(digest)
  }
})
// Whatever is made with a key.
listen(Object.getPrototypeOf(createHmac("sha256", "")), "digest", {
  after: (_, digest) => {
    if (typeof digest === "string") secret(digest)
  }
})

const root = fileURLToPath(new URL("../../", import.meta.url))

/** Made by a test, for what is outside of us: what we make of it is another error. */
const isOfTest = ({ stack = "" }: Error): boolean => {
  const own = stack.split("\n").find((line) => line.includes(root) && !line.includes("/node_modules/"))
  const maker = own?.slice(own.indexOf(root) + root.length) ?? ""
  return /^(?:packages\/[^/]+\/)?test\/|^[^:]+\.test\.ts/.test(maker)
}

/** The driver's own, with the URL and the statement. `PostgresJournal` takes from it what may be told. */
const isOfDriver = (error: Error): boolean => "_tag" in error && error._tag === "SqlError"

const jsonOf = (value: object): string => {
  try {
    return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}` : part)) ?? ""
  } catch {
    // A circle, of which there is no JSON.
    return ""
  }
}

const seen = new WeakSet<Error>()
const sayError = (error: unknown): void => {
  if (!(error instanceof Error) || seen.has(error)) return
  seen.add(error)
  for (const text of [shown(error), Cause.pretty(Cause.fail(error)), jsonOf(error)]) said("error", text)
}

// Failures and defects, caught or not: whoever catches an error may print it.
listenToField(Object.getPrototypeOf(Cause.makeFailReason("")), "error", (error) => {
  if (!(error instanceof Error && (isOfTest(error) || isOfDriver(error)))) sayError(error)
  return error
})
listenToField(Object.getPrototypeOf(Cause.makeDieReason("")), "defect", (defect) => {
  sayError(defect)
  return defect
})
process.on("uncaughtExceptionMonitor", sayError)

listen(Tracer.NativeSpan.prototype, "end", {
  before: (self) => {
    if (!(self instanceof Tracer.NativeSpan)) return
    const { attributes, events, links, name } = self
    const told = [
      name,
      attributes,
      events.map(([name, , more]) => [name, more]),
      links.map((link) => link.attributes)
    ]
    said("span", shown(told))
  }
})

type Line = Logger.Options<unknown>

const listeningLogger =
  (log: (line: Line) => unknown) =>
  (line: Line): unknown => {
    const annotations = line.fiber.getRef(References.CurrentLogAnnotations)
    said("log", [line.message, line.cause, annotations].map(shown).join(" "))
    const output = log(line)
    if (typeof output === "string") said("log", output)
    return output
  }

const isLogger = (value: unknown): value is { log: (line: Line) => unknown } =>
  typeof value === "object" && value !== null && "log" in value && typeof value.log === "function"

for (const logger of Object.values(Logger)) {
  if (isLogger(logger)) logger.log = listeningLogger(logger.log)
}
listenToField(Object.getPrototypeOf(Logger.defaultLogger), "log", (log) =>
  typeof log === "function" ? listeningLogger((line) => log(line)) : log
)

const require = createRequire(import.meta.url)
let sqliteIsHeard = false
registerHooks({
  // Not before somebody needs it: loading it prints a warning, which is that one's.
  resolve: (specifier, context, next) => {
    if (specifier === "node:sqlite" && !sqliteIsHeard) {
      sqliteIsHeard = true
      const { DatabaseSync, StatementSync } = require(specifier) as typeof import("node:sqlite")
      const before = (_: object, values: ReadonlyArray<unknown>) => {
        if (values.length > 0) said("journal", values.map(shown).join(" "))
      }
      for (const name of ["all", "get", "iterate", "run"]) listen(StatementSync.prototype, name, { before })
      listen(DatabaseSync.prototype, "exec", { before })
    }
    return next(specifier, context)
  }
})

type Purpose = Kind | "another"

/** What a connection is for, told by the first bytes that are written to it. */
const purposeOf = (bytes: Buffer): Purpose => {
  // A StartupMessage of Postgres's protocol 3: its length, and the version.
  const isPostgres = bytes.length >= 8 && bytes.readUInt32BE(0) <= bytes.length && bytes.readUInt16BE(4) === 3
  if (isPostgres) return "journal"
  // OpenTelemetry's protocol over HTTP.
  return /^POST \/v1\/(?:logs|metrics|traces) /.test(bytes.toString("latin1", 0, 18)) ? "span" : "another"
}

const purposes = new WeakMap<object, Purpose>()
listen(Socket.prototype, "write", {
  before: (self, [data]) => {
    const bytes = bytesOf(data)
    if (bytes === undefined) return
    const purpose = purposes.get(self) ?? purposeOf(bytes)
    purposes.set(self, purpose)
    // The password, which the server has asked for, is in a message that begins with "p".
    const isPassword = purpose === "journal" && bytes[0] === 0x70
    if (purpose !== "another" && !isPassword) said(purpose, bytes.toString("utf8"))
  }
})

// `cloud-quota emulate` tells on stdout with which keys its pretended clouds are used: that is what it is for.
const meant = process.argv[2] === "emulate" ? /^export \w+='.*'$/gm : /(?!)/g
for (const [stream, text] of [
  [process.stdout, (bytes: Buffer) => bytes.toString("utf8").replaceAll(meant, "")],
  [process.stderr, (bytes: Buffer) => bytes.toString("utf8")]
] as const) {
  listen(stream, "write", {
    before: (_, [data]) => {
      const bytes = bytesOf(data)
      if (bytes !== undefined) said("output", text(bytes))
    }
  })
}
subscribe(printedChannel, (text) => said("output", `${text}`))

// Children that get an environment of their own take part too.
listen(ChildProcess.prototype, "spawn", {
  before: (_, [options]) => {
    if (typeof options !== "object" || options === null) return
    const file: unknown = Reflect.get(options, "file")
    const pairs: unknown = Reflect.get(options, "envPairs")
    if (file !== process.execPath || !Array.isArray(pairs)) return
    for (const name of ["NODE_OPTIONS", testVariable]) {
      const value = process.env[name]
      const isThere = pairs.some((pair: unknown) => `${pair}`.startsWith(`${name}=`))
      if (value !== undefined && !isThere) pairs.push(`${name}=${value}`)
    }
  }
})
