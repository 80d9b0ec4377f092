/** Joining and leaving a reference provider. */
import * as Effect from "effect/Effect"
import { type CloudQuotaError, type Money, NotFound, type Reason } from "../model/CloudQuotaError.ts"
import type { Driver, InviteAnswer } from "../model/Driver.ts"
import type { Invitation, MemberId, MemberInfo } from "../model/MemberInfo.ts"
import { member } from "./memorySeeds.ts"
import type { Answer, Commit, Noted } from "./memoryWrite.ts"

interface World {
  /** All members, as listed. Changed in place. */
  readonly infos: Array<MemberInfo>
  /** The status of a newly invited user. */
  readonly invited: "active" | "invited"
  readonly join: (member: MemberId) => void
  readonly leave: (member: MemberId) => void
  readonly attempt: (commit: Commit, noted: Noted) => Effect.Effect<Answer>
  readonly failed: (operation: string, reason: Reason, money: Money) => CloudQuotaError
}

type Managing = Required<Pick<Driver, "invite" | "cancelInvite" | "rename" | "remove">>

export const manageMembers = ({ attempt, failed, infos, invited, join, leave }: World): Managing => {
  /** Changes the matching row, or returns that there is none. */
  const change = (
    who: string,
    isMeant: (info: MemberInfo) => boolean,
    changed: (info: MemberInfo) => MemberInfo | undefined
  ): Reason | undefined => {
    const at = infos.findIndex(isMeant)
    const info = infos[at]
    if (info === undefined) return new NotFound({ message: `there is no ${who}.` })
    const next = changed(info)
    infos.splice(at, 1, ...(next === undefined ? [] : [next]))
    return undefined
  }

  const write = (operation: string, commit: Commit, noted: Noted) =>
    Effect.flatMap(attempt(commit, noted), (answer) =>
      answer._tag === "Applied"
        ? Effect.void
        : Effect.fail(failed(operation, answer.reason, answer._tag === "Unknown" ? "unknown" : "not-moved"))
    )

  const isThere = (user: string): boolean =>
    infos.some(
      (info) => info.user === user && (info.status._tag === "active" || info.status._tag === "invited")
    )

  const inviteOne = ({ name, user }: Invitation): Reason | undefined =>
    change(
      `user ${user}`,
      (info) => info.user === user,
      (info) => {
        const id = info.id ?? (invited === "active" ? member(100 + infos.indexOf(info)) : undefined)
        if (id !== undefined && invited === "active") join(id)
        return {
          ...info,
          status: { _tag: invited },
          ...(name === undefined ? {} : { name }),
          ...(id === undefined ? {} : { id })
        }
      }
    )

  const answers: Readonly<Record<Answer["_tag"], InviteAnswer["answer"]>> = {
    Applied: invited === "active" ? "joined" : "invited",
    Rejected: "rejected",
    NotSent: "rejected",
    Unknown: "unknown"
  }

  return {
    invite: Effect.fnUntraced(function* (invitations) {
      return yield* Effect.forEach(
        invitations,
        Effect.fnUntraced(function* (invitation): Effect.fn.Return<InviteAnswer> {
          const { user } = invitation
          if (isThere(user)) return { user, answer: "already" }
          const answer = yield* attempt(() => inviteOne(invitation), {
            kind: "invite",
            text: `invite ${user}`
          })
          const reason = answer._tag === "Applied" ? {} : { reason: answer.reason }
          return { user, answer: answers[answer._tag], ...reason }
        })
      )
    }),
    cancelInvite: (user) =>
      write(
        "cancelInvite",
        () =>
          change(
            `invitation of user ${user}`,
            (info) => info.user === user && info.status._tag === "invited",
            (info) => ({ ...info, status: { _tag: "canceled" } })
          ),
        { kind: "cancel-invite", text: `cancel the invitation of ${user}` }
      ),
    rename: (id, name) =>
      write(
        "rename",
        () =>
          change(
            `member ${id}`,
            (info) => info.id === id,
            (info) => ({ ...info, name })
          ),
        { kind: "other", text: `rename ${id}` }
      ),
    remove: (id) =>
      write(
        "remove",
        () => {
          leave(id)
          return change(
            `member ${id}`,
            (info) => info.id === id,
            () => undefined
          )
        },
        { kind: "team", text: `remove ${id}` }
      )
  }
}
