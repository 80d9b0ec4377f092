/**
 * One operation of CompShare's API, and the schemas that several of them share.
 */
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import * as Schema from "effect/Schema"

/** What the client does with requests of an operation. */
export interface Traits {
  /** A request without a `TeamId` is for the client's own team. */
  readonly ownTeam?: true
  /** A request without a `Region` is for every region: the client's own is not added. */
  readonly everyRegion?: true
  /** A request without times is for all that there is, and a little time to come. */
  readonly times?: true
}

/** One operation of CompShare's API. */
export type CompShareOperation = Operation.Operation & Traits

export const { listing, operation } = Operation.describing<Traits>()

/** A team, a user or a member: a whole number from 1 to 4294967295. */
export const Id = Lenient.between(1, 4_294_967_295)

/** A member's id in an answer: 0 until the invitation is accepted. */
export const IdOrZero = Lenient.between(0, 4_294_967_295)

/** Text that is written as it is. Numbers are not taken for text. */
export const Word = Schema.String.annotate({ message: "give text" }).pipe(
  Schema.check(Schema.makeFilter((text: string) => text.trim() !== "" || "give text that is not blank"))
)

/** A list with at least one item. An empty list would vanish on its way, and a filter with it. */
export const listOf = <S extends Schema.Constraint>(item: S) =>
  Schema.Array(item)
    .annotate({ message: "give a list" })
    .pipe(
      Schema.check(
        Schema.makeFilter(
          (items: ReadonlyArray<unknown>) =>
            items.length > 0 || "give a list with at least one item, or leave it out"
        )
      )
    )

/** One of these words, as it is. */
export const oneOf = <const Words extends ReadonlyArray<string>>(words: Words) =>
  Schema.Literals(words).annotate({ message: `give one of ${words.join(", ")}` })

/** A whole number that is written as it is. */
export const Positive = Lenient.between(1, Number.MAX_SAFE_INTEGER)

/** A time of any year up to 5138: above that it is in milliseconds, and would find nothing. */
export const Seconds = Lenient.Count.pipe(
  Schema.check(
    Schema.makeFilter(
      (seconds: number) =>
        seconds < 100_000_000_000 ||
        `is in milliseconds: give seconds since 1970, as ${Math.floor(seconds / 1000)}`
    )
  )
)

/** The most rows of one page. */
export const largestPage = 100

/** The fields of a request for one page. */
export const pageFields = {
  /** Rows of the page, 1 to 100. @default 100 */
  Limit: Schema.optionalKey(Lenient.between(1, largestPage)),
  /** How many rows come before it. @default 0 */
  Offset: Schema.optionalKey(Lenient.Count)
}

/** The fields of a request for a time, in seconds since 1970. UCloud's SDKs require both, so both are sent. */
export const timeFields = {
  /** @default 2012-01-01 UTC, before there was anything */
  BeginTime: Schema.optionalKey(Seconds),
  /**
   * After `BeginTime`.
   *
   * @default 7 days from now, in case the provider's clock is ahead
   */
  EndTime: Schema.optionalKey(Seconds)
}

/** The field of a request for one team. */
export const teamField = {
  /** The client's own team if absent. */
  TeamId: Schema.optionalKey(Id)
}

/** Refuses a request without a team. */
export const teamGiven = Schema.makeFilter(
  ({ TeamId }: { readonly TeamId?: number }) =>
    TeamId !== undefined || {
      path: ["TeamId"],
      issue: "give a whole number from 1 to 4294967295, or make the client with a teamId"
    }
)

/** The whole number of rows, where it is told, under either name. */
export const totalFields = {
  Total: Lenient.nullish(Lenient.Count),
  TotalCount: Lenient.nullish(Lenient.Count),
  /** The page size that the provider used. */
  Limit: Lenient.nullish(Lenient.Count)
}

/** Pages by `Offset` and `Limit`. */
export const page = <const Field extends string, Row>(rows: Field, key: (row: Row) => string) =>
  ({
    rows,
    offset: "Offset",
    limit: "Limit",
    largest: largestPage,
    total: ["Total", "TotalCount"],
    key
  }) satisfies Operation.Page<Field>

/** An answer that says nothing but that the request was carried out. */
export const Done = Schema.Struct({})

/** Why something was not done for one of several. What a code means is in `RetCode`, as one of scope `member`. */
export const FailedMember = Schema.Struct({
  Code: Lenient.Whole.pipe(
    Schema.check(
      Schema.makeFilter((code: number) => code !== 0 || "expected a code other than 0, which is success")
    )
  ),
  Message: Lenient.nullish(Lenient.Text)
})
export interface FailedMember extends Schema.Schema.Type<typeof FailedMember> {}

/** For whom a request failed, by id as text. */
export const FailedMembers = Schema.Record(Schema.String, FailedMember)

/** Refuses an `EndTime` that is not after the `BeginTime`. */
export const timesInOrder = Schema.makeFilter(
  ({ BeginTime, EndTime }: { readonly BeginTime?: number; readonly EndTime?: number }) =>
    BeginTime === undefined ||
    EndTime === undefined ||
    EndTime > BeginTime || { path: ["EndTime"], issue: "give seconds since 1970, after BeginTime" }
)
