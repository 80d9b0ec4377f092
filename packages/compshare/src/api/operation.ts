/**
 * One operation of CompShare's API, and the schemas that several of them share.
 */
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import * as Schema from "effect/Schema"

/** How the client completes requests of an operation. */
export interface Traits {
  /** A request without a `TeamId` is for the client's own team. */
  readonly ownTeam?: true
  /** A request without a `Region` covers every region: the client's own is not added. */
  readonly everyRegion?: true
  /** A request without times covers all past entries, and a little of the future. */
  readonly times?: true
}

/** One operation of CompShare's API. */
export type CompShareOperation = Operation.Operation & Traits

export const { listing, operation } = Operation.describing<Traits>()

/** The id of a team, a user or a member: a whole number from 1 to 4294967295. */
export const Id = Lenient.between(1, 4_294_967_295)

/** A member's id in an answer: 0 until the invitation is accepted. */
export const IdOrZero = Lenient.between(0, 4_294_967_295)

/** Strict string: numbers are not coerced. */
export const Word = Schema.String.annotate({ message: "give text" }).pipe(
  Schema.check(Schema.makeFilter((text: string) => text.trim() !== "" || "give text that is not blank"))
)

/** A list with at least one item. An empty list would vanish on the wire, and a filter with it. */
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

/** Exactly one of these words. */
export const oneOf = <const Words extends ReadonlyArray<string>>(words: Words) =>
  Schema.Literals(words).annotate({ message: `give one of ${words.join(", ")}` })

/** A positive whole number. */
export const Positive = Lenient.between(1, Number.MAX_SAFE_INTEGER)

/** A time up to the year 5138. A larger number is in milliseconds, and would find nothing. */
export const Seconds = Lenient.Count.pipe(
  Schema.check(
    Schema.makeFilter(
      (seconds: number) =>
        seconds < 100_000_000_000 ||
        `is in milliseconds: give seconds since 1970, as ${Math.floor(seconds / 1000)}`
    )
  )
)

/** Upper bound on the rows of one page. */
export const largestPage = 100

/** The fields of a request for one page. */
export const pageFields = {
  /** Rows of the page, 1 to 100. @default 100 */
  Limit: Schema.optionalKey(Lenient.between(1, largestPage)),
  /** How many rows precede it. @default 0 */
  Offset: Schema.optionalKey(Lenient.Count)
}

/**
 * The fields of a request for a period, in seconds since 1970. UCloud's SDKs require both, so both are sent.
 */
export const timeFields = {
  /** @default 2012-01-01 UTC, before any entry */
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
  /** Default: the client's own team. */
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

/** The total number of rows, under either name, if the answer has it. */
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

/** An answer that confirms only that the request was carried out. */
export const Done = Schema.Struct({})

/**
 * Why a request failed for one of several ids. `RetCode` has the meaning of the code, with scope `member`.
 */
export const FailedMember = Schema.Struct({
  Code: Lenient.Whole.pipe(
    Schema.check(
      Schema.makeFilter((code: number) => code !== 0 || "expected a code other than 0, which is success")
    )
  ),
  Message: Lenient.nullish(Lenient.Text)
})
export interface FailedMember extends Schema.Schema.Type<typeof FailedMember> {}

/** The ids for which a request failed, as text, with the reason. */
export const FailedMembers = Schema.Record(Schema.String, FailedMember)

/** Refuses an `EndTime` that is not after the `BeginTime`. */
export const timesInOrder = Schema.makeFilter(
  ({ BeginTime, EndTime }: { readonly BeginTime?: number; readonly EndTime?: number }) =>
    BeginTime === undefined ||
    EndTime === undefined ||
    EndTime > BeginTime || { path: ["EndTime"], issue: "give seconds since 1970, after BeginTime" }
)
