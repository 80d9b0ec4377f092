/**
 * The part of the recorder that hears what passes through Effect: errors, spans, log lines, and what is
 * redacted. It has to share Effect's modules with the program: so it is part of the command's bundle where
 * that is under test, and `record.ts` brings it along everywhere else.
 */
import * as Cause from "effect/Cause"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import { channel } from "node:diagnostics_channel"
import { fileURLToPath } from "node:url"
import { listen, listenToField, shown } from "./listen.ts"
import { type Kind, saidChannel, secretChannel } from "./Recording.ts"

const channels = { said: channel(saidChannel), secret: channel(secretChannel) }
for (const { hasSubscribers, name } of Object.values(channels)) {
  if (!hasSubscribers) throw new Error(`${String(name)}: nobody records; NODE_OPTIONS has to name record.ts`)
}
const said = (kind: Kind, text: string): void => channels.said.publish([kind, text])
const secret = (value: string): void => channels.secret.publish(value)

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
