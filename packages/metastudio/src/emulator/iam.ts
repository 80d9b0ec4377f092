/**
 * IAM: tokens, temporary keys, users, projects and the account.
 */
import * as Result from "effect/Result"
import { inventId } from "./dice.ts"
import { makeParameters } from "./parameters.ts"
import type { IamUser } from "./people.ts"
import * as Refusal from "./refusal.ts"
import type { Route } from "./route.ts"
import { parameter } from "./target.ts"
import { day, formatInstant, seedTime } from "./time.ts"
import type { Tokens } from "./tokens.ts"
import { json } from "./wire.ts"

/** The account as IAM knows it. */
export interface IamRules {
  readonly domain: string
  readonly domainId: string
  readonly projectId: string
  readonly projectName: string
  /** Whether these credentials may not list users. */
  readonly usersDenied: boolean
}

/** IAM's operations. */
export const iamRoutes = (
  rules: IamRules,
  tokens: Tokens,
  users: () => ReadonlyArray<IamUser>
): ReadonlyArray<Route> => [
  {
    operation: "KeystoneCreateUserTokenByPassword",
    method: "POST",
    path: "/v3/auth/tokens",
    access: "anyone",
    answer: ({ now, request }) => tokens.issue(request.body, now)
  },
  {
    operation: "CreateTemporaryAccessKeyByAgency",
    method: "POST",
    path: "/v3.0/OS-CREDENTIAL/securitytokens",
    access: "account",
    answer: ({ now, request }) => tokens.assumeRole(request.body, now)
  },
  {
    operation: "KeystoneListAuthDomains",
    method: "GET",
    path: "/v3/auth/domains",
    access: "account",
    answer: () => {
      const links = { self: `${iam}/v3/domains/${rules.domainId}` }
      const domain = { enabled: true, id: rules.domainId, name: rules.domain, links, description: "" }
      return Result.succeed(json(200, { domains: [domain], links: { self: `${iam}/v3/auth/domains` } }))
    }
  },
  {
    operation: "KeystoneListProjects",
    method: "GET",
    path: "/v3/projects",
    access: "account",
    answer: ({ target }) =>
      Result.gen(function* () {
        const domainId = parameter(target, "domain_id") ?? rules.domainId
        if (domainId !== rules.domainId) return yield* Result.fail(Refusal.iamForbidden)
        const enabled = yield* readFlag(parameter(target, "enabled"), "enabled")
        const parent = parameter(target, "parent_id") ?? rules.domainId
        const name = parameter(target, "name")
        const page = parameter(target, "page")
        const perPage = parameter(target, "per_page")
        // Documented: each requires the other.
        if ((page === undefined) !== (perPage === undefined)) {
          return yield* Result.fail(Refusal.badIamRequest("page and per_page go together"))
        }
        const size = yield* parameters.whole(perPage, "per_page", 1, 5000, 5000)
        const start = ((yield* parameters.whole(page, "page", 1, 2_147_483_647, 1)) - 1) * size
        // All projects here are enabled, and directly below the account.
        const all = enabled !== false && parent === rules.domainId ? projects(rules) : []
        const found = all.filter((project) => name === undefined || project.name === name)
        return json(200, {
          links: linksTo("/v3/projects"),
          projects: found.slice(start, start + size)
        })
      })
  },
  {
    operation: "KeystoneListUsers",
    method: "GET",
    path: "/v3/users",
    access: "account",
    answer: ({ target }) =>
      Result.gen(function* () {
        const domainId = parameter(target, "domain_id") ?? rules.domainId
        if (rules.usersDenied || domainId !== rules.domainId) return yield* Result.fail(Refusal.iamForbidden)
        // The vendor documents "true by default", which describes a user. Without the parameter, all users
        // are listed here.
        const enabled = yield* readFlag(parameter(target, "enabled"), "enabled")
        const name = parameter(target, "name")
        const found = users().filter(
          (user) =>
            (enabled === undefined || isEnabled(user) === enabled) &&
            (name === undefined || user.name === name)
        )
        return json(200, {
          links: linksTo("/v3/users"),
          users: found.map((user) => writeUser(user, rules))
        })
      })
  },
  {
    operation: "KeystoneShowUser",
    method: "GET",
    path: "/v3/users/{user_id}",
    access: "account",
    answer: ({ path }) => {
      const userId = path["user_id"] ?? ""
      if (rules.usersDenied) return Result.fail(Refusal.iamForbidden)
      const user = users().find(({ id }) => id === userId)
      return user === undefined
        ? Result.fail(Refusal.noSuchUser(userId))
        : Result.succeed(json(200, { user: writeUser(user, rules) }))
    }
  },
  {
    operation: "ListUsersV5",
    method: "GET",
    path: "/v5/users",
    access: "account",
    answer: ({ target }) =>
      Result.gen(function* () {
        if (rules.usersDenied) return yield* Result.fail(Refusal.iam5Denied("iam:users:listUsersV5"))
        const limit = yield* parameters5.whole(parameter(target, "limit"), "limit", 1, 200, 100)
        const marker = parameter(target, "marker")
        // There are no groups here.
        const all = parameter(target, "group_id") === undefined ? users() : []
        const after = marker === undefined ? -1 : all.findIndex(({ id }) => markerOf(id) === marker)
        if (marker !== undefined && after === -1) return yield* Result.fail(Refusal.invalidMarker)
        const page = all.slice(after + 1, after + 1 + limit)
        const last = page.at(-1)
        const more = last !== undefined && after + 1 + limit < all.length
        return json(200, {
          users: page.map((user) => writeUser5(user, rules)),
          page_info: {
            ...(more ? { next_marker: markerOf(last.id) } : {}),
            current_count: page.length
          }
        })
      })
  }
]

