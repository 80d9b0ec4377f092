/**
 * Rows of the journal's tables. They are decoded, since a database may be damaged or belong to another
 * program.
 */
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import {
  type AccountFacts,
  Closing,
  type Event,
  type Intent,
  type JournalError,
  type MemberFacts,
  type PutLimits,
  State
} from "./contract.ts"
import * as Limit from "../model/Limit.ts"
import { MemberId } from "../model/MemberInfo.ts"
import type { MetricId } from "../model/Metric.ts"
import * as Quantity from "../model/Quantity.ts"
import { damaged } from "./schema.ts"
import type { Row } from "./database.ts"

export const text = (quantity: Quantity.Quantity | undefined): string | null =>
  quantity === undefined ? null : Quantity.format(quantity)

const limitTexts = (limits: ReadonlyMap<MetricId, Limit.Limit>) =>
  Object.fromEntries(Array.from(limits, ([metric, limit]) => [metric, String(limit)]))

export const putText = ({ after, before }: PutLimits): string =>
  JSON.stringify({ before: limitTexts(before), after: limitTexts(after) })

export const integer = (value: number | undefined): bigint | null =>
  value === undefined ? null : BigInt(value)

const Integer = Schema.BigInt.pipe(
  Schema.decodeTo(Schema.Int, {
    decode: SchemaGetter.transform(Number),
    encode: SchemaGetter.transform(BigInt)
  })
)

const Id = Schema.BigInt.pipe(
  Schema.decodeTo(Schema.String, {
    decode: SchemaGetter.transform(String),
    encode: SchemaGetter.transform(BigInt)
  })
)

const parsed = <A>(parse: (text: string) => Result.Result<A, unknown>) =>
  SchemaGetter.transformEffect((text: string) =>
    Effect.mapError(Effect.fromResult(parse(text)), () => new SchemaIssue.InvalidValue())
  )

const QuantityText = Schema.String.pipe(
  Schema.decodeTo(Schema.declare(Quantity.isQuantity), {
    decode: parsed(Quantity.parse),
    encode: SchemaGetter.transform(Quantity.format)
  })
)

const isLimit = (value: unknown): value is Limit.Limit =>
  typeof value === "object" && value !== null && "_tag" in value

const LimitText = Schema.String.pipe(
  Schema.decodeTo(Schema.declare(isLimit), {
    decode: parsed((limit) =>
      limit === String(Limit.unlimited)
        ? Result.succeed(Limit.unlimited)
        : Result.map(Quantity.parse(limit), Limit.finite)
    ),
    encode: SchemaGetter.transform(String)
  })
)

/** A column that may be `NULL`, which becomes an absent key. */
const Absent = <A, E>(column: Schema.Codec<A, E>) =>
  Schema.NullOr(column).pipe(
    Schema.decodeTo(Schema.optionalKey(Schema.toType(column)), {
      decode: SchemaGetter.transformOptional(Option.filter((value: A | null) => value !== null)),
      encode: SchemaGetter.transformOptional(Option.orElseSome((): A | null => null))
    })
  )

const EvidenceText = Schema.Literals(["response", "read-back", "read-back+log", "human"])

const LimitTexts = Schema.Record(Schema.String, LimitText)

const PutText = Schema.fromJsonString(Schema.Struct({ before: LimitTexts, after: LimitTexts }))

const IntentRow = Schema.Struct({
  id: Id,
  account: Schema.String,
  run: Schema.String,
  member: MemberId,
  named: Absent(Schema.String),
  metric: Schema.String,
  attempt: Integer,
  request: Schema.String,
  before_limit: LimitText,
  before_available: Absent(QuantityText),
  after_limit: LimitText,
  delta: Absent(QuantityText),
  membership: Absent(Schema.String),
  audit_since: Absent(Integer),
  audit_count: Absent(Integer),
  put: Absent(PutText),
  closing: Absent(Closing),
  unanswered: Integer,
  fence: Integer,
  owner: Schema.String,
  state: State,
  armed: Integer,
  evidence: Absent(EvidenceText),
  request_id: Absent(Schema.String),
  detail: Absent(Schema.String),
  created_at: Integer,
  updated_at: Integer
})

