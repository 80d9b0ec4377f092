/** The members of a team: listed, invited and renamed. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import {
  type CloudQuotaError,
  MalformedResponse,
  PreconditionFailed,
  invalid
} from "@cloud-quota/core/CloudQuotaError"
import type { Driver, InviteAnswer } from "@cloud-quota/core/adapter/Driver"
import type { Invitation, MemberId, MemberInfo } from "@cloud-quota/core/Member"
import type { Answer, Request } from "@cloud-quota/core/adapter/Operation"
import type { TeamRelation, teamOperations } from "../api/team.ts"
import type { Service } from "../api/CompShareClient.ts"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import { type DriverTeam, failure, hasId, idOf, statusOf } from "./team.ts"
import { refusalOf } from "./memberRefusal.ts"
import { provider, uint32 } from "../api/settings.ts"

type InvitationAnswer = Answer<typeof teamOperations.createCompShareTeamRelation>
type Invitee = Request<typeof teamOperations.createCompShareTeamRelation>["UserInfo"][number]

/** Upper bound on users per invitation request. */
const mostInvitees = 100

/** The code for a user who is already in the team, or already invited. */
const alreadyIn = 16001

type MembersOf = Pick<Driver, "listMembers" | "getMember"> &
  Required<Pick<Driver, "invite" | "cancelInvite" | "rename">>

export const makeMembers = (client: Service, team: DriverTeam): MembersOf => {
  const { teamId } = team

  const invite = Effect.fnUntraced(function* (invitations: ReadonlyArray<Invitation>) {
    const users = yield* Effect.fromResult(Result.all(invitations.map(decodeInvitee)))
    const answers = yield* Effect.forEach(Arr.chunksOf(users, mostInvitees), (batch) =>
      Effect.map(
        Effect.result(client.createCompShareTeamRelation({ TeamId: teamId, UserInfo: batch })),
        (answer) => ({
          answer,
          batch
        })
      )
    )
    const failures = answers.flatMap(({ answer }) => (Result.isFailure(answer) ? [answer.failure] : []))
    const [first] = failures
    if (first !== undefined && failures.length === answers.length && areRefusedAlike(failures)) {
      return yield* first
    }
    return answers.flatMap(({ answer, batch }) => batch.map((user) => inviteAnswer(user, answer)))
  })

  const rename = Effect.fnUntraced(function* (member: MemberId, name: string) {
    const operation = "members.rename"
    const relation = yield* team.relationOf(operation, member)
    const userCompanyId = relation.UserCompanyId ?? undefined
    if (userCompanyId === undefined) {
      const message = `the team's list does not tell the UserCompanyId of member ${member}, which a name is changed by`
      return yield* failure(operation, new MalformedResponse({ message }))
    }
    // CompShare applies the name to the user's present membership, which may not be this one.
    if (!isCurrent(relation)) {
      const message = `member ${member} is not in the team any more, so there is no name to change: rename the user's present membership, if there is one`
      return yield* failure(operation, new PreconditionFailed({ message }))
    }
    yield* client.setCompShareTeamRelation({
      TeamId: teamId,
      Status: "UpdateRemarkName",
      UserCompanyId: userCompanyId,
      RemarkName: name
    })
  })

  return {
    listMembers: Stream.map(team.relations, memberInfo),
    getMember: (member) => Effect.map(team.relationOf("members.get", member), memberInfo),
    invite,
    cancelInvite: (user) =>
      Effect.fromResult(companyOf("members.cancel-invite", "member", user)).pipe(
        Effect.flatMap((UserCompanyId) =>
          client.setCompShareTeamRelation({ TeamId: teamId, Status: "Cancel", UserCompanyId })
        ),
        Effect.asVoid
      ),
    rename
  }
}

const companyOf = (operation: string, field: string, user: string): Result.Result<number, CloudQuotaError> =>
  Result.fromNullishOr(uint32(user), () => {
    const message = `${JSON.stringify(user.slice(0, 60))} is not a user of CompShare: give the number of the account, as the user's console shows it, such as 50002`
    return invalid({ provider, operation, field, message })
  })

const decodeInvitee = ({ name, user }: Invitation): Result.Result<Invitee, CloudQuotaError> =>
  Result.map(companyOf("members.invite", "user", user), (UserCompanyId) => ({
    UserCompanyId,
    ...defined({ RemarkName: name })
  }))

/** Whether it is proven that no invitation was made, and all failures have the same reason. */
const areRefusedAlike = (failures: ReadonlyArray<CloudQuotaError>): boolean =>
  failures.every(({ money, reason }) => money === "not-moved" && reason._tag === failures[0]?.reason._tag)

const inviteAnswer = (
  { UserCompanyId }: Invitee,
  answer: Result.Result<InvitationAnswer, CloudQuotaError>
): InviteAnswer => {
  const user = `${UserCompanyId}`
  if (Result.isFailure(answer)) {
    const { money, reason } = answer.failure
    return { user, answer: money === "not-moved" ? "rejected" : "unknown", reason }
  }
  const failed = answer.success.ErrorMap?.[user]
  if (failed === undefined) return { user, answer: "invited" }
  if (failed.Code === alreadyIn) return { user, answer: "already" }
  return { user, answer: "rejected", reason: refusalOf("CreateCompShareTeamRelation", failed) }
}

/** False for members who left or declined, and for canceled invitations. */
const isCurrent = ({ Status }: TeamRelation): boolean => {
  const { _tag } = statusOf(Status)
  return _tag !== "canceled" && _tag !== "rejected"
}

const memberInfo = (relation: TeamRelation): MemberInfo => ({
  status: statusOf(relation.Status),
  ...(hasId(relation) ? { id: idOf(relation) } : {}),
  ...(typeof relation.UserCompanyId === "number" ? { user: `${relation.UserCompanyId}` } : {}),
  // An empty name means that there is no name.
  ...defined({ name: relation.RemarkName || undefined })
})
