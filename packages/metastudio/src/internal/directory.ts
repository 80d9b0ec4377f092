/**
 * Who the account's users are, as IAM tells, where it does: reading quotas takes no permission in IAM.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Effect from "effect/Effect"
import type * as IamClient from "../IamClient.ts"

/** IAM's users. */
export interface Directory {
  /** All users by id; `undefined` where these credentials may not ask. */
  readonly users: Effect.Effect<ReadonlyMap<string, IamClient.User> | undefined, CloudQuotaError>
  /** One user; `undefined` if there is none, or where these credentials may not ask. */
  readonly user: (id: string) => Effect.Effect<IamClient.User | undefined, CloudQuotaError>
}

/** Makes the directory of one account. That IAM refuses is logged once. */
export const makeDirectory = (iam: IamClient.Service): Directory => {
  let isToldOf = false

  const warn = ({ message }: CloudQuotaError) =>
    Effect.suspend(() => {
      if (isToldOf) return Effect.void
      isToldOf = true
      return Effect.logWarning(
        `members are listed without names, and without users who have no quotas: ${message}`
      )
    })

  /** An outage is none of these: what is there must not seem to be all. */
  const orNotTold = <A>(
    ask: Effect.Effect<A, CloudQuotaError>
  ): Effect.Effect<A | undefined, CloudQuotaError> =>
    Effect.catch(ask, (error) => {
      const { reason } = error
      // IAM refuses, or tells no account for these credentials.
      if (reason._tag === "PermissionDenied") return Effect.as(warn(error), undefined)
      // Beside an endpoint of somebody's own there need not be an IAM.
      const isNowhere = reason._tag === "InvalidRequest" && reason.field === "iamEndpoint"
      return isNowhere ? Effect.undefined : Effect.fail(error)
    })

  return {
    users: orNotTold(
      Effect.map(iam.keystoneListUsers(), ({ users }) => new Map(users.map((user) => [user.id, user])))
    ),
    user: (id) =>
      orNotTold(
        iam.keystoneShowUser(id).pipe(
          Effect.map(({ user }): IamClient.User | undefined => user),
          Effect.catch((error) => (error.reason._tag === "NotFound" ? Effect.undefined : Effect.fail(error)))
        )
      )
  }
}
