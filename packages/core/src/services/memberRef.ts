/**
 * From whatever names a member in a call to the provider's id, and from an id to the person.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Change from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { MemberId, MemberInfo, MemberRef } from "../model/MemberInfo.ts"
import { longestName } from "../model/People.ts"
import * as Names from "../model/names.ts"
import { type ServiceContext, withAccount } from "./serviceContext.ts"
import { invalidArgument } from "../engine/invalidArgument.ts"

/** The id of the member that is meant, for an operation that a failure is to name. */
export type ResolveMember = (operation: string, ref: MemberRef) => Effect.Effect<MemberId, CloudQuotaError>

export const makeResolveMember = (context: ServiceContext): ResolveMember => {
  const { account, driver, people } = context
  return Effect.fnUntraced(function* (operation, ref) {
    const refuse = (message: string) => invalidArgument(context, operation, "member", message)
    const toId = (id: string, why: (message: string) => string) =>
      Effect.mapError(Effect.fromResult(driver.memberId(id)), (message) => refuse(why(message)))
    const text = Change.decodeMember(ref)
    if (Result.isFailure(text)) return yield* refuse(text.failure)
    // Another person may have a name that looks the same.
    const misnamed = typeof ref === "string" ? Names.problem(ref, longestName) : undefined
    if (misnamed !== undefined) return yield* refuse(misnamed)
    // A listed member has an id already, and needs no lookup.
    const mapped =
      typeof ref === "string"
        ? yield* Effect.mapError(people.memberOf(ref, account), withAccount(account))
        : undefined
    if (mapped !== undefined) {
      // The same text names two members then, and one of them may be meant to be paid.
      const other =
        mapped === ref
          ? undefined
          : yield* Effect.mapError(people.personOf(text.success, account), withAccount(account))
      if (other !== undefined) {
        return yield* refuse(
          `${quoted(text.success)} is a person's name in People, and also the id of another member, ${quoted(other)}: rename the person, or give the member as a listing gives it`
        )
      }
      return yield* toId(mapped, (message) => `${quoted(text.success)} is mapped to it by People: ${message}`)
    }
    if (typeof ref === "string" && ref.includes("@")) {
      return yield* refuse(
        `${quoted(ref)} is an e-mail address that is mapped to no member of the account ${quoted(account)}: add it to People, give the member's id, or look for it with members.find`
      )
    }
    return yield* toId(text.success, (message) => message)
  })
}

/**
 * Puts the person on a row of a listing. Each member is looked up once, so make one for each listing.
 */
export const makeWithPerson = ({ account, people }: ServiceContext) => {
  const known = new Map<string, string | undefined>()
  // Values rather than steps, where the mapping has them already: see `Rows.flatMap`.
  const personOf = (member: string): Effect.Effect<string | undefined, CloudQuotaError> =>
    known.has(member)
      ? Effect.succeed(known.get(member))
      : Effect.mapEager(people.personOf(member, account), (person) => {
          known.set(member, person)
          return person
        })
  return <Row extends { readonly person?: string }>(
    member: string | undefined,
    row: Row
  ): Effect.Effect<Row, CloudQuotaError> =>
    member === undefined
      ? Effect.succeed(row)
      : Effect.mapEager(personOf(member), (person) => (person === undefined ? row : { ...row, person }))
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 120))

/** Whether there is a membership, or may be: not of a user without one, nor where it came to nothing. */
export const isMember = ({ status }: MemberInfo): boolean =>
  status._tag !== "candidate" && status._tag !== "canceled" && status._tag !== "rejected"
