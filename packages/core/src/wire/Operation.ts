/**
 * One operation of a provider's API as one value: name, safety class, schemas of request and answer, paging. The
 * typed client, the checks before sending, the decoding and the documents are made from it.
 *
 * Fields have the names of the provider's pages. Values are exact: amounts are `Quantity`, and `null` stays
 * `null`. Each answer carries its body as `raw`, since a schema drops the fields that it does not name.
 */
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import { defined } from "../model/KnownKeys.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import type { Safety } from "./Safety.ts"
import { directDecoder, undecided } from "./directDecoder.ts"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"

/** A schema without requirements. */
export type Wire = Schema.Codec<unknown, unknown>

/** A JSON object of an answer. Its secrets are `Redacted`. */
export type Fields = Readonly<Record<string, unknown>>

/** One operation. */
export interface Operation<Request extends Wire = Wire, Answer extends Wire = Wire> {
  /** The provider's name of the operation. */
  readonly name: string
  /** Whether it may be sent again after a failure. */
  readonly safety: Safety
  /** The class of a single request, if it is safer than {@link Operation.safety}. */
  safetyOf?(request: Request["Type"]): Safety
  readonly request: Request
  /** The answer without its rows. An answer that does not match is malformed. */
  readonly answer: Answer
  /** Returns a message if a well-formed answer contradicts its request. */
  contradicts?(answer: Answer["Type"], request: Request["Type"]): string | undefined
  /** Paging, if the answer has pages. */
  readonly page?: Page
  /** Secret fields of the answer, as `credential.secret`; in every row, as `UHostSet.Password`. */
  readonly secret?: ReadonlyArray<string>
  /** One sentence about its effect. */
  readonly doc: string
  /** The page that documents it. */
  readonly source: string
}

/** An operation whose answer has rows. An unreadable row does not affect the others. */
export interface Listing<
  Request extends Wire = Wire,
  Answer extends Wire = Wire,
  Field extends string = string,
  Row extends Wire = Wire
> extends Operation<Request, Answer> {
  readonly rows: { readonly field: Field; readonly row: Row }
}

/**
 * Returns the constructors of an adapter's operations, with its own traits, such as a path.
 *
 * @example
 * import { Lenient, Operation } from "@cloud-quota/core/adapter"
 * import { Schema } from "effect"
 *
 * const { listing } = Operation.describing<{ readonly path: string }>()
 *
 * export const listUsers = listing({
 *   name: "ListUsers",
 *   path: "/v1/users",
 *   safety: "read",
 *   request: Schema.Struct({}),
 *   answer: Schema.Struct({}),
 *   rows: { field: "users", row: Schema.Struct({ id: Lenient.Text }) },
 *   doc: "The users.",
 *   source: "ListUsers"
 * })
 */
export const describing = <Traits>() => ({
  /** Describes an operation. */
  operation: <Request extends Wire, Answer extends Wire, const Rest extends Pick<Operation, "page"> & Traits>(
    value: Operation<Request, Answer> & Rest
  ) => value,
  /** Describes an operation whose answer has rows. */
  listing: <
    Request extends Wire,
    Answer extends Wire,
    const Field extends string,
    Row extends Wire,
    const Rest extends Pick<Operation, "page"> & Traits
  >(
    value: Listing<Request, Answer, Field, Row> & Rest
  ) => value
})

/** A listing that comes in pages, by offset and limit. */
export interface Page<Field extends string = string> {
  /** The field of the answer with the rows. */
  readonly rows: Field
  /** Fields of the request. Without them, the first page is requested, as large as possible. */
  readonly offset: string
  readonly limit: string
  /** The most rows of one page. */
  readonly largest: number
  /** Fields of the answer with the number of all rows: the first one present counts. */
  readonly total: ReadonlyArray<string>
  /** The identity of a row. It must not change while the listing is read. */
  key(row: unknown): string
}

/** A row that could not be read. */
export interface Unreadable {
  /** Its index in the answer, from 0. */
  readonly index: number
  /** The reason, without values. */
  readonly problem: string
}

/** Fields of every answer. */
export interface Came {
  /** The whole body, with undocumented fields. Secrets are `Redacted`. */
  readonly raw: Fields
  readonly requestId?: string
  /** The provider's time, from the HTTP header `Date`. Milliseconds since 1970. */
  readonly answeredAt?: number
}

