/**
 * Who is compared: the official SDKs by their retry rules, and this library. Each gives one member
 * 120.00 CNY, and says what became of it.
 */
import { CompShare, Signature } from "@cloud-quota/compshare"
import { CompShareEmulator } from "@cloud-quota/compshare/testing"
import { Account, Journal, type Report, Transport } from "@cloud-quota/core"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type Failure, go, javascript, python, type RetryRule } from "./sdkRules.ts"

/** The change that everybody makes. */
export const allocation = { member: 60001, fen: 12_000, text: "120.00 CNY" } as const

/** What a caller is told: it is done, it failed, or it is open, so that nobody may conclude anything. */
export type Said = "done" | "failed" | "open"

/** Somebody who can be asked for the allocation. */
export interface QuotaClient {
  readonly name: string
  /** Sets up over a transport; what it gives is one call, which a caller may make again. */
  readonly prepare: (transport: Transport.Transport) => Effect.Effect<Effect.Effect<Said>, never, Scope.Scope>
}

const teamId = 1001
const endpoint = "http://127.0.0.1:1"
const { privateKey, publicKey } = CompShareEmulator

/** Sends as an SDK does. An SDK that raises no error has said "done". */
const sdk = (name: string, rule: RetryRule, retries: number): QuotaClient => ({
  name,
  prepare: (transport) =>
    Effect.succeed(
      Effect.gen(function* () {
        for (let retry = 0; ; retry++) {
          const failure = yield* send(transport, rule.timeout)
          if (failure === undefined) return "done"
          if (retry === retries || !rule.repeats(failure)) return "failed"
          yield* Effect.sleep(rule.pause(failure, retry, yield* Random.next))
        }
      })
    )
})

/** One signed request. Undefined if it was answered with RetCode 0. */
const send = (
  transport: Transport.Transport,
  timeout: Duration.Duration
): Effect.Effect<Failure | undefined> => {
  const params = Signature.flatten({
    Action: "SetCompShareTeamAmount",
    Region: "cn-wlcb",
    TeamId: teamId,
    VirtualCompanyId: [allocation.member],
    Amount: allocation.fen,
    OperateType: "AllocateAmount",
    PublicKey: publicKey
  })
  const body = new URLSearchParams({ ...params, Signature: Signature.sign(params, privateKey) })
  return transport
    .request({
      method: "POST",
      url: new URL(endpoint),
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: Redacted.make(body.toString()),
      timeout
    })
    .pipe(Effect.match({ onSuccess: failureIn, onFailure: failureOf }))
}

const failureIn = ({ body, status }: Transport.Response): Failure | undefined => {
  if (status >= 400) return { _tag: "Status", status }
  const answer: { readonly RetCode: number } = JSON.parse(body)
  return answer.RetCode === 0 ? undefined : { _tag: "RetCode", code: answer.RetCode }
}

const failureOf = ({ phase }: Transport.TransportError): Failure => ({
  _tag: phase === "not-sent" ? "Refused" : "Unanswered"
})

/** This library, as it comes, with a fresh journal that has seen the team once. */
const ours: QuotaClient = {
  name: "cloud-quota",
  prepare: (transport) =>
    Effect.gen(function* () {
      const layer = CompShare.layer({ teamId, publicKey, privateKey: Redacted.make(privateKey), endpoint })
      const services = yield* Layer.build(layer).pipe(
        Effect.provideService(Transport.Transport, transport),
        Effect.provideService(Journal.Journal, Journal.memory())
      )
      const { changes, quotas } = Context.get(services, Account.Account)
      yield* changes.baseline()
      return quotas
        .change(`${allocation.member}`, { allowance: { adjust: allocation.text } }, { run: "compare" })
        .pipe(
          Effect.map(saidBy),
          Effect.catch(({ money }) => Effect.succeed<Said>(money === "not-moved" ? "failed" : "open"))
        )
    }).pipe(Effect.orDie)
}

const saidBy = ({ results }: Report.Report): Said => {
  switch (results[0]?.outcome._tag) {
    case "Applied":
      return "done"
    case "Refused":
    case "Rejected":
    case "NotSent":
    case "NotApplied":
      return "failed"
    default:
      return "open"
  }
}

/** Everybody, this library last. */
export const clients = {
  python0: sdk("Python SDK, 0 retries", python, 0),
  python3: sdk("Python SDK, 3 retries", python, 3),
  go3: sdk("Go SDK, 3 retries", go, 3),
  javascript: sdk("JS SDK, as it comes", javascript, 3),
  ours
}
