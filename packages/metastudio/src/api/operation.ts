/**
 * One operation of Huawei Cloud's APIs, and the schemas that several of them share.
 */
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { checkSegment } from "./ids.ts"

/** The address of an operation, and the scope of its credentials. */
export interface Traits {
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  /**
   * As `/v1/{project_id}/user/quotas/{user_id}`. Request fields named in it become part of it; the others are
   * the query, or the JSON body of a POST or PUT.
   */
  readonly path: string
  /** The required scope of the token or keys: the project, the account, or any. */
  readonly scope: "project" | "account" | "any"
  /** Fields that are sent even if the request does not have them. */
  readonly defaults?: Operation.Fields
  /** Fields of the answer that apply to each of its rows, unless the row has its own. */
  readonly inherits?: ReadonlyArray<string>
}

/** One operation of Huawei Cloud's APIs. */
export type HuaweiOperation = Operation.Operation & Partial<Pick<Operation.Listing, "rows">> & Traits

export const { listing, operation } = Operation.describing<Traits>()

/** An id that becomes part of a path. An id that left its segment would reach another resource. */
export const Segment = Schema.String.annotate({ message: "give an id as text" }).pipe(
  Schema.check(
    Schema.makeFilter((text: string) => {
      const checked = checkSegment(text)
      return checked._tag === "Success" || checked.failure
    })
  )
)

const isPlain = (text: string): boolean => text !== "" && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(text)

/** Text of a request: an id or a name. */
export const Plain = Schema.String.annotate({ message: "give text" }).pipe(
  Schema.check(Schema.makeFilter((text: string) => isPlain(text) || "give text without control characters"))
)

const wordsWanted = "give a list of at least one word, without blanks and commas"

/** Several words, separated by commas on the wire. */
export const Words = Schema.String.pipe(
  Schema.decodeTo(
    Schema.Array(Schema.String)
      .annotate({ message: wordsWanted })
      .pipe(
        Schema.check(
          Schema.makeFilter(
            (words: ReadonlyArray<string>) =>
              (words.length > 0 && words.every((word) => isPlain(word) && !/[\s,]/.test(word))) || wordsWanted
          )
        )
      ),
    {
      decode: SchemaGetter.transform((text: string) => text.split(",")),
      encode: SchemaGetter.transform((words: ReadonlyArray<string>) => words.join(","))
    }
  )
)

/** A list of texts in a JSON body, limited to `most`. */
export const texts = (most: number) =>
  Schema.Array(Plain)
    .annotate({ message: `give a list of 1 to ${most} texts` })
    .pipe(
      Schema.check(
        Schema.makeFilter(
          ({ length }: ReadonlyArray<string>) =>
            (length > 0 && length <= most) || `give a list of 1 to ${most} texts`
        )
      )
    )

/** A moment of a request, written in UTC with whole seconds. */
export const Moment = Schema.String.pipe(
  Schema.decodeTo(Schema.declare(DateTime.isDateTime, { message: "give a DateTime" }), {
    decode: SchemaGetter.transform((text: string): DateTime.DateTime => DateTime.makeUnsafe(text)),
    encode: SchemaGetter.transform((time: DateTime.DateTime) =>
      DateTime.formatIso(DateTime.toUtc(time)).replace(/\.\d+Z$/, "Z")
    )
  })
)

const dateText = (pattern: RegExp, message: string) =>
  Schema.String.annotate({ message }).pipe(
    Schema.check(Schema.makeFilter((text: string) => pattern.test(text) || message))
  )

/** A month of the vendor's calendar, as `2026-01`. */
export const Month = dateText(/^\d{4}-(0[1-9]|1[0-2])$/, "give a month, as 2026-01")

/** A day of the vendor's calendar, as `2026-01-31`. */
export const Day = dateText(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, "give a day, as 2026-01-31")

const lastOffset = 2_147_483_647

/** The fields of a request for one page. */
export const pageFields = (largest: number) => ({
  /** Rows of the page. Default: the maximum. */
  limit: Schema.optionalKey(Lenient.between(1, largest)),
  /** How many rows precede it. @default 0 */
  offset: Schema.optionalKey(Lenient.between(0, lastOffset))
})

/** The first page, of the maximum size. */
export const firstPage = (largest: number) => ({ limit: largest, offset: 0 })

/** Pages by `offset` and `limit`. */
export const page = <const Field extends string, Row>(options: {
  readonly rows: Field
  readonly largest: number
  /** The field of the answer with the total number of rows. */
  readonly total: string
  readonly key: (row: Row) => string
}) =>
  ({
    rows: options.rows,
    offset: "offset",
    limit: "limit",
    largest: options.largest,
    total: [options.total],
    key: options.key
  }) satisfies Operation.Page<Field>

/** Identifies a row without an id by all its fields. */
export const wholeRow = (row: unknown): string =>
  JSON.stringify(row, (_key, value) => (typeof value === "bigint" ? `${value}` : value)) ?? ""

/** Text in an answer. */
export const text = Lenient.nullish(Lenient.Text)

/** A whole number in an answer. */
export const whole = Lenient.nullish(Lenient.Whole)

/** A truth value in an answer. */
export const truth = Lenient.nullish(Lenient.Truth)

/** A time in an answer. An absent one may be empty text. */
export const time = Lenient.nullish(Lenient.orBlank(Lenient.Moment))

/** A decimal in an answer, with its unit in another field. An absent one may be empty text. */
export const decimal = Lenient.nullish(Lenient.orBlank(Lenient.Decimal))
