/** `cloud-quota quota set`, `topup`, `adjust` and `reclaim`: changes, after a preview. */
import type * as Change from "@cloud-quota/core/Change"
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type { Metric } from "@cloud-quota/core/Metric"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Report from "@cloud-quota/core/Report"
import * as SafetyCheck from "@cloud-quota/core/SafetyCheck"
import * as Settings from "@cloud-quota/core/adapter/Settings"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Ask from "../Ask.ts"
import * as Changing from "../Changing.ts"
import * as Consent from "../Consent.ts"
import { ExitCode, Usage, exit, report } from "../Failure.ts"
import * as Listing from "../Listing.ts"
import * as Members from "../Members.ts"
import * as Results from "../Results.ts"
import * as Session from "../Session.ts"

const optional = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

const flags = {
  ...Members.who,
  ...Consent.output,
  ...Consent.flags,
  metric: optional("metric", "METRIC", "What is meant, where the amount leaves it open: cloud-quota metrics"),
  cap: optional("cap", "AMOUNT", "The most that the run may add, over all members and all its calls"),
  pool: optional("pool", "AMOUNT", "The most that all members together may be allowed afterwards"),
  maxMembers: Flag.Int("max-members").pipe(
    Flag.withDescription("The most members that may be meant: more are a mistake"),
    Flag.optional
  ),
  waive: Flag.Literals("waive", SafetyCheck.waivable).pipe(
    Flag.withDescription("A safety check to do without; may be given several times"),
    Flag.atLeast(0)
  ),
  settle: Flag.Literals("settle", ["wait", "defer"]).pipe(
    Flag.withDescription("Whether a lost answer is waited out, or left to: cloud-quota settle"),
    Flag.withDefault("wait")
  ),
  expected: optional("expected", "LIMIT", "What the limit has to be now; else nothing is sent"),
  wait: Consent.wait,
  run: Consent.run
}

type Flags = Command.Command.Config.Infer<typeof flags>

/** One of the four changes of a limit. */
interface Verb {
  readonly name: "set" | "topup" | "adjust" | "reclaim"
  readonly amount: string
  readonly action: (amount: string) => Change.ActionInput
  readonly needsRun: boolean
}

const change = (verb: Verb, config: Flags & { readonly amount: string }) =>
  Listing.start({ ...config, all: true }, (format, session) =>
    Effect.gen(function* () {
      const { amount, preview, yes } = config
      yield* Consent.begin({ preview, yes })
      const run = Option.getOrUndefined(config.run)
      if (run === undefined && verb.needsRun) yield* Consent.nameTheRun(session, verb.name)
      const account = yield* Session.one(session)
      const metric = yield* Effect.fromResult(
        metricOf(account.quotas.metrics, Option.getOrUndefined(config.metric), amount)
      )
      const members = yield* Members.meant(account, config)
      const expected = Option.getOrUndefined(config.expected)
      const action = { ...verb.action(amount), ...(expected === undefined ? {} : { expected }) }
      const options = optionsOf(config)
      const waiting = yield* Consent.waiting(config.wait, account.name)
      const call = (more: Change.Options) =>
        Effect.mapError(
          waiting(account.quotas.change(members, { [metric.id]: action }, { ...options, ...more })),
          asUsage(metric)
        )
      const output = { format, zone: session.zone }
      const show = (shown: Results.Shown) => Results.write(account, { ...shown, run }, output)

      if (preview || !yes) {
        // As the change itself does: before that, the preview could not show the amounts.
        if (!preview && config.settle === "wait") yield* waiting(settleFirst(account))
        const planned = yield* call({ preview: true })
        const { obstacle, results } = planned
        // The user is not asked about a change that would be refused anyway.
        if (obstacle !== undefined && !preview) return yield* obstacle
        const some = results.filter(({ outcome }) => outcome._tag === "Planned")
        if (preview || some.length === 0) {
          yield* show({ results })
          yield* Effect.logInfo(preview ? "only a preview: nothing was changed" : "nothing was sent")
          if (obstacle !== undefined) yield* report(obstacle)
          return yield* exit(Report.exitCode(planned))
        }
        // The plan in a question is not data.
        const asked = { format: { _tag: "table", all: true }, zone: session.zone, to: "stderr" } as const
        yield* Results.write(account, { results, run }, asked)
        yield* Ask.confirm({ yes }, `Change ${account.name}: ${Report.summary(some)}. Go ahead?`)
      }
      yield* Consent.warnOfForgetting(session, account)
      const ended = yield* Changing.carryOut({ label: account.name, total: members.length }, (onEvent) =>
        call({ onEvent })
      )
      if (ended._tag === "Done") {
        yield* show({ ...ended.value, wasSent: ended.wasSent })
        return yield* exit(Report.exitCode(ended.value))
      }
      const { results } = ended
      // Here, no row means that no member was reached, and not that no member was selected.
      yield* Results.write(account, { ...ended, run }, { ...output, isKnown: () => false })
      yield* Effect.logWarning(
        `Stopped after ${results.length} of ${members.length} members\n  next: ${Changing.howToGoOn()}`
      )
      yield* exit(Changing.exitCodeOfStopped(results))
    })
  )

