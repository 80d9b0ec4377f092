/**
 * `cloud-quota members invite`, `cancel-invite`, `rename` and `remove`: changes the members of an account.
 */
import type * as Capabilities from "@cloud-quota/core/Capabilities"
import type { Invited } from "@cloud-quota/core/Member"
import * as Quantity from "@cloud-quota/core/Quantity"
import { visible } from "@cloud-quota/core/SafeText"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Ask from "../Ask.ts"
import * as Consent from "../Consent.ts"
import { ExitCode, Usage, exit, unwritten } from "../Failure.ts"
import * as Listing from "../Listing.ts"
import * as Output from "../Output.ts"
import * as Session from "../Session.ts"

const invited: Output.View<Invited> = {
  table: {
    columns: [
      { name: "user", kind: "text", value: ({ invitation }) => invitation.user },
      { name: "name", kind: "text", value: ({ invitation, member }) => member?.name ?? invitation.name },
      { name: "member", kind: "text", value: ({ member }) => member?.id },
      { name: "outcome", kind: "text", value: ({ outcome }) => outcome },
      { name: "message", kind: "text", value: ({ message }) => message }
    ]
  },
  show: ["user", "name", "member", "outcome"],
  whole: ["outcome"],
  spare: ["name"],
  mark: ({ outcome }) => (outcome === "unknown" ? "bad" : outcome === "rejected" ? "doubtful" : undefined),
  nothing: "nobody was invited"
}

/** Returns the exit code of invitations. */
const exitCodeOf = (outcomes: ReadonlyArray<Invited["outcome"]>): ExitCode => {
  if (outcomes.includes("unknown")) return ExitCode.undecided
  const rejected = outcomes.filter((outcome) => outcome === "rejected").length
  if (rejected === 0) return ExitCode.done
  return rejected === outcomes.length ? ExitCode.failed : ExitCode.partial
}

export const invite = Command.make(
  "invite",
  {
    ...Consent.output,
    yes: Consent.yes,
    users: Argument.String("user").pipe(
      Argument.withDescription("The cloud's ids of users: CompShare's company id, MetaStudio's IAM user id"),
      Argument.variadic({ min: 1 })
    ),
    name: Flag.String("name").pipe(
      Flag.withDescription("The name that the team is to know the one user by"),
      Flag.optional
    )
  },
  ({ name, users, yes, ...flags }) =>
    Listing.start({ ...flags, all: true }, (format, session) =>
      Effect.gen(function* () {
        yield* Ask.possibly({ yes }, "")
        if (Option.isSome(name) && users.length > 1) {
          return yield* new Usage({ message: "--name is of one user: invite them one by one" })
        }
        const account = yield* Session.one(session)
        yield* Ask.confirm({ yes }, `Invite ${users.join(", ")} to ${account.name}?`)
        const withName = Option.isSome(name) ? { name: name.value } : {}
        const results = yield* account.members.invite(users.map((user) => ({ user, ...withName })))
        const written = yield* Effect.result(
          Output.write(invited, { format, zone: session.zone }, Stream.fromIterable(results))
        )
        for (const { message, outcome } of results) {
          yield* outcome === "unknown" || outcome === "rejected"
            ? Effect.logWarning(message)
            : Effect.logInfo(message)
        }
        const code = exitCodeOf(results.map(({ outcome }) => outcome))
        yield* Result.isSuccess(written) ? exit(code) : unwritten(written.failure, code)
      })
    )
).pipe(
  Command.withDescription("Invite users of the cloud to become members"),
  Command.withExamples([{ command: "cloud-quota members invite 7001 7002 -a gpu" }])
)

const member = Argument.String("member").pipe(Argument.withDescription("An id, a person or a name"))

/** Runs an action on one member of one account, after asking. */
const toOne = <A, E, R>(
  given: Ask.Given,
  capability: Capabilities.Capability,
  body: (account: Session.AnAccount) => Effect.Effect<
    {
      readonly question: string
      readonly act: Effect.Effect<A, E, R>
      readonly done: string
    },
    E,
    R
  >
) =>
  Effect.gen(function* () {
    yield* Ask.possibly(given, "")
    const account = yield* Session.one(yield* Session.open)
    const { act, done, question } = yield* body(account)
    // For an unsupported feature the attempt itself reports it, without a question.
    const isSupported = account.capabilities[capability].support !== "unsupported"
    yield* Ask.confirm({ yes: given.yes || !isSupported }, question)
    yield* act
    yield* Effect.logInfo(`${account.name}: ${visible(done)}`)
  }).pipe(Effect.scoped)

export const cancelInvite = Command.make("cancel-invite", { yes: Consent.yes, member }, ({ member, yes }) =>
  toOne({ yes }, "members.cancel-invite", ({ members, name }) =>
    Effect.succeed({
      question: `Withdraw the invitation of ${member} to ${name}?`,
      act: members.cancelInvite(member),
      done: `the invitation of ${member} is withdrawn`
    })
  )
).pipe(
  Command.withDescription("Withdraw an invitation that was not answered"),
  Command.withExamples([{ command: "cloud-quota members cancel-invite 7001 -a gpu" }])
)

export const rename = Command.make(
  "rename",
  {
    yes: Consent.yes,
    member,
    name: Argument.String("name").pipe(Argument.withDescription("The new name, 1 to 256 characters"))
  },
  ({ member, name, yes }) =>
    toOne({ yes }, "members.rename", ({ members }) =>
      Effect.map(members.get(member), (info) => ({
        question: `Call ${info.name ?? member} (${member}) ${name}?`,
        act: members.rename(member, name),
        done: `${member} is called ${name}`
      }))
    )
).pipe(
  Command.withDescription("Change the name that a team knows a member by"),
  Command.withExamples([{ command: "cloud-quota members rename 60001 王伟 -a gpu" }])
)

export const remove = Command.make("remove", { yes: Consent.yes, member }, ({ member, yes }) =>
  toOne({ yes }, "members.remove", ({ members, quotas }) =>
    Effect.gen(function* () {
      const info = yield* members.get(member)
      const left = (yield* quotas.get(member)).flatMap(({ available, limit, metric }) => {
        if (limit._tag === "Unlimited") return [`${metric.id}: unlimited`]
        return available === undefined || Quantity.isZero(available) ? [] : [`${metric.id}: ${available}`]
      })
      if (left.length > 0) {
        yield* Effect.logWarning(
          `what is left is not taken back (${left.join(", ")})\n  next: cloud-quota members offboard takes it back first`
        )
      }
      return {
        question: `Remove ${info.name ?? member} (${member})?`,
        act: members.remove(member),
        done: `${member} is removed`
      }
    })
  )
).pipe(
  Command.withDescription("Remove a member, whatever is left: members offboard takes that back first"),
  Command.withExamples([{ command: "cloud-quota members remove ada@example.com -a studio" }])
)
