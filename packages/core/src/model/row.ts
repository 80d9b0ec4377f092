/**
 * The common parts of all rows. Listings are written as rows, one JSON object or CSV line for each
 * value, with the same fields in every one of them.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import * as SchemaTransformation from "effect/SchemaTransformation"

/** A field that every row has: `null` where its value is not known. */
export const orNull = <S extends Schema.Constraint>(schema: S, description: string) =>
  Schema.NullOr(schema).annotate({ description })

/** The id of a metric. */
export const metric = Schema.String.annotate({
  description: "What is limited, as allowance or video-minutes."
})

const iso = Schema.isPattern(/^([+-]\d\d)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u)

/** A moment as ISO 8601 in UTC, to the millisecond, as `2026-11-01T08:00:00.000Z`. */
export const time = (description: string) =>
  Schema.String.annotate({ format: "date-time", description })
    .check(iso)
    .pipe(
      Schema.decodeTo(Schema.DateTimeUtc, {
        decode: SchemaGetter.transformEffect((text, options) =>
          Option.match(
            // `Date` makes the second of March of the thirtieth of February.
            Option.filter(DateTime.make(text), (time) => DateTime.formatIso(time) === text),
            {
              onNone: () =>
                Effect.fail(new SchemaIssue.InvalidValue({ message: "expected a moment" }, text, options)),
              onSome: (time) => Effect.succeed(DateTime.toUtc(time))
            }
          )
        ),
        encode: SchemaGetter.transform(DateTime.formatIso)
      })
    )

/** Fields that the command adds to rows, to say where they are from. Decoding drops them. */
export const printed = {
  account: Schema.optionalKey(
    Schema.String.annotate({ description: "The account's name. Only in what the command prints." })
  )
}

/** The same of results of changes. */
export const printedOfResults = {
  run: Schema.optionalKey(
    Schema.NullOr(Schema.String).annotate({
      description: "The run of the call. Only in what the command prints."
    })
  ),
  name: Schema.optionalKey(
    Schema.NullOr(Schema.String).annotate({
      description: "What the provider calls the member. Only in what the command prints."
    })
  ),
  person: Schema.optionalKey(
    Schema.NullOr(Schema.String).annotate({
      description: "Who the member is. Only in what the command prints."
    })
  )
}

/** The same schema, whose decoder refuses keys that it does not know, whether or not that is asked for. */
export const strict = <S extends Schema.Constraint>(schema: S) =>
  asWritten(Schema.toEncoded(schema)).pipe(Schema.decodeTo(schema))

const asWritten = <A>(schema: Schema.Codec<A>) =>
  Schema.declareConstructor<A>()(
    [schema],
    ([codec]) =>
      (input, _, options) =>
        SchemaParser.decodeUnknownEffect(codec)(input, { ...options, onExcessProperty: "error" }),
    { toCodec: ([codec]) => Schema.link<A>()(codec, SchemaTransformation.passthrough()) }
  )

/** How a value is written as a row, and read from one. */
export interface Way<Value, Row, R> {
  readonly encode: (value: Value) => Row
  /** The value that a row says; or which fields say none, in words for people. */
  readonly decode: (row: Row) => Effect.Effect<Value, string, R>
  /** Fields that follow from others and need not be the very same, or that are too large to compare. */
  readonly unchecked?: ReadonlyArray<keyof Row & string>
}

/**
 * The schema of a value whose encoded form is a row. A row is refused if its value would be written otherwise:
 * then its fields contradict each other.
 */
export const schemaOf = <Value extends Schema.Constraint, Row extends object, Encoded, R = never>(
  value: Value,
  row: Schema.Codec<Row, Encoded>,
  { decode, encode, unchecked = [] }: Way<Value["Type"], NoInfer<Row>, R>
) => {
  const skipped = new Set<string>(unchecked)
  const contradiction = (read: Row, written: Row): string | undefined =>
    Object.entries(written).find(
      ([name, field]) => !skipped.has(name) && !Equal.equals(field, read[name as keyof Row])
    )?.[0]
  return strict(row).pipe(
    Schema.decodeTo(Schema.toType(value), {
      decode: SchemaGetter.transformEffect<Value["Type"], Row, R>((read, options) =>
        decode(read).pipe(
          Effect.filterOrFail(
            (value) => contradiction(read, encode(value)) === undefined,
            (value) => `${contradiction(read, encode(value))} contradicts the other fields`
          ),
          Effect.mapError((message) => new SchemaIssue.InvalidValue({ message }, read, options))
        )
      ),
      encode: SchemaGetter.transform(encode)
    })
  )
}

/** The known fields: a `null` of a row is absent in a value. */
export const present = <Fields extends object>(fields: Fields): Present<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Present<Fields>

type Present<Fields> = {
  readonly [Key in keyof Fields as null extends Fields[Key] ? never : Key]: Fields[Key]
} & {
  readonly [Key in keyof Fields as null extends Fields[Key] ? Key : never]?: Exclude<Fields[Key], null>
}
