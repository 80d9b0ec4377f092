/**
 * One operation of a provider's API as one value: its name, its safety class, the schemas of its request
 * and its answer, and where its rows are. The typed client, the checks before sending, the decoding and
 * the tables in the documents are made from it.
 *
 * A client speaks the provider's own words: fields have the names that the provider's pages have. Values are
 * exact: amounts are `Quantity`, and `null` stays `null`. Each answer carries the body as it came, `raw`, since
 * a schema drops the fields that it does not name.
 */
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import { defined } from "../model/KnownKeys.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import type { Safety } from "./Safety.ts"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"

/** A schema that needs nothing but the value. */
export type Wire = Schema.Codec<unknown, unknown>

/** An object of an answer, as it came. Its secrets are `Redacted`. */
export type Fields = Readonly<Record<string, unknown>>

/** One operation. */
export interface Operation<Request extends Wire = Wire, Answer extends Wire = Wire> {
  /** The provider's own name of it. */
  readonly name: string
  /** What may be done when no answer comes. */
  readonly safety: Safety
  /** The class of a request that is safer than the others of its operation. */
  safetyOf?(request: Request["Type"]): Safety
  readonly request: Request
  /** All of the answer that is one piece: an answer that lacks it is malformed. */
  readonly answer: Answer
  /** What contradicts the request in an answer that is sound by itself, in words; nothing if it agrees. */
  contradicts?(answer: Answer["Type"], request: Request["Type"]): string | undefined
  /** How the answer comes in pages, where it does. */
  readonly page?: Page
  /** Which fields of the answer are secret, as `credential.secret`; in every row, as `UHostSet.Password`. */
  readonly secret?: ReadonlyArray<string>
  /** One sentence: what it does. */
  readonly doc: string
  /** Where the provider documents it. */
  readonly source: string
}

/** An operation whose answer has rows. A row that cannot be read leaves the others readable. */
export interface Listing<
  Request extends Wire = Wire,
  Answer extends Wire = Wire,
  Field extends string = string,
  Row extends Wire = Wire
> extends Operation<Request, Answer> {
  readonly rows: { readonly field: Field; readonly row: Row }
}

/**
 * Makes the functions with which an adapter writes its operations down, each with traits of its own, such as a
 * path.
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
  /** The field of the answer that has the rows. */
  readonly rows: Field
  /** The fields of the request. They may be absent: then the first page is asked for, as large as it may be. */
  readonly offset: string
  readonly limit: string
  /** The most rows of one page. */
  readonly largest: number
  /** The fields of the answer that may have the number of all rows: the first one that is there counts. */
  readonly total: ReadonlyArray<string>
  /** What a row is known by. It must not change while the listing is read. */
  key(row: unknown): string
}

/** A row that could not be read. */
export interface Unreadable {
  /** Its place in the answer, from 0. */
  readonly index: number
  /** What is wrong with it, without its values. */
  readonly problem: string
}

/** What every answer has besides its own fields. */
export interface Came {
  /** The body as it came, also what is not documented. Secrets are `Redacted`. */
  readonly raw: Fields
  readonly requestId?: string
  /** When it was answered, by the provider's clock: the HTTP header `Date`. Milliseconds since 1970. */
  readonly answeredAt?: number
}

/** What an operation answers. */
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

/** What an operation takes. */
export type Request<Op extends { readonly request: Wire }> = Op["request"]["Type"]

/** The first field that is wrong, as `UserInfo[0].RemarkName`, and what is expected of it; others follow it. */
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

/** A struct without fields lets every object pass as it is. */
const isEmpty = ({ ast }: Wire): boolean =>
  SchemaAST.isObjects(ast) && ast.propertySignatures.length === 0 && ast.indexSignatures.length === 0

/** The fields of an object that a schema knows. */
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

/** Reads a value as a schema describes it; fails with the fields that are wrong, and what is expected of them. */
export const reader = <S extends Wire>(schema: S) => {
  const decode = Schema.decodeUnknownResult(schema)
  return (value: unknown): Result.Result<S["Type"], string> =>
    Result.mapError(decode(value), ({ issue }) => sentenceOf(problemOf(issue)))
}

/** Checks a request and writes it as the wire has it, its fields in the order of the schema. */
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

/** Reads a body. Rows are read one by one. */
export const decoderOf = <Op extends Operation>(operation: Op) => {
  const { answer: schema, secret = [] } = operation
  const contradicts = operation.contradicts?.bind(operation)
  const rows = isListing(operation) ? operation.rows : undefined
  const decodeWhole = Schema.decodeUnknownResult(schema)
  const hasNoFields = isEmpty(schema)
  const decodeRow = rows === undefined ? undefined : Schema.decodeUnknownResult(rows.row)
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
    for (const [index, row] of listed.entries()) {
      const decoded = decodeRow(row)
      if (Result.isSuccess(decoded)) read.push(decoded.success)
      else unreadable.push({ index, problem: sentenceOf(problemOf(decoded.failure.issue)) })
    }
    const complete: Fields & Came = { ...answer, [rows.field]: read, unreadable }
    return Result.succeed(complete as Answer<Op>)
  }
}

const isListing = (operation: Operation): operation is Listing => "rows" in operation

/** The rows of an answer as they came, in the order of those that could be read. */
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

/** The same value with what is at that path made `Redacted`, in each row where the path leads through a list. */
const hide = (value: unknown, path: ReadonlyArray<string>): unknown => {
  const [key, ...rest] = path
  if (key === undefined) return value === null ? null : Redacted.make(value)
  if (Array.isArray(value)) return value.map((row) => hide(row, path))
  return isFields(value) && Object.hasOwn(value, key) ? { ...value, [key]: hide(value[key], rest) } : value
}

/** A method for each operation, under its key. An operation whose request may be empty can be called without. */
export type Client<Ops extends Readonly<Record<string, Operation>>> = {
  readonly [K in keyof Ops]: Partial<Request<Ops[K]>> extends Request<Ops[K]>
    ? (request?: Request<Ops[K]>) => Effect.Effect<Answer<Ops[K]>, CloudQuotaError>
    : (request: Request<Ops[K]>) => Effect.Effect<Answer<Ops[K]>, CloudQuotaError>
}

/** How an adapter sends a request that was checked. */
export interface Sending<Op extends Operation> {
  readonly operation: Op
  readonly safety: Safety
  /** The request as the wire has it. */
  readonly params: Fields
  /** Reads the body of the answer. */
  readonly decode: (body: unknown) => Result.Result<Answer<Op>, string>
}

const firstPage = ({ page }: Operation): Fields =>
  page === undefined ? {} : { [page.limit]: page.largest, [page.offset]: 0 }

/** Makes the typed client of an API from its operations. */
export const client = <Op extends Operation, const Ops extends Readonly<Record<string, Op>>>(
  operations: Ops,
  options: {
    /** The first half of the names of spans. */
    readonly name: string
    /** Completes a request before it is checked, as with the client's own team, or the present time. */
    readonly complete?: (operation: Op, request: Fields) => Effect.Effect<Fields>
    readonly send: (sending: Sending<Op>) => Effect.Effect<Answer<Op>, CloudQuotaError>
    /** The error of a request that is not sent. */
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
        // A field that is `undefined` is absent, as everywhere in this library.
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
    // The one cast between the table and its types; `wire.types.ts` in the tests holds them together.
  ) as Client<Ops>
}
