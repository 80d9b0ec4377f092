/** Adds names to member ids, in listings that have ids only. */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type * as Export from "@cloud-quota/core/Export"
import type { MemberInfo } from "@cloud-quota/core/Member"
import { visible } from "@cloud-quota/core/SafeText"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Session from "./Session.ts"

/** A row with the name and person of its member. Both are absent if unknown. */
export type Named<Row> = Row & { readonly name?: string; readonly person?: string }

const columns: ReadonlyArray<Export.Column<{ readonly name?: string; readonly person?: string }>> = [
  { name: "name", kind: "text", value: ({ name }) => name },
  { name: "person", kind: "text", value: ({ person }) => person }
]

/** Returns the columns of a table, with name and person after the member's column. */
export const beside = <Row>(
  member: string,
  table: ReadonlyArray<Export.Column<Row>>
): ReadonlyArray<Export.Column<Named<Row>>> =>
  table.flatMap(
    (column): ReadonlyArray<Export.Column<Named<Row>>> =>
      column.name === member ? [column, ...columns] : [column]
  )

/**
 * Adds names and persons to rows, from one listing of the members that is read with the first row without a name.
 * If the listing fails, the rows have no names: they are an addition, not part of the request.
 */
export const add =
  <Row extends object>(account: Session.AnAccount, memberOf: (row: Row) => string | undefined) =>
  <E, R>(rows: Stream.Stream<Row, E, R>): Stream.Stream<Named<Row>, E, R> =>
    Stream.unwrap(
      Effect.map(Effect.cached(membersOf(account)), (all) =>
        Stream.mapEffect(rows, (row): Effect.Effect<Named<Row>> => {
          if ("name" in row && typeof row.name === "string") {
            return Effect.succeed({ ...row, name: row.name })
          }
          return Effect.map(all, (members): Named<Row> => {
            const { email, name = email, person } = members.get(memberOf(row) ?? "") ?? {}
            return {
              ...row,
              ...(name === undefined ? {} : { name }),
              ...(person === undefined ? {} : { person })
            }
          })
        })
      )
    )

const membersOf = (account: Session.AnAccount): Effect.Effect<ReadonlyMap<string, MemberInfo>> => {
  if (account.capabilities["members.names"].support === "unsupported") return Effect.succeed(new Map())
  return Stream.runCollect(account.members.list()).pipe(
    Effect.map((members) => new Map(members.map((member) => [member.id ?? "", member]))),
    Effect.catch((error: CloudQuotaError) =>
      Effect.as(
        Effect.logWarning(`${account.name}: without names: ${visible(error.reason.message)}`),
        new Map()
      )
    )
  )
}
