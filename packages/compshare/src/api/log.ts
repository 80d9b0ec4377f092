/**
 * A CompShare team's operate log. It is proof of money that moved, so a row that cannot be read fails the page.
 */
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Schema from "effect/Schema"
import {
  Word,
  listOf,
  operation,
  page,
  pageFields,
  teamField,
  teamGiven,
  timeFields,
  timesInOrder
} from "./operation.ts"

/** A word of the log. Strict string: numbers are not coerced. */
const LogWord = Schema.String.annotate({ message: "expected text" })

/** One entry. It has no id: two equal entries are two events. */
export const LogEntry = Schema.Struct({
  /** As `分配金额` or `InviteMember`. */
  OperateType: LogWord,
  /** As `成功` or `Success`. */
  Status: LogWord,
  /** Free text, for people. It proves nothing, so any form is accepted. */
  Content: Schema.optionalKey(Schema.Unknown),
  /** Usually seconds since 1970. It proves nothing, so any form is accepted. */
  CreateTime: Schema.optionalKey(Schema.Unknown)
})
export interface LogEntry extends Schema.Schema.Type<typeof LogEntry> {}

export const logOperations = {
  /** One page of a team's operate log. Only for the team's administrator. */
  listCompShareTeamOperateLog: operation({
    name: "ListCompShareTeamOperateLog",
    safety: "read",
    ownTeam: true,
    times: true,
    request: Schema.Struct({
      ...teamField,
      ...timeFields,
      ...pageFields,
      /** Oldest first if true, newest first otherwise. */
      OrderByASC: Schema.optionalKey(Schema.Boolean.annotate({ message: "give true or false" })),
      /** In the words of the answer's `OperateTypeList`. Which others are accepted is undocumented. */
      OperateType: Schema.optionalKey(listOf(Word)),
      /** In the words of the answer's `StatusList`. */
      Status: Schema.optionalKey(listOf(Word))
    }).pipe(Schema.check(teamGiven, timesInOrder)),
    answer: Schema.Struct({
      Logs: Lenient.nullish(Schema.Array(LogEntry)),
      Total: Lenient.Whole,
      /** A map of words to titles on the vendor's page, a list of words in UCloud's SDKs. */
      OperateTypeList: Schema.optionalKey(Schema.Unknown),
      StatusList: Schema.optionalKey(Schema.Unknown)
    }),
    // An entry has no id, so it is identified by all its fields, `raw` included.
    page: page("Logs", (entry: LogEntry) =>
      JSON.stringify(entry, (_key, value) => (typeof value === "bigint" ? `${value}` : value))
    ),
    doc: "One page of a team's operate log.",
    source: "ListCompShareTeamOperateLog"
  })
}