const iam = "https://iam.myhuaweicloud.com"
const parameters = makeParameters(Refusal.badIamRequest)
const parameters5 = makeParameters(Refusal.invalidIam5Parameter)

const readFlag = (text: string | undefined, name: string) =>
  Result.map(parameters.word(text, name, ["true", "false"]), (word) =>
    word === undefined ? undefined : word === "true"
  )

const linksTo = (path: string) => ({ self: `${iam}${path}`, previous: null, next: null })

/** The account's project, and the project that every account has in another region. */
const projects = (rules: IamRules) =>
  [
    { id: rules.projectId, name: rules.projectName },
    { id: inventId(`${rules.domainId}/ap-southeast-3`), name: "ap-southeast-3" }
  ].map(({ id, name }) => ({
    is_domain: false,
    description: "",
    links: { self: `${iam}/v3/projects/${id}` },
    enabled: true,
    id,
    parent_id: rules.domainId,
    domain_id: rules.domainId,
    name
  }))

const isEnabled = ({ enabled = true }: IamUser): boolean => enabled

const writeUser = (user: IamUser, rules: IamRules) => ({
  pwd_status: false,
  domain_id: rules.domainId,
  last_project_id: rules.projectId,
  name: user.name,
  description: user.description ?? "",
  password_expires_at: null,
  links: linksTo(`/v3/users/${user.id}`),
  id: user.id,
  enabled: isEnabled(user),
  access_mode: "default"
})

const writeUser5 = (user: IamUser, rules: IamRules) => ({
  user_name: user.name,
  user_id: user.id,
  description: user.description ?? "",
  is_root_user: user.root ?? false,
  created_at: formatInstant(user.createdAt ?? seedTime - 365 * day),
  urn: `iam::${rules.domainId}:user:${user.name}`,
  enabled: isEnabled(user)
})

/** Documented as at least four characters of base64's alphabet. Here it encodes the last user of a page. */
const markerOf = (userId: string): string => Buffer.from(`user/${userId}`).toString("base64url")
