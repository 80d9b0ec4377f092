/** Puts the member's name and person on the rows of a listing. */
import * as Effect from "effect/Effect"
import { visible } from "../model/SafeText.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import { type MemberDirectory, readDirectory } from "./memberDirectory.ts"
import type { ServiceContext } from "./serviceContext.ts"

/** Returns the provider's name of a member, if it is known. */
export type NameOf = (member: string) => string | undefined

/**
 * Reads the names of all members. Names are an addition to a listing: if they cannot be read, a warning says so and
 * there are none.
 */
const readNames = (context: ServiceContext): Effect.Effect<NameOf> => {
  const { account, driver } = context
  if (driver.capabilities["members.names"].support === "unsupported") return Effect.succeed(() => undefined)
  const names: Effect.Effect<NameOf, CloudQuotaError> =
    driver.names === undefined
      ? namesIn(readDirectory(context))
      : Effect.map(
          driver.names,
          (known): NameOf =>
            (member) =>
              known.get(member)
        )
  return Effect.catch(names, ({ reason }) =>
    Effect.as(
      Effect.logWarning(`${account}: without the names of members: ${visible(reason.message)}`),
      () => undefined
    )
  )
}

/** Returns the names in a list of members. */
export const namesIn = <E>(directory: Effect.Effect<MemberDirectory, E>): Effect.Effect<NameOf, E> =>
  Effect.map(
    directory,
    ({ byId }): NameOf =>
      (member) =>
        byId.get(member)?.name
  )

interface Row {
  readonly name?: string
  readonly person?: string
}

/**
 * Makes the mapping of one listing. Each person is looked up once, and the names are read with the first row that
 * has none.
 */
export const makeWithNames = (
  context: ServiceContext,
  names: Effect.Effect<NameOf, CloudQuotaError> = readNames(context)
) => {
  const { account, people } = context
  let known: NameOf | undefined
  const persons = new Map<string, string | undefined>()
  // Values rather than steps, where they are known already: see `Rows.flatMap`.
  const personOf = (member: string): Effect.Effect<string | undefined, CloudQuotaError> =>
    persons.has(member)
      ? Effect.succeed(persons.get(member))
      : Effect.mapEager(people.personOf(member, account), (person) => {
          persons.set(member, person)
          return person
        })
  const nameOf = (member: string, name: string | undefined) =>
    name !== undefined
      ? Effect.succeed(name)
      : Effect.mapEager(known === undefined ? names : Effect.succeed(known), (found) => {
          known = found
          return found(member)
        })
  return <R extends Row>(member: string | undefined, row: R): Effect.Effect<R, CloudQuotaError> =>
    member === undefined
      ? Effect.succeed(row)
      : Effect.flatMapEager(personOf(member), (person) =>
          Effect.mapEager(nameOf(member, row.name), (name) =>
            person === undefined && name === row.name
              ? row
              : { ...row, ...(name !== undefined && { name }), ...(person !== undefined && { person }) }
          )
        )
}
