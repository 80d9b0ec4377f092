/**
 * The account's users according to IAM, if the credentials may read them: reading quotas takes no permission
 * in IAM.
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
  /** The error, if some of them cannot be read. */
  readonly unreadable: CloudQuotaError | undefined
}

/** IAM's users. */
export interface Directory {
  /** All users; `undefined` if these credentials may not read them. */
  readonly users: Effect.Effect<Users | undefined, CloudQuotaError>
  /** One user; `undefined` if there is none, or if these credentials may not read it. */
  readonly user: (id: string) => Effect.Effect<User | undefined, CloudQuotaError>
}

/** Makes the directory of one account. A refusal by IAM is logged once. */
export const makeDirectory = (iam: IamClient.Service): Directory => {
  let isReported = false

  const warn = ({ message }: CloudQuotaError) =>
    Effect.suspend(() => {
      if (isReported) return Effect.void
      isReported = true
      return Effect.logWarning(
        `members are listed without names, and without users who have no quotas: ${message}`
      )
    })

  const unlessRefused = <A>(
    ask: Effect.Effect<A, CloudQuotaError>
  ): Effect.Effect<A | undefined, CloudQuotaError> =>
    Effect.catch(ask, (error) => {
      if (isRefusal(error)) return Effect.as(warn(error), undefined)
      return isNowhere(error, "iamEndpoint") ? Effect.undefined : Effect.fail(error)
    })

  return {
    users: unlessRefused(
      Effect.map(
        iam.keystoneListUsers(),
        (listed): Users => ({
          byId: new Map(listed.users.map((user) => [user.id, user])),
          unreadable: unreadableIn(iamOperations.keystoneListUsers, listed)
        })
      )
    ),
    user: (id) =>
      unlessRefused(
        iam.keystoneShowUser({ user_id: id }).pipe(
          Effect.map(({ user }): User | undefined => user),
          Effect.catch((error) => (isNoSuchUser(error) ? Effect.undefined : Effect.fail(error)))
        )
      )
  }
}

/** The account's id is looked up first, and that may be not found, too. */
const isNoSuchUser = ({ operation, reason }: CloudQuotaError): boolean =>
  reason._tag === "NotFound" && operation !== iamOperations.keystoneListAuthDomains.name