/** The answer of an operation. */
export type Answer<Op> = Op extends { readonly answer: infer A extends Wire }
  ? A["Type"] &
      Came &
      (Op extends {
        readonly rows: { readonly field: infer Field extends string; readonly row: infer Row extends Wire }
      }
        ? { readonly [K in Field]: ReadonlyArray<Row["Type"]> } & {
            /** The rows that could not be read. The others are complete. */
            readonly unreadable: ReadonlyArray<Unreadable>
          }
        : unknown)
  : never

/** The request of an operation. */
export type Request<Op extends { readonly request: Wire }> = Op["request"]["Type"]

/** The first invalid field, as `UserInfo[0].RemarkName`, and the expected form; then further fields. */
export interface Problem {
  readonly field: string
  readonly message: string
}

const format = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) => {
    if (issue._tag === "MissingKey") return "is missing"
    if (issue._tag === "UnexpectedKey")
      return `is not known here: the keys are ${keysOf(issue.ast).join(", ")}`
    return SchemaIssue.defaultLeafHook(issue)
  }
})

/** A struct without fields passes every object unchanged. */
const isEmpty = ({ ast }: Wire): boolean =>
  SchemaAST.isObjects(ast) && ast.propertySignatures.length === 0 && ast.indexSignatures.length === 0

/** Returns the field names of an object schema. */
const keysOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  SchemaAST.isObjects(ast) ? ast.propertySignatures.map(({ name }) => String(name)) : []

const pathText = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === "number" ? `${text}[${key}]` : text === "" ? `${String(key)}` : `${text}.${String(key)}`,
    ""
  )

const problemOf = (issue: SchemaIssue.Issue): Problem => {
  const rows = format(issue).issues.map(({ message, path = [] }) => ({
    field: pathText(path.map((step) => (typeof step === "object" ? step.key : step))),
    message
  }))
  const [first = { field: "", message: "is not what is documented" }, ...others] = rows
  const more = new Set(others.filter(({ field }) => field !== first.field).map(sentenceOf))
  return { field: first.field, message: [first.message, ...more].join("; ") }
}

const sentenceOf = ({ field, message }: Problem): string => (field === "" ? message : `${field}: ${message}`)

/** Decodes a value with a schema. Fails with the invalid fields and their expected forms. */
export const reader = <S extends Wire>(schema: S) => {
  const decode = Schema.decodeUnknownResult(schema)
  return (value: unknown): Result.Result<S["Type"], string> =>
    Result.mapError(decode(value), ({ issue }) => sentenceOf(problemOf(issue)))
}

/** Checks and encodes a request, with its fields in the order of the schema. */
export const encoderOf = <Op extends Operation>(operation: Op) => {
  const encode = Schema.encodeUnknownResult(operation.request, { onExcessProperty: "error", errors: "all" })
  const known = Object.fromEntries(keysOf(operation.request.ast).map((key) => [key, true as const]))
  return (request: unknown): Result.Result<Fields, Problem> => {
    const unknown = KnownKeys.problem(request, known, "request")
    if (unknown !== undefined) return Result.fail(unknown)
    return Result.mapBoth(encode(request), {
      onSuccess: fieldsOf,
      onFailure: ({ issue }) => problemOf(issue)
    })
  }
}

/** Decodes a body. Rows are decoded one by one. */
export const decoderOf = <Op extends Operation>(operation: Op) => {
  const { answer: schema, secret = [] } = operation
  const contradicts = operation.contradicts?.bind(operation)
  const rows = isListing(operation) ? operation.rows : undefined
  const decodeWhole = Schema.decodeUnknownResult(schema)
  const hasNoFields = isEmpty(schema)
  const decodeRow = rows === undefined ? undefined : rowDecoder(rows.row)
  return (body: unknown, request: unknown): Result.Result<Answer<Op>, string> => {
    if (!isFields(body)) return Result.fail("it is no JSON object")
    const raw = fieldsOf(secret.reduce<unknown>((fields, path) => hide(fields, path.split(".")), body))
    const whole = decodeWhole(raw)
    if (Result.isFailure(whole)) return Result.fail(sentenceOf(problemOf(whole.failure.issue)))
    const contradiction = contradicts?.(whole.success, request)
    if (contradiction !== undefined) return Result.fail(contradiction)
    const answer: Fields & Came = { ...(hasNoFields ? {} : fieldsOf(whole.success)), raw }
    if (rows === undefined || decodeRow === undefined) return Result.succeed(answer as Answer<Op>)
    const listed = raw[rows.field] ?? []
    if (!Array.isArray(listed)) return Result.fail(`${rows.field}: expected a list`)
    const read: Array<unknown> = []
    const unreadable: Array<Unreadable> = []
    for (let index = 0; index < listed.length; index += 1) {
      const decoded = decodeRow(listed[index])
      if (decoded instanceof UnreadableRow) unreadable.push({ index, problem: decoded.problem })
      else read.push(decoded)
    }
    const complete: Fields & Came = { ...answer, [rows.field]: read, unreadable }
    return Result.succeed(complete as Answer<Op>)
  }
}