const toIntent = (row: typeof IntentRow.Type): Intent => {
  const {
    after_limit: after,
    audit_count: count,
    audit_since: since,
    before_available: available,
    before_limit: limit,
    created_at: createdAt,
    put,
    request_id: requestId,
    updated_at: updatedAt,
    ...same
  } = row
  return {
    ...same,
    before: { limit, ...(available === undefined ? {} : { available }) },
    after,
    ...(since === undefined || count === undefined ? {} : { audit: { since, count } }),
    ...(put === undefined
      ? {}
      : { put: { before: new Map(Object.entries(put.before)), after: new Map(Object.entries(put.after)) } }),
    ...(requestId === undefined ? {} : { requestId }),
    createdAt,
    updatedAt
  }
}

const EventRow = Schema.Struct({
  id: Id,
  intent: Id,
  account: Schema.String,
  taken_at: Integer,
  owner: Schema.String,
  from_state: Absent(State),
  to_state: State,
  evidence: Absent(EvidenceText),
  detail: Absent(Schema.String)
})

const toEvent = ({
  from_state: from,
  id,
  taken_at: at,
  to_state: to,
  ...same
}: typeof EventRow.Type): { readonly id: string; readonly event: Event } => ({
  id,
  event: { ...same, at, to, ...(from === undefined ? {} : { from }) }
})

const AccountRow = Schema.Struct({
  baselined_at: Absent(Integer),
  withdrawal: Schema.Literals(["unknown", "lowers-limit", "keeps-limit"]),
  withdrawal_evidence: Absent(Schema.String),
  notice: Absent(Schema.String)
})

const toAccount = ({
  baselined_at: baselinedAt,
  withdrawal_evidence: withdrawalEvidence,
  ...same
}: typeof AccountRow.Type): AccountFacts => ({
  ...same,
  ...(baselinedAt === undefined ? {} : { baselinedAt }),
  ...(withdrawalEvidence === undefined ? {} : { withdrawalEvidence })
})

const MemberRow = Schema.Struct({
  member: MemberId,
  metric: Schema.String,
  settled: QuantityText,
  membership: Schema.String,
  updated_at: Integer
})

const toMember = ({ updated_at: updatedAt, ...same }: typeof MemberRow.Type): MemberFacts => ({
  ...same,
  updatedAt
})

/** The columns that earlier versions lack, for reading a journal of such a version. */
const newColumns = { put: null, closing: null, unanswered: 0n, named: null }

/**
 * Decodes rows of one kind. A row that cannot be decoded fails the whole query: nothing may rest on a part.
 */
export const reader =
  <A, E, B>(what: string, schema: Schema.Codec<A, E>, to: (row: A) => B) =>
  (journal: string, rows: ReadonlyArray<Row>): Effect.Effect<ReadonlyArray<B>, JournalError> =>
    Effect.forEach(rows, (row) =>
      Schema.decodeUnknownEffect(schema)(row).pipe(
        Effect.map(to),
        Effect.mapError(({ message }) =>
          damaged(journal, `${what} ${row["id"] ?? row["member"] ?? ""}: ${message}`)
        )
      )
    )

export const readIntents = (journal: string, rows: ReadonlyArray<Row>) =>
  reader(
    "intent",
    IntentRow,
    toIntent
  )(
    journal,
    rows.map((row) => ({ ...newColumns, ...row }))
  )

export const readEvents = reader("event", EventRow, toEvent)

export const readAccounts = reader("account", AccountRow, toAccount)

export const readMembers = reader("member", MemberRow, toMember)

export const readFences = reader("account", Schema.Struct({ fence: Integer }), identity)

export const readPlaces = reader(
  "journal",
  Schema.Struct({ place: Schema.String, accounts: Integer }),
  identity
)