/** Settles open changes, if there are any. It sends no change. */
const settleFirst = Effect.fnUntraced(function* ({ changes, name }: Session.AnAccount) {
  const pending = yield* changes.pending
  if (pending.every(({ state }) => state === "conflict")) return
  const ended = yield* Changing.carryOut({ label: name }, (onEvent) => changes.recover({ onEvent }))
  if (ended._tag === "Done") return
  yield* Effect.logWarning(`${name}: stopped, so what is open stays open\n  next: ${Changing.howToGoOn()}`)
  yield* exit(ExitCode.undecided)
})

const optionsOf = (config: Flags): Change.Options => {
  const { cap, maxMembers, pool, run, settle, waive } = config
  return {
    settle,
    waive,
    ...(Option.isSome(run) ? { run: run.value } : {}),
    ...(Option.isSome(cap) ? { cap: cap.value } : {}),
    ...(Option.isSome(pool) ? { pool: pool.value } : {}),
    ...(Option.isSome(maxMembers) ? { maxMembers: maxMembers.value } : {})
  }
}

/** Returns the named metric, or else the only one with the amount's unit. */
const metricOf = (
  metrics: ReadonlyArray<Metric>,
  name: string | undefined,
  amount: string
): Result.Result<Metric, Usage> => {
  const refuse = (message: string) => Result.fail(new Usage({ message: `--metric: ${message}` }))
  if (name !== undefined) {
    const ids = metrics.map(({ id }) => id)
    const meant = Settings.nearest(name, ids)
    const hint = meant === undefined ? "" : `did you mean ${meant}? `
    const metric = metrics.find(({ id }) => id === name)
    return metric === undefined ? refuse(`${hint}there are ${ids.join(", ")}`) : Result.succeed(metric)
  }
  const quantity = Quantity.parse(amount)
  const fitting = Result.isSuccess(quantity)
    ? metrics.filter(({ unit }) => unit === quantity.success.unit)
    : metrics
  const [first, ...others] = fitting.length === 0 ? metrics : fitting
  if (first !== undefined && others.length === 0) return Result.succeed(first)
  return refuse(
    `say what is meant: ${(fitting.length === 0 ? metrics : fitting).map(({ id }) => id).join(", ")}`
  )
}

const flagOf: Readonly<Record<string, string>> = {
  run: "--run",
  cap: "--cap",
  pool: "--pool",
  maxMembers: "--max-members",
  expected: "--expected",
  member: "member"
}

/** Translates an invalid argument into the words of the command line. */
const asUsage =
  ({ id }: Metric) =>
  (error: CloudQuotaError): CloudQuotaError | Usage => {
    const { reason } = error
    if (reason._tag !== "InvalidRequest" || reason.field === undefined) return error
    const { field, message } = reason
    const flag = field === id ? "amount" : flagOf[field]
    if (flag === undefined) return error
    const said = message.startsWith(`${field}: `) ? `${flag}${message.slice(field.length)}` : message
    // Names of two words never occur as words of a sentence.
    return new Usage({ message: /[A-Z]/.test(field) ? said.replaceAll(field, flag) : said })
  }

const verb = (of: Verb, description: string, examples: ReadonlyArray<Command.Command.Example>) =>
  Command.make(
    of.name,
    {
      amount: Argument.String("amount").pipe(Argument.withDescription(of.amount)),
      ...flags
    },
    (config) => change(of, config)
  ).pipe(Command.withDescription(description), Command.withExamples(examples))

const anAmount = 'as "500 CNY", 500CNY or "60 min"'

export const set = verb(
  {
    name: "set",
    amount: `The limit: ${anAmount}, or unlimited`,
    action: (limit) => ({ set: limit }),
    needsRun: false
  },
  "Set limits",
  [
    { command: 'cloud-quota quota set "60 min" ada@example.com -a studio --metric video-minutes' },
    { command: "cloud-quota quota set unlimited --all -a studio --metric avatar-models --preview" }
  ]
)

export const topup = verb(
  {
    name: "topup",
    amount: `What is to be available: ${anAmount}`,
    action: (topUpTo) => ({ topUpTo }),
    needsRun: true
  },
  "Raise limits until so much is available. Nobody's limit is lowered",
  [
    {
      command: 'cloud-quota quota topup "500 CNY" --all -a gpu --run topup/2026-12 --cap "10000 CNY"',
      description: "Shows what it comes to, and asks"
    },
    {
      command: "cloud-quota quota topup 500CNY --members-from new.txt -a gpu --run onboard/new --yes --json",
      description: "For scripts: the same run again goes on, and pays nobody twice"
    }
  ]
)

export const adjust = verb(
  {
    name: "adjust",
    amount: "The difference: as +50CNY or -50CNY",
    action: (difference) => ({ adjust: difference }),
    needsRun: true
  },
  "Raise or lower limits by an amount",
  [{ command: "cloud-quota quota adjust -50CNY 60001 -a gpu --run correct/60001" }]
)

export const reclaim = verb(
  {
    name: "reclaim",
    amount: `What to take back of what is left: ${anAmount}, or all`,
    action: (amount) => ({ reclaim: amount }),
    needsRun: true
  },
  "Take back what is left",
  [{ command: "cloud-quota quota reclaim all 60001 -a gpu --run leave/60001" }]
)
