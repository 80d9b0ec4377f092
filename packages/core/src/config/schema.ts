/** The schema of a configuration, apart from the settings that each provider defines for its accounts. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Member from "../services/Member.ts"
import type { Provider } from "./Provider.ts"
import * as Settings from "./Settings.ts"
import * as Calendar from "../model/calendar.ts"
import { folderOf } from "../journal/place.ts"

/** Valid names of accounts. */
export const accountName = /^\p{L}[\p{L}\p{N}._-]{0,63}$/u

const accounts = {
  description: "The accounts, each under the name that it is to have.",
  remedy: "give at least one account, as { gpu: { provider: compshare, team: 1001 } }"
}

const memberId = {
  description: "The id of the member that this person is on this account.",
  remedy: "give the member's id on this account, as text"
}

const person = {
  description: "Which member this person is, by the name of the account.",
  remedy: "give member ids by account, as { gpu: 60001 }"
}

const people = {
  description: "Who is who: persons, as by their e-mail address, with their member id on each account.",
  remedy: "give persons with their member ids, as { ada@example.com: { gpu: 60001 } }"
}

const journal = {
  description: "Where changes are written down. A file in the user's state directory by default.",
  remedy: "give { sqlite: folder } or { postgres: { url: { env: DATABASE_URL } } }"
}

const url = {
  description: "Where the URL of the database is, as postgres://user:password@host/database.",
  remedy: "name the environment variable that has the URL, as { env: DATABASE_URL }"
}

const postgres = {
  description: "A database that a team's machines and its CI share.",
  remedy: "give { url: { env: DATABASE_URL } }"
}

const folder = {
  description: "A folder on a local disk; a relative path goes from this file's folder.",
  remedy: "give a folder, as ./journal"
}

const localDisk = {
  description: "Whether a file system counts as a local disk that is not known to be one.",
  remedy: "give true or false"
}

const groupWritable = {
  description: "Whether the group of the folder shares the journal, and may write it.",
  remedy: "give true or false"
}

const Journal = Settings.group(journal, {
  sqlite: Schema.optionalKey(
    Settings.text(folder).check(
      Schema.makeFilter((path: string) => {
        // The folder of `~` is resolved later.
        const place = folderOf(path, "/", "/")
        return Result.isSuccess(place) || place.failure
      })
    )
  ),
  localDisk: Schema.optionalKey(Schema.Boolean.annotate(Settings.described(localDisk))),
  groupWritable: Schema.optionalKey(Schema.Boolean.annotate(Settings.described(groupWritable))),
  postgres: Schema.optionalKey(
    Settings.group(postgres, {
      url: Settings.group(url, { env: Settings.variable("The variable that has the URL.") }),
      schema: Schema.optionalKey(
        Settings.text(
          {
            description: "The schema of its tables; cloud_quota by default.",
            remedy: "give the name of a schema: small letters, digits and underscores, at most 63"
          },
          /^[a-z_][a-z0-9_]{0,62}$/u
        )
      )
    })
  )
}).check(
  Schema.makeFilter((chosen: { readonly [key: string]: unknown }) => {
    if ("sqlite" in chosen === "postgres" in chosen) return `give one of the two: ${journal.remedy}`
    return (
      "sqlite" in chosen || Object.keys(chosen).length === 1 || "localDisk and groupWritable go with sqlite"
    )
  })
)

/** People, with their members by account. */
export const People = Schema.Record(
  Schema.String,
  Schema.Record(
    Schema.String,
    Schema.Union([Member.MemberId, Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))]).annotate(
      Settings.described(memberId)
    )
  ).annotate(Settings.described(person))
).annotate(Settings.described(people))

/** The whole file. The settings of an account are decoded by its provider. */
export const File = Settings.group(
  { description: "The configuration of cloud-quota.", remedy: `name the accounts: ${accounts.remedy}` },
  {
    accounts: Schema.Record(Schema.String, Schema.Unknown)
      .annotate(Settings.described(accounts))
      .check(Schema.isMinProperties(1, { message: accounts.remedy })),
    people: Schema.optionalKey(People),
    journal: Schema.optionalKey(Journal),
    zone: Schema.optionalKey(
      Schema.String.annotate(
        Settings.described({
          description:
            "Whose days and months are meant where none is said, by its IANA name or offset; Asia/Shanghai by default.",
          remedy: 'give a time zone, as "Asia/Shanghai" or "+08:00"'
        })
      ).check(
        Schema.makeFilter((zone: string) => {
          const known = Calendar.zone(zone)
          return Result.isSuccess(known) || known.failure
        })
      )
    )
  }
)

/** The JSON Schema of the file, with the accounts of these providers. */
export const jsonSchema = (providers: ReadonlyArray<Provider>): Readonly<Record<string, unknown>> => {
  const { properties, ...rest } = Settings.jsonSchema(File)
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "cloud-quota.yaml",
    ...rest,
    properties: {
      ...(typeof properties === "object" ? properties : {}),
      accounts: {
        type: "object",
        description: accounts.description,
        minProperties: 1,
        propertyNames: { pattern: accountName.source },
        additionalProperties: { anyOf: providers.map(({ jsonSchema }) => jsonSchema) }
      }
    }
  }
}
