/** Sends invitations: checked first, sent once, and read back if no answer comes. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type CloudQuotaError, MalformedResponse, type Reason } from "../model/CloudQuotaError.ts"
import type { InviteAnswer } from "../model/Driver.ts"
import type { Names } from "../model/KnownKeys.ts"
import type { Invitation, MemberInfo } from "../model/MemberInfo.ts"
import type { Invited, Member } from "./Member.ts"
import { type ServiceContext, withAccount, supported } from "./serviceContext.ts"
import { checkKeys, invalidArgument } from "../engine/invalidArgument.ts"
import { isName, nameRule } from "../model/text.ts"

const operation = "members.invite"

const invitationKeys: Names<Invitation> = { user: true, name: true }

export const makeInvite = (
  context: ServiceContext,
  listed: Stream.Stream<MemberInfo, CloudQuotaError>
): Member["Service"]["invite"] => {
  const { account, driver } = context

  /** Decodes the invitations. An error names the invalid field. */
  const decode = Effect.fnUntraced(function* (input: Invitation | Iterable<Invitation>) {
    const refuse = (field: string, message: string) => invalidArgument(context, operation, field, message)
    if (typeof input !== "object" || input === null) {
      return yield* refuse("invitations", 'give whom to invite, as { user: "50001", name: "Ada" }')
    }
    const given = Symbol.iterator in input ? Array.from(input) : [input]
    if (given.length === 0) return yield* refuse("invitations", "there is nobody to invite")
    const names = new Map<string, string | undefined>()
    for (const invitation of given) {
      if (typeof invitation !== "object" || invitation === null || !isName(invitation.user)) {
        return yield* refuse("user", `give the provider's id of the user as text: ${nameRule}`)
      }
      yield* checkKeys(context, operation, invitation, invitationKeys)
      const { name, user } = invitation
      if (name !== undefined) {
        if (!isName(name)) return yield* refuse("name", `give ${nameRule}`)
        // On a cloud that cannot name members, a name would be dropped silently.
        yield* supported(context, "members.rename", driver.rename)
      }
      if (names.has(user) && names.get(user) !== name) {
        return yield* refuse("user", `${user} is there twice, with different names: name each user once`)
      }
      names.set(user, name)
    }
    return given
  })

  return Effect.fn("Member.invite")(function* (input) {
    const send = yield* supported(context, operation, driver.invite)
    const given = yield* decode(input)
    const users = new Map(given.map((invitation) => [invitation.user, invitation]))
    const answers = yield* Effect.mapError(send(Array.from(users.values())), withAccount(account))
    // An answer stands even if nothing can be read now.
    const seen = yield* Effect.option(Stream.runCollect(listed))
    const members = seen._tag === "Some" ? seen.value : []
    return given.map((invitation) => {
      const answer = answers.find(({ user }) => user === invitation.user) ?? unanswered(invitation.user)
      return settled(invitation, answer, currentOf(members, invitation.user))
    })
  })
}

/**
 * Returns the row of a user that counts. A user who was invited several times may be listed once for each.
 */
const currentOf = (members: ReadonlyArray<MemberInfo>, user: string): MemberInfo | undefined => {
  const own = members.filter((member) => member.user === user)
  return own.find(({ status }) => status._tag === "active" || status._tag === "invited") ?? own.at(-1)
}

const unanswered = (user: string): InviteAnswer => ({
  user,
  answer: "unknown",
  reason: new MalformedResponse({ message: `the answer says nothing about user ${user}` })
})

/** Builds the result from the answer, or else from the listing. */
const settled = (invitation: Invitation, answer: InviteAnswer, member: MemberInfo | undefined): Invited => {
  const { reason } = answer
  const outcome = answer.answer === "unknown" ? outcomeOf(member) : answer.answer
  return {
    invitation,
    outcome,
    ...(member === undefined ? {} : { member }),
    // A reason does not apply to a result that was read back.
    ...(reason === undefined || outcome !== answer.answer ? {} : { reason }),
    message: messageOf(invitation, outcome, reason)
  }
}

/** Only an invitation or a membership in the listing shows that the user was invited. */
const outcomeOf = (member: MemberInfo | undefined): Invited["outcome"] => {
  switch (member?.status._tag) {
    case "active":
      return "joined"
    case "invited":
      return "invited"
    default:
      return "unknown"
  }
}

const messageOf = (
  { name, user }: Invitation,
  outcome: Invited["outcome"],
  reason: Reason | undefined
): string => {
  const who = name === undefined ? `User ${user}` : `${name} (user ${user})`
  const why = reason === undefined ? "" : ` ${reason.message.replace(/[.。]?$/, ".")}`
  switch (outcome) {
    case "invited":
      return `${who} is invited, and has to accept.`
    case "joined":
      return `${who} is a member.`
    case "already":
      return `${who} was a member already, or invited.`
    case "rejected":
      return `The provider refused to invite ${who}.${why}`
    case "unknown":
      return `It is not known whether ${who} is invited: no answer came, and the listing does not show it.${why} Look again with members.list before inviting once more.`
  }
}
