/**
 * Loaded before everything else into each process of a test run: writes down what the process says, and
 * which secrets it has in use, for `Leaks` to compare when the run is over.
 *
 * It only listens. Each hook sits where all of a kind have to pass, so that no test has to take part. The
 * hooks here are in Node; those in Effect are in `recordEffect.ts`.
 */
import { ChildProcess } from "node:child_process"
import { createHash, createHmac } from "node:crypto"
import { subscribe } from "node:diagnostics_channel"
import { openSync, writeSync } from "node:fs"
import { createRequire, registerHooks } from "node:module"
import { Socket } from "node:net"
import { join } from "node:path"
import { listen, shown } from "./listen.ts"
import { type Entry, type Kind, type Heard, saidChannel, secretChannel, testVariable } from "./Recording.ts"

const given = new URL(import.meta.url).searchParams
const folder = given.get("folder")
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

const bytesOf = (data: unknown): Buffer | undefined =>
  typeof data === "string" || data instanceof Uint8Array ? Buffer.from(data) : undefined

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

// What is heard elsewhere in this process.
subscribe(saidChannel, (message) => {
  const [kind, text] = message as Heard
  said(kind, text)
})
subscribe(secretChannel, (value) => secret(`${value}`))
// A bundle that is under test has its own modules of Effect, and this part of the recorder among them.
if (process.argv[1] === undefined || !given.getAll("bundle").includes(process.argv[1])) {
  await import("./recordEffect.ts")
}

// Children that get an environment of their own take part too, and what a shell among them starts.
listen(ChildProcess.prototype, "spawn", {
  before: (_, [options]) => {
    if (typeof options !== "object" || options === null) return
    const pairs: unknown = Reflect.get(options, "envPairs")
    if (!Array.isArray(pairs)) return
    for (const name of ["NODE_OPTIONS", "NODE_COMPILE_CACHE", testVariable]) {
      const value = process.env[name]
      const isThere = pairs.some((pair: unknown) => `${pair}`.startsWith(`${name}=`))
      if (value !== undefined && !isThere) pairs.push(`${name}=${value}`)
    }
  }
})