class UnreadableRow {
  readonly problem: string
  constructor(problem: string) {
    this.problem = problem
  }
}

/** Makes the decoder of a row. The schema decodes what the direct decoder leaves. */
const rowDecoder = (schema: Wire): ((row: unknown) => unknown) => {
  const direct = directDecoder(schema.ast) ?? (() => undecided)
  const decode = Schema.decodeUnknownResult(schema)
  return (row) => {
    const decided = direct(row)
    if (decided !== undecided) return decided
    const decoded = decode(row)
    return Result.isSuccess(decoded)
      ? decoded.success
      : new UnreadableRow(sentenceOf(problemOf(decoded.failure.issue)))
  }
}

const isListing = (operation: Operation): operation is Listing => "rows" in operation

/** Returns the raw rows of the readable rows, in their order. */
export const rawRows = (
  { raw, unreadable }: Came & { readonly unreadable: ReadonlyArray<Unreadable> },
  field: string
): ReadonlyArray<Fields> => {
  const listed = raw[field]
  const skipped = new Set(unreadable.map(({ index }) => index))
  return Array.isArray(listed) ? listed.filter((_, index) => !skipped.has(index)).map(fieldsOf) : []
}

/** True for a JSON object. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {})

/** Redacts the value at a path; in each row, if the path leads through a list. */
const hide = (value: unknown, path: ReadonlyArray<string>): unknown => {
  const [key, ...rest] = path
  if (key === undefined) return value === null ? null : Redacted.make(value)
  if (Array.isArray(value)) return value.map((row) => hide(row, path))
  return isFields(value) && Object.hasOwn(value, key) ? { ...value, [key]: hide(value[key], rest) } : value
}

/** A method for each operation, under its key. The request is optional if all its fields are. */
export type Client<Ops extends Readonly<Record<string, Operation>>> = {
  readonly [K in keyof Ops]: Partial<Request<Ops[K]>> extends Request<Ops[K]>
    ? (request?: Request<Ops[K]>) => Effect.Effect<Answer<Ops[K]>, CloudQuotaError>
    : (request: Request<Ops[K]>) => Effect.Effect<Answer<Ops[K]>, CloudQuotaError>
}

/** A checked request that an adapter has to send. */
export interface Sending<Op extends Operation> {
  readonly operation: Op
  readonly safety: Safety
  /** The encoded request. */
  readonly params: Fields
  /** Decodes the body of the answer. */
  readonly decode: (body: unknown) => Result.Result<Answer<Op>, string>
}

const firstPage = ({ page }: Operation): Fields =>
  page === undefined ? {} : { [page.limit]: page.largest, [page.offset]: 0 }

/** Makes the typed client of an API from its operations. */
export const client = <Op extends Operation, const Ops extends Readonly<Record<string, Op>>>(
  operations: Ops,
  options: {
    /** The prefix of span names. */
    readonly name: string
    /** Completes a request before it is checked, for example with the client's own team. */
    readonly complete?: (operation: Op, request: Fields) => Effect.Effect<Fields>
    readonly send: (sending: Sending<Op>) => Effect.Effect<Answer<Op>, CloudQuotaError>
    /** Makes the error of a refused request. */
    readonly refuse: (operation: Op, problem: Problem) => CloudQuotaError
  }
): Client<Ops> => {
  const {
    complete = (_operation: Op, request: Fields) => Effect.succeed(request),
    name,
    refuse,
    send
  } = options
  return Object.fromEntries(
    Object.entries(operations).map(([key, operation]) => {
      const encode = encoderOf(operation)
      const decode = decoderOf(operation)
      const method = Effect.fn(`${name}.${key}`)(function* (request: unknown = {}) {
        // An `undefined` field counts as absent.
        const completed = isFields(request)
          ? yield* complete(operation, { ...firstPage(operation), ...defined(request) })
          : request
        const params = encode(completed)
        if (Result.isFailure(params)) return yield* refuse(operation, params.failure)
        const safety = operation.safetyOf?.(completed) ?? operation.safety
        return yield* send({
          operation,
          safety,
          params: params.success,
          decode: (body) => decode(body, completed)
        })
      })
      return [key, method]
    })
    // The only cast between the table and its types; `wire.types.ts` in the tests checks it.
  ) as Client<Ops>
}
