/**
 * Maps each person to a member on every account.
 *
 * A person's name, such as an e-mail address, is accepted wherever a member is. Listings show the person of
 * each member.
 *
 * **Gotchas**
 *
 * A run of changes records the member and the text that named it. If a person becomes another member of an account,
 * the same run with the same text is refused.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { CloudQuotaError } from "./CloudQuotaError.ts"
import * as Names from "./names.ts"

/** Maps persons to members, and members to persons. */
export interface People {
  /** Returns the id of a person's member on an account, by the account's name. */
  readonly memberOf: (person: string, account: string) => Effect.Effect<string | undefined, CloudQuotaError>
  /** Returns the person of a member of an account. */
  readonly personOf: (member: string, account: string) => Effect.Effect<string | undefined, CloudQuotaError>
}

/** The mapping for all accounts. Empty unless a layer provides one. */
export const People = Context.Reference<People>("@cloud-quota/core/People", {
  defaultValue: () => ({
    memberOf: () => Effect.succeed(undefined),
    personOf: () => Effect.succeed(undefined)
  })
})

/** Member ids by person and by the name of the account. Persons are compared without regard to case. */
export type Record = { readonly [person: string]: { readonly [account: string]: string } }

/**
 * Creates a mapping from a table, such as that of a configuration file. Throws a `RangeError` if two persons
 * are the same member or look alike, if one person appears twice in different cases, if a member is not text,
 * or if a name is not in the normal form: NFC, without invisible characters and blanks other than U+0020,
 * each word in one alphabet.
 *
 * @example
 * import { People } from "@cloud-quota/core"
 *
 * export const people = People.fromRecord({
 *   "ada@example.com": { gpu: "60001", studio: "8f061fa9fc75442e9d9f8a4626b03cce" }
 * })
 */
export const fromRecord = (record: Record): People => {
  const members = new Map<string, string>()
  const persons = new Map<string, string>()
  const looks = new Map<string, string>()
  if (typeof record !== "object" || record === null) {
    throw new RangeError('people: give a table, as { "ada@example.com": { gpu: "60001" } }')
  }
  for (const [person, accounts] of Object.entries(record)) {
    const problem = Names.problem(person, longestName)
    if (problem !== undefined) throw new RangeError(`people: ${problem}`)
    if (typeof accounts !== "object" || accounts === null) {
      throw new RangeError(`people: give the accounts of ${person} as { account: "member id" }`)
    }
    for (const [account, member] of Object.entries(accounts)) {
      if (typeof member !== "string" || member === "") {
        throw new RangeError(`people: give the id of ${person} on ${account} as text`)
      }
      const key = keyOf(account, person.toLowerCase())
      if (members.has(key)) throw new RangeError(`people: ${person} is there twice for ${account}`)
      members.set(key, member)
      const look = keyOf(account, Names.key(person.toLowerCase()))
      const alike = looks.get(look)
      if (alike !== undefined) {
        const both = [alike, person].map(Names.visible).join(" and ")
        throw new RangeError(`people: ${both} look alike on ${account}: rename one of them`)
      }
      looks.set(look, person)
      const other = persons.get(keyOf(account, member))
      if (other !== undefined) {
        throw new RangeError(`people: ${other} and ${person} are both member ${member} of ${account}`)
      }
      persons.set(keyOf(account, member), person)
    }
  }
  return {
    memberOf: (person, account) => Effect.succeed(members.get(keyOf(account, person.toLowerCase()))),
    personOf: (member, account) => Effect.succeed(persons.get(keyOf(account, member)))
  }
}

/** @internal */
export const longestName = 256

/** Unambiguous, since no name of an account or a person has a line break. */
const keyOf = (account: string, name: string): string => `${account}\n${name}`

/** Provides the mapping to all accounts below it. */
export const layer = (people: People): Layer.Layer<never> => Layer.succeed(People, people)
