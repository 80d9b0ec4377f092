/**
 * The rows of IAM's answers. Every row keeps what came besides, as `details`.
 */
import * as Decode from "@cloud-quota/core/Decode"
import { defined, optional, required } from "@cloud-quota/core/Decode"
import * as Result from "effect/Result"
import type { Domain, Project, User } from "../IamClient.ts"

/** A user as version 3 of the API lists it. */
const user = (row: Decode.Fields): Result.Result<User, string> =>
  Result.gen(function* () {
    return {
      id: yield* required(row, "id", Decode.id),
      name: yield* required(row, "name", Decode.text),
      details: row,
      ...defined({
        enabled: yield* optional(row, "enabled", Decode.boolean),
        domainId: yield* optional(row, "domain_id", Decode.text),
        description: yield* optional(row, "description", Decode.text),
        accessMode: yield* optional(row, "access_mode", Decode.text)
      })
    }
  })

/** A user as version 5 of the API lists it. */
const userV5 = (row: Decode.Fields): Result.Result<User, string> =>
  Result.gen(function* () {
    return {
      id: yield* required(row, "user_id", Decode.id),
      name: yield* required(row, "user_name", Decode.text),
      details: row,
      ...defined({
        enabled: yield* optional(row, "enabled", Decode.boolean),
        description: yield* optional(row, "description", Decode.text),
        isRootUser: yield* optional(row, "is_root_user", Decode.boolean),
        createdAt: yield* optional(row, "created_at", Decode.unlessEmpty(Decode.time))
      })
    }
  })

/**
 * All users. The vendor documents no way to ask for a further page, so that a listing that has one
 * is not all of them.
 */
export const users = (answer: Decode.Fields): Result.Result<{ users: ReadonlyArray<User> }, string> =>
  Result.gen(function* () {
    const links = (yield* optional(answer, "links", Decode.fields)) ?? {}
    const next = yield* optional(links, "next", Decode.text)
    if (next !== undefined && next !== "") return yield* Result.fail("links.next tells of a further page")
    return { users: yield* Decode.list(answer, "users", user) }
  })

export const oneUser = (answer: Decode.Fields): Result.Result<{ user: User }, string> =>
  Result.gen(function* () {
    return { user: yield* Result.flatMap(required(answer, "user", Decode.fields), user) }
  })

export const usersV5 = (
  answer: Decode.Fields
): Result.Result<{ users: ReadonlyArray<User>; nextMarker?: string }, string> =>
  Result.gen(function* () {
    const page = (yield* optional(answer, "page_info", Decode.fields)) ?? {}
    const nextMarker = yield* optional(page, "next_marker", Decode.unlessEmpty(Decode.text))
    return { users: yield* Decode.list(answer, "users", userV5), ...defined({ nextMarker }) }
  })

export const projects = (
  answer: Decode.Fields
): Result.Result<{ projects: ReadonlyArray<Project> }, string> =>
  Result.map(
    Decode.list(answer, "projects", (row) =>
      Result.gen(function* () {
        return {
          id: yield* required(row, "id", Decode.id),
          name: yield* required(row, "name", Decode.text),
          details: row,
          ...defined({
            enabled: yield* optional(row, "enabled", Decode.boolean),
            domainId: yield* optional(row, "domain_id", Decode.text),
            parentId: yield* optional(row, "parent_id", Decode.text)
          })
        }
      })
    ),
    (found) => ({ projects: found })
  )

export const domains = (answer: Decode.Fields): Result.Result<{ domains: ReadonlyArray<Domain> }, string> =>
  Result.map(
    Decode.list(answer, "domains", (row) =>
      Result.gen(function* () {
        return {
          id: yield* required(row, "id", Decode.id),
          details: row,
          ...defined({
            name: yield* optional(row, "name", Decode.text),
            enabled: yield* optional(row, "enabled", Decode.boolean)
          })
        }
      })
    ),
    (found) => ({ domains: found })
  )
