/** Members: sub-accounts with quotas, and IAM's other users, who may get quotas. */
import { CloudQuotaError, NotFound } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import type { Driver, InviteAnswer } from "@cloud-quota/core/adapter/Driver"
import * as Limit from "@cloud-quota/core/Limit"
import type { MemberId, MemberInfo, MemberStatus } from "@cloud-quota/core/Member"
import * as Quantity from "@cloud-quota/core/Quantity"
import * as Rows from "@cloud-quota/core/adapter/Rows"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { User } from "../api/iam.ts"
import { type LimitName, limitNames, metrics } from "../api/quotas.ts"
import type { MetaStudioClient } from "../api/MetaStudioClient.ts"
import type { Directory, Users } from "./directory.ts"
import { findRow } from "./quotas.ts"
import { invalid, provider } from "../api/errors.ts"
import type { Isolation } from "./isolation.ts"
import { listedId, memberId } from "./memberId.ts"

type Members = Required<Pick<Driver, "listMembers" | "names" | "getMember" | "invite" | "remove">>

/** How many users are invited concurrently. */
const invitedAtOnce = 4

/** Lists, invites and removes members. */
export const makeMembers = (
  client: MetaStudioClient["Service"],
  directory: Directory,
  isolation: Isolation
): Members => {
  const listMembers = Stream.unwrap(
    Effect.map(directory.users, (users) => {
      const withoutQuotas = new Map(users?.byId)
      const members = Rows.flatMap(client.stream.listUserQuotas(), ({ user_id: userId }) => {
        const user = withoutQuotas.get(userId)
        withoutQuotas.delete(userId)
        return Effect.mapEager(listedId("ListUserQuotas", userId), (id) => [infoOf(id, "active", user)])
      })
      const others = Stream.suspend(() => Stream.fromIterable(withoutQuotas.values())).pipe(
        Stream.mapEffect((user) =>
          Effect.map(listedId("KeystoneListUsers", user.id), (id) => infoOf(id, "candidate", user))
        )
      )
      const end = users?.unreadable === undefined ? Stream.empty : Stream.fail(users.unreadable)
      return Stream.concat(Stream.concat(members, others), end)
    })
  )

  const names = Effect.map(
    directory.users,
    (users) => new Map(Array.from(users?.byId.values() ?? [], ({ id, name }) => [id, name]))
  )

  const getMember = Effect.fnUntraced(function* (member: MemberId) {
    const row = yield* findRow(client, member)
    const user = yield* directory.user(member)
    if (Option.isNone(row) && user === undefined) return yield* unknown("members.get", member)
    return infoOf(member, Option.isSome(row) ? "active" : "candidate", user)
  })

  /**
   * Gives one user limits of zero. The effect on a sub-account that already has quotas is not documented:
   * they might be overwritten, so they are read first.
   */
  const inviteOne = (user: string, users: Users | undefined): Effect.Effect<InviteAnswer, CloudQuotaError> =>
    Effect.gen(function* (): Effect.fn.Return<InviteAnswer, CloudQuotaError> {
      if (Option.isSome(yield* findRow(client, user))) return { user, answer: "already" }
      if (users !== undefined && !users.byId.has(user)) {
        if (users.unreadable !== undefined) return yield* users.unreadable
        return { user, answer: "rejected", reason: unknown("members.invite", user).reason }
      }
      yield* client.createUserQuotas({ user_id: user, quota: nothing })
      return { user, answer: "joined" }
    }).pipe(
      Effect.catch((error) =>
        error.money === "unknown"
          ? Effect.succeed<InviteAnswer>({ user, answer: "unknown", reason: error.reason })
          : Effect.fail(error)
      )
    )

  const invite: Members["invite"] = Effect.fnUntraced(function* (invitations) {
    for (const { user } of invitations) {
      const id = memberId(user)
      if (Result.isFailure(id)) return yield* invalid("members.invite", "user", id.failure)
    }
    yield* isolation.required("CreateUserQuotas")
    const users = yield* directory.users
    const results = yield* Effect.forEach(
      invitations,
      ({ user }) => Effect.map(Effect.result(inviteOne(user, users)), (result) => ({ user, result })),
      { concurrency: invitedAtOnce }
    )
    const failures = results.flatMap(({ result }) => (Result.isFailure(result) ? [result.failure] : []))
    const [first] = failures
    const areAlike = failures.every(({ reason }) => reason._tag === first?.reason._tag)
    if (first !== undefined && failures.length === results.length && areAlike) return yield* first
    return results.map(({ result, user }) =>
      Result.getOrElse(result, ({ reason }): InviteAnswer => ({ user, answer: "rejected", reason }))
    )
  })

  const remove: Members["remove"] = Effect.fnUntraced(function* (member) {
    yield* isolation.required("DeleteUserQuotas")
    yield* client.deleteUserQuotas({ user_id: member }).pipe(
      Effect.catch((error) =>
        error.reason._tag !== "NotFound"
          ? Effect.fail(error)
          : // A user without quotas has nothing to remove.
            Effect.flatMap(directory.user(member), (user) =>
              user === undefined ? Effect.fail(error) : Effect.void
            )
      )
    )
  })

  return { listMembers, names, getMember, invite, remove }
}

/** Zero limits: nothing is allowed until quotas are set. -1 would allow everything. */
const nothing: { readonly [K in LimitName]?: Limit.Limit } = Object.fromEntries(
  limitNames.map((name) => [name, Limit.finite(Quantity.zero(metrics[name].unit))])
)

const infoOf = (id: MemberId, status: "active" | "candidate", user: User | undefined): MemberInfo => {
  const tag: MemberStatus["_tag"] = user?.enabled === false ? "disabled" : status
  return { id, user: id, status: { _tag: tag }, ...defined({ name: user?.name }) }
}

const unknown = (operation: string, user: string): CloudQuotaError =>
  new CloudQuotaError({
    provider,
    operation,
    money: "not-moved",
    reason: new NotFound({
      message: `there is no IAM user ${user} in this account: give the id of one, as members.list and the IAM console show it`
    })
  })
