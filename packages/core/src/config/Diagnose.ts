/**
 * Checks the prerequisites of an account, for adapters: keys, the network, the clocks, and the permissions of
 * the keys.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { Diagnosis } from "./Provider.ts"
import { Transport } from "../transport/Transport.ts"

/** The keys found. */
export interface Identified<A> {
  readonly value: A
  /** The place of the keys. */
  readonly source: string
  /** Names the owner of the keys, without a secret: see {@link masked}. */
  readonly identity: string
  readonly warnings: ReadonlyArray<string>
}

/** A read that checks one thing. */
export interface Look<Client> {
  readonly check: Diagnosis["check"]
  readonly look: (client: Client) => Effect.Effect<Omit<Diagnosis, "check">, CloudQuotaError>
  /** The remedy if it fails. */
  readonly remedy: string
}

/** The checks of an account. */
export interface Options<A, Client> {
  readonly credentials: Effect.Effect<Identified<A>, CloudQuotaError>
  /** The remedy if the keys are missing or refused. */
  readonly remedy: string
  /** Makes the client, and sends a request that any valid keys are allowed to send. */
  readonly open: (value: A) => Effect.Effect<Client, CloudQuotaError>
  /** Run in this order. */
  readonly looks: ReadonlyArray<Look<Client>>
  /** The clock difference above which the provider refuses requests. */
  readonly clockLimit?: Duration.Duration
  /** Whether a refusal of the keys is really about the clock. */
  readonly isClock?: (error: CloudQuotaError) => boolean
}

/** Returns the last four characters of a key's id, for people with several keys. */
export const masked = (id: string): string => `key …${id.length >= 12 ? id.slice(-4) : ""}`

/**
 * Runs all checks in order. It changes nothing and never fails. A check that depends on a failed one is
 * `skipped`.
 */
export const run = Effect.fnUntraced(function* <A, Client>(
  options: Options<A, Client>
): Effect.fn.Return<ReadonlyArray<Diagnosis>> {
  const { looks, remedy } = options
  const skipped = (check: Diagnosis["check"], message: string): Diagnosis => ({
    check,
    verdict: "skipped",
    message,
    remedy: "look again once that is mended"
  })
  const found = yield* Effect.result(options.credentials)
  if (Result.isFailure(found)) {
    const message = found.failure.reason.message
    const others = ["network", "clock", ...looks.map(({ check }) => check)] as const
    return [
      { check: "credentials", verdict: "failed", message, remedy },
      ...others.map((check) => skipped(check, "there are no keys to ask with"))
    ]
  }
  const { identity, source, value, warnings } = found.success
  const heard = yield* listen
  const opened = yield* Effect.result(heard.during(options.open(value)))
  let failure = Result.isFailure(opened) ? opened.failure : undefined
  const seen: Array<Diagnosis> = []
  for (const { check, look, remedy } of looks) {
    // An error of making the client is reported once, by the first check that needs the client.
    if (failure !== undefined && (isFinal(failure) || (Result.isFailure(opened) && seen.length > 0))) {
      seen.push(skipped(check, "it cannot be asked for"))
      continue
    }
    const result = Result.isFailure(opened)
      ? Result.fail(opened.failure)
      : yield* Effect.result(heard.during(look(opened.success)))
    if (Result.isSuccess(result)) {
      seen.push({ check, ...result.success })
      continue
    }
    failure ??= result.failure
    seen.push(
      isFinal(result.failure)
        ? skipped(check, "it cannot be asked for")
        : { check, verdict: "failed", message: said(result.failure), remedy }
    )
  }

  const isClock = failure !== undefined && options.isClock?.(failure) === true
  const refused = failure?.reason._tag === "Unauthenticated" && !isClock ? failure : undefined
  const credentials: Diagnosis = {
    check: "credentials",
    ...(refused !== undefined
      ? { verdict: "failed", message: `${source} (${identity}): ${said(refused)}`, remedy }
      : warnings.length > 0
        ? { verdict: "warning", message: `${source} (${identity})`, remedy: warnings.join("; ") }
        : { verdict: "ok", message: `${source} (${identity})` })
  }
  const clock: Diagnosis =
    isClock && failure !== undefined
      ? { check: "clock", verdict: "failed", message: said(failure), remedy: setTheClock }
      : clockOf(heard.skewMillis(), options.clockLimit)
  return [credentials, networkOf(heard, failure), clock, ...seen]
})

/** The error is about the keys, the clock or the network, so all later checks are impossible. */
const isFinal = ({ reason }: CloudQuotaError): boolean =>
  ["Unauthenticated", "TransportFailed", "Timeout"].includes(reason._tag)

const said = (error: CloudQuotaError): string =>
  error.requestId === undefined
    ? error.reason.message
    : `${error.reason.message} (request ${error.requestId})`

const setTheClock = "set the clock of this machine, best by NTP"

interface Heard {
  readonly during: <X, E>(effect: Effect.Effect<X, E>) => Effect.Effect<X, E>
  readonly asked: () => boolean
  readonly answered: () => boolean
  /** How far the provider's clock is ahead of this machine's. It has whole seconds. */
  readonly skewMillis: () => number | undefined
}

/** Observes the transport, which reveals more than the decoded answers. */
const listen: Effect.Effect<Heard> = Effect.gen(function* () {
  const transport = yield* Transport
  let asked = false
  let answered = false
  let skew: number | undefined
  const watched: typeof transport = {
    ...transport,
    request: Effect.fnUntraced(function* (request) {
      asked = true
      const before = yield* Clock.currentTimeMillis
      const response = yield* transport.request(request)
      const after = yield* Clock.currentTimeMillis
      answered = true
      const theirs = Date.parse(response.headers["date"] ?? "")
      // The header is truncated to whole seconds: on average half a second is lost.
      if (!Number.isNaN(theirs)) skew = theirs + 500 - (before + after) / 2
      return response
    })
  }
  return {
    during: (effect) => Effect.provideService(effect, Transport, watched),
    asked: () => asked,
    answered: () => answered,
    skewMillis: () => skew
  }
})

const networkOf = (heard: Heard, failure: CloudQuotaError | undefined): Diagnosis => {
  if (heard.answered()) return { check: "network", verdict: "ok", message: "the provider answers" }
  const message = failure === undefined ? "nothing was asked" : said(failure)
  return heard.asked()
    ? {
        check: "network",
        verdict: "failed",
        message,
        remedy: "look at the connection, at HTTPS_PROXY and NO_PROXY, and at the endpoint"
      }
    : { check: "network", verdict: "skipped", message, remedy: "mend the settings of the account" }
}

/** A larger difference is reported, even if the provider accepts it. */
const noticeable = Duration.seconds(60)

const clockOf = (skew: number | undefined, limit: Duration.Duration | undefined): Diagnosis => {
  if (skew === undefined) {
    const message = "the provider did not tell the time"
    return {
      check: "clock",
      verdict: "skipped",
      message,
      remedy: "compare the clock of this machine yourself"
    }
  }
  const seconds = Math.round(Math.abs(skew) / 1000)
  const apart = Duration.millis(Math.abs(skew))
  if (Duration.isLessThanOrEqualTo(apart, noticeable)) {
    return { check: "clock", verdict: "ok", message: `the clocks are ${seconds} s apart` }
  }
  const message = `the clock of this machine is ${seconds} s ${skew < 0 ? "ahead of" : "behind"} the provider's`
  const tooFar = limit !== undefined && Duration.isGreaterThan(apart, limit)
  return { check: "clock", verdict: tooFar ? "failed" : "warning", message, remedy: setTheClock }
}
