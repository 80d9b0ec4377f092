/**
 * Users, projects and accounts of Huawei Cloud's IAM. Read only. IAM calls an account a domain; the id of a
 * user is the `user_id` of MetaStudio's quotas.
 *
 * Source: KeystoneListUsers, KeystoneShowUser, ListUsersV5, KeystoneListProjects and
 * KeystoneListAuthDomains on support.huaweicloud.com, and their models in the vendor's Go SDK.
 */
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Schema from "effect/Schema"
import { Plain, Segment, listing, operation, text, time, truth } from "./operation.ts"

const Id = Schema.NonEmptyString

/** A user as listed by version 3 of the API. */
export const User = Schema.Struct({
  id: Id,
  name: Lenient.Text,
  enabled: truth,
  /** The account. */
  domain_id: text,
  description: text,
  /** `default`, `programmatic` or `console`. */
  access_mode: text
})
export interface User extends Schema.Schema.Type<typeof User> {}

/** A user as listed by version 5 of the API. */
export const UserV5 = Schema.Struct({
  user_id: Id,
  user_name: Lenient.Text,
  enabled: truth,
  description: text,
  is_root_user: truth,
  created_at: time
})
export interface UserV5 extends Schema.Schema.Type<typeof UserV5> {}

/** A project. Each region has one with the region's name. */
export const Project = Schema.Struct({
  id: Id,
  name: Lenient.Text,
  enabled: truth,
  /** The account. */
  domain_id: text,
  parent_id: text
})
export interface Project extends Schema.Schema.Type<typeof Project> {}

/** An account. */
export const Domain = Schema.Struct({ id: Id, name: text, enabled: truth })
export interface Domain extends Schema.Schema.Type<typeof Domain> {}

const optional = Schema.optionalKey
const get = { safety: "read", method: "GET", scope: "account" } as const
const largestPage = 200

/**
 * The vendor documents no way to request another page of users, so a listing with a next page is incomplete.
 */
const onePage = Schema.Struct({ links: Lenient.nullish(Schema.Struct({ next: text })) }).pipe(
  Schema.check(
    Schema.makeFilter(
      ({ links }) =>
        !links?.next || { path: ["links", "next"], issue: "there is a further page, which cannot be read" }
    )
  )
)

export const iamOperations = {
  /** All users of the account, in one answer (version 3 of the API). */
  keystoneListUsers: listing({
    ...get,
    name: "KeystoneListUsers",
    path: "/v3/users",
    request: Schema.Struct({
      domain_id: optional(Plain),
      enabled: optional(Schema.Boolean),
      name: optional(Plain)
    }),
    answer: onePage,
    rows: { field: "users", row: User },
    doc: "All users of the account.",
    source: "KeystoneListUsers"
  }),
  /** One user (version 3 of the API). Fails with `NotFound`. */
  keystoneShowUser: operation({
    ...get,
    name: "KeystoneShowUser",
    path: "/v3/users/{user_id}",
    request: Schema.Struct({ user_id: Segment }),
    answer: Schema.Struct({ user: User }),
    doc: "One user.",
    source: "KeystoneShowUser"
  }),
  /** One page of the users (version 5 of the API, which needs permissions of its own). */
  listUsersV5: listing({
    ...get,
    name: "ListUsersV5",
    path: "/v5/users",
    request: Schema.Struct({
      /** Rows of the page, 1 to 200. @default 200 */
      limit: optional(Lenient.between(1, largestPage)),
      /** The `next_marker` of the previous page. */
      marker: optional(Plain),
      /** Only members of this group. */
      group_id: optional(Plain)
    }),
    answer: Schema.Struct({
      /** Absent on the last page. */
      page_info: Lenient.nullish(Schema.Struct({ next_marker: text }))
    }),
    rows: { field: "users", row: UserV5 },
    defaults: { limit: largestPage },
    doc: "One page of the users.",
    source: "ListUsersV5"
  }),
  /** The projects of the account. */
  keystoneListProjects: listing({
    ...get,
    name: "KeystoneListProjects",
    path: "/v3/projects",
    request: Schema.Struct({
      domain_id: optional(Plain),
      name: optional(Plain),
      parent_id: optional(Plain),
      enabled: optional(Schema.Boolean)
    }),
    answer: Schema.Struct({}),
    rows: { field: "projects", row: Project },
    doc: "The projects of the account.",
    source: "KeystoneListProjects"
  }),
  /** The accounts that the credentials are for: usually one. */
  keystoneListAuthDomains: listing({
    ...get,
    name: "KeystoneListAuthDomains",
    path: "/v3/auth/domains",
    scope: "any",
    request: Schema.Struct({}),
    answer: Schema.Struct({}),
    rows: { field: "domains", row: Domain },
    doc: "The accounts that the credentials are for.",
    source: "KeystoneListAuthDomains"
  })
}
