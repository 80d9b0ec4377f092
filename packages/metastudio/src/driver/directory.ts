/**
 * Who the account's users are, as IAM tells, where it does: reading quotas takes no permission in IAM.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Effect from "effect/Effect"
import { iamOperations, type User } from "../api/iam.ts"
import type * as IamClient from "../api/IamClient.ts"
import { unreadableIn } from "../api/client.ts"
import { isNowhere, isRefusal } from "./sideService.ts"

/** All users of IAM. */
export interface Users {
  readonly byId: ReadonlyMap<string, User>
  /** Why some of them are missing, if any cannot be read. */
  readonly unreadable: CloudQuotaError | undefined
}

/** IAM's users. */
export interface Directory {
  /** All users; `undefined` where these credentials may not ask. */
  readonly users: Effect.Effect<Users | undefined, CloudQuotaError>
  /** One user; `undefined` if there is none, or where these credentials may not ask. */
  readonly user: (id: string) => Effect.Effect<User | undefined, CloudQuotaError>
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

  const orNotTold = <A>(
    ask: Effect.Effect<A, CloudQuotaError>
  ): Effect.Effect<A | undefined, CloudQuotaError> =>
    Effect.catch(ask, (error) => {
      if (isRefusal(error)) return Effect.as(warn(error), undefined)
      return isNowhere(error, "iamEndpoint") ? Effect.undefined : Effect.fail(error)
    })

  return {
    users: orNotTold(
      Effect.map(
        iam.keystoneListUsers(),
        (listed): Users => ({
          byId: new Map(listed.users.map((user) => [user.id, user])),
          unreadable: unreadableIn(iamOperations.keystoneListUsers, listed)
        })
      )
    ),
    user: (id) =>
      orNotTold(
        iam.keystoneShowUser({ user_id: id }).pipe(
          Effect.map(({ user }): User | undefined => user),
          Effect.catch((error) => (isNoSuchUser(error) ? Effect.undefined : Effect.fail(error)))
        )
      )
  }
}

/** The account's id is asked for first, and that may be not found, too. */
const isNoSuchUser = ({ operation, reason }: CloudQuotaError): boolean =>
  reason._tag === "NotFound" && operation !== iamOperations.keystoneListAuthDomains.name
