/**
 * Who is in the account: users, projects and the account itself, as Huawei Cloud's IAM has them. Only
 * read: nothing here makes or changes a user.
 *
 * IAM calls an account a domain. The id of a user is the `user_id` of MetaStudio's quotas.
 *
 * Source: KeystoneListUsers, KeystoneShowUser, ListUsersV5, KeystoneListProjects and
 * KeystoneListAuthDomains on support.huaweicloud.com, and their models in the vendor's Go SDK.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type * as Decode from "@cloud-quota/core/Decode"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { invalid } from "./internal/errors.ts"
import { listAuthDomains } from "./internal/domainId.ts"
import * as IamRows from "./internal/iamRows.ts"
import { checkSegment } from "./internal/ids.ts"
import { optional } from "./internal/optional.ts"
import { markerPages } from "./internal/pages.ts"
import * as Params from "./internal/params.ts"
import type { Session } from "./internal/session.ts"

/** A user of the account. */
export interface User {
  readonly id: string
  readonly name: string
  readonly enabled?: boolean
  readonly description?: string
  /** The account. Told by version 3 of the API only. */
  readonly domainId?: string
  /** `default`, `programmatic` or `console`. Told by version 3 of the API only. */
  readonly accessMode?: string
  /** Told by version 5 of the API only. */
  readonly isRootUser?: boolean
  /** Told by version 5 of the API only. */
  readonly createdAt?: DateTime.Utc
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** A project of the account. A region has one of its own name. */
export interface Project {
  readonly id: string
  readonly name: string
  readonly enabled?: boolean
  /** The account. */
  readonly domainId?: string
  readonly parentId?: string
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** An account. */
export interface Domain {
  readonly id: string
  readonly name?: string
  readonly enabled?: boolean
  /** The whole row, as it came. */
  readonly details: Decode.Fields
}

/** Which users. */
export interface UserQuery {
  readonly domainId?: string
  readonly enabled?: boolean
  readonly name?: string
}

/** All users that fit. */
export interface Users {
  readonly users: ReadonlyArray<User>
  readonly requestId?: string
}

/** Which page of the users, as version 5 of the API lists them. */
export interface UserV5Query {
  /** Rows of one page: 1 to 200, 200 by default. */
  readonly limit?: number
  /** The `nextMarker` of the page before. */
  readonly marker?: string
  /** Only members of this group. */
  readonly groupId?: string
}

/** One page of the users. Without a marker it is the last one. */
export interface UserPage {
  readonly users: ReadonlyArray<User>
  readonly nextMarker?: string
  readonly requestId?: string
}

/** Which projects. */
export interface ProjectQuery {
  readonly domainId?: string
  readonly name?: string
  readonly parentId?: string
  readonly enabled?: boolean
}

/** What the client offers. Every failure is a `CloudQuotaError` without anything secret in it. */
export interface Service {
  /** The id of the account: `domainId` of the options, or else asked for once. */
  readonly domainId: Effect.Effect<string, CloudQuotaError>
  /** All users of the account. They come in one answer (version 3 of the API). */
  readonly keystoneListUsers: (query?: UserQuery) => Effect.Effect<Users, CloudQuotaError>
  /** One user (version 3 of the API). Fails with `NotFound`. */
  readonly keystoneShowUser: (
    userId: string
  ) => Effect.Effect<{ readonly user: User; readonly requestId?: string }, CloudQuotaError>
  /** One page of the users (version 5 of the API, which wants permissions of its own). */
  readonly listUsersV5: (query?: UserV5Query) => Effect.Effect<UserPage, CloudQuotaError>
  /** All users, page by page (version 5 of the API). */
  readonly allUsersV5: (query?: { readonly groupId?: string }) => Stream.Stream<User, CloudQuotaError>
  /** The projects of the account. */
  readonly keystoneListProjects: (
    query?: ProjectQuery
  ) => Effect.Effect<
    { readonly projects: ReadonlyArray<Project>; readonly requestId?: string },
    CloudQuotaError
  >
  /** The accounts that the credentials are good for: one, as a rule. */
  readonly keystoneListAuthDomains: () => Effect.Effect<
    { readonly domains: ReadonlyArray<Domain>; readonly requestId?: string },
    CloudQuotaError
  >
}

/**
 * Huawei Cloud's IAM, read only. `MetaStudioClient.layer` provides it.
 *
 * @example
 * import { IamClient } from "@cloud-quota/metastudio"
 * import { Effect } from "effect"
 *
 * export const names = Effect.gen(function* () {
 *   const iam = yield* IamClient.IamClient
 *   const { users } = yield* iam.keystoneListUsers({ enabled: true })
 *   return users.map(({ id, name }) => `${name} (${id})`)
 * })
 */
export class IamClient extends Context.Service<IamClient, Service>()("@cloud-quota/metastudio/IamClient") {}

const largestPage = 200

const userParams: Params.Params<UserQuery, string | boolean> = {
  domainId: Params.text("domain_id"),
  enabled: Params.boolean("enabled"),
  name: Params.text("name")
}

const userV5Params: Params.Params<UserV5Query, string | number> = {
  limit: Params.orElse(Params.whole("limit", 1, largestPage), largestPage),
  marker: Params.text("marker"),
  groupId: Params.text("group_id")
}

const projectParams: Params.Params<ProjectQuery, string | boolean> = {
  domainId: Params.text("domain_id"),
  name: Params.text("name"),
  parentId: Params.text("parent_id"),
  enabled: Params.boolean("enabled")
}

const account = { method: "GET", scope: { _tag: "Account" } } as const

/** Makes the client over what an account's clients share. */
export const make = ({ domainId, iam }: Session): Service => {
  const listUsersV5 = Effect.fn("IamClient.listUsersV5")(function* (query: UserV5Query = {}) {
    const operation = "ListUsersV5"
    const wire = yield* Effect.fromResult(Params.writeParams(operation, userV5Params, query))
    return yield* iam.read({ ...account, operation, path: ["v5", "users"], query: wire }, IamRows.usersV5)
  })

  return {
    domainId,
    keystoneListUsers: Effect.fn("IamClient.keystoneListUsers")(function* (query = {}) {
      const operation = "KeystoneListUsers"
      const wire = yield* Effect.fromResult(Params.writeParams(operation, userParams, query))
      return yield* iam.read({ ...account, operation, path: ["v3", "users"], query: wire }, IamRows.users)
    }),
    keystoneShowUser: Effect.fn("IamClient.keystoneShowUser")(function* (userId) {
      const operation = "KeystoneShowUser"
      const id = yield* Effect.mapError(Effect.fromResult(checkSegment(userId)), (problem) =>
        invalid(operation, "user_id", problem)
      )
      return yield* iam.read({ ...account, operation, path: ["v3", "users", id] }, IamRows.oneUser)
    }),
    listUsersV5,
    allUsersV5: (query = {}) =>
      markerPages({
        operation: "ListUsersV5",
        fetch: (marker) =>
          Effect.map(listUsersV5(Params.at(query, optional({ marker }))), ({ users, ...page }) => ({
            ...page,
            rows: users
          }))
      }),
    keystoneListProjects: Effect.fn("IamClient.keystoneListProjects")(function* (query = {}) {
      const operation = "KeystoneListProjects"
      const wire = yield* Effect.fromResult(Params.writeParams(operation, projectParams, query))
      return yield* iam.read(
        { ...account, operation, path: ["v3", "projects"], query: wire },
        IamRows.projects
      )
    }),
    keystoneListAuthDomains: Effect.fn("IamClient.keystoneListAuthDomains")(function* () {
      return yield* iam.read(listAuthDomains, IamRows.domains)
    })
  }
}
