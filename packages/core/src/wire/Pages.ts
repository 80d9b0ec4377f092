/**
 * Streams the rows of paged operations: see `OffsetPages`.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { CloudQuotaError, MalformedResponse } from "../model/CloudQuotaError.ts"
import { defined } from "../model/KnownKeys.ts"
import * as OffsetPages from "./OffsetPages.ts"
import * as Rows from "./Rows.ts"
import {
  type Answer,
  type Came,
  type Client,
  type Fields,
  type Operation,
  type Page,
  type Request,
  type Unreadable,
  isFields
} from "./Operation.ts"

/** A row of a paged operation, with its raw form. */
export type Row<Op> = Op extends { readonly page: Page<infer Field> }
  ? Answer<Op> extends { readonly [K in Field]?: ReadonlyArray<infer R> | null | undefined }
    ? R & Pick<Came, "raw">
    : never
  : never

/** A stream of rows for each paged operation, under its key. */
export type Streams<Ops extends Readonly<Record<string, Operation>>> = {
  readonly [K in keyof Ops as Ops[K] extends { readonly page: Page } ? K : never]: Partial<
    Request<Ops[K]>
  > extends Request<Ops[K]>
    ? (request?: Request<Ops[K]>) => Stream.Stream<Row<Ops[K]>, CloudQuotaError>
    : (request: Request<Ops[K]>) => Stream.Stream<Row<Ops[K]>, CloudQuotaError>
}

/** One page. */
type Listed = Came & Fields & { readonly unreadable?: ReadonlyArray<Unreadable> }

type Item = { readonly row: object } | { readonly problem: string; readonly raw: unknown }

/** How many unreadable rows an error names. */
const mostNamed = 5

/**
 * Streams all rows of a listing. Unreadable rows are skipped; at the end the stream fails with `MalformedResponse`,
 * which names them.
 */
export const stream = (
  provider: string,
  operation: Operation & { readonly page: Page },
  call: (request: Fields) => Effect.Effect<Listed, CloudQuotaError>,
  request: Fields
): Stream.Stream<unknown, CloudQuotaError> =>
  Stream.suspend(() => {
    const { page } = operation
    const asked = request[page.limit]
    const problems: Array<string> = []
    const items = OffsetPages.stream<Item>({
      provider,
      operation: operation.name,
      // The call refuses an invalid page size.
      pageSize: asked === undefined ? page.largest : (asked as number),
      key: (item) => ("row" in item ? page.key(item.row) : textOf(item.raw)),
      fetch: (offset, limit) =>
        Effect.map(call({ ...request, [page.offset]: offset, [page.limit]: limit }), (answer) => ({
          rows: itemsOf(answer, page.rows),
          ...numberIn(answer, page.total, "total"),
          ...numberIn(answer, [page.limit], "limit"),
          ...(answer.requestId === undefined ? {} : { requestId: answer.requestId })
        }))
    })
    const rows = Rows.flatMap(items, (item) => {
      if ("row" in item) return Effect.succeed([item.row])
      problems.push(item.problem)
      return Effect.succeed([])
    })
    const end = Stream.suspend(() =>
      problems.length === 0 ? Stream.empty : Stream.fail(unreadable(provider, operation.name, problems))
    )
    return Stream.concat(rows, end)
  })

/** Makes the streams of an API from its operations and the methods of its client. */
export const streams = <Op extends Operation, const Ops extends Readonly<Record<string, Op>>>(
  operations: Ops,
  options: {
    readonly provider: string
    readonly methods: Client<Ops>
    /** Completes a request once, before its first page. */
    readonly complete?: (operation: Op, request: Fields) => Effect.Effect<Fields>
  }
): Streams<Ops> => {
  const { complete = (_operation: Op, request: Fields) => Effect.succeed(request), provider } = options
  const methods: object = options.methods
  return Object.fromEntries(
    Object.entries(operations).flatMap(([key, operation]) => {
      const { page } = operation
      if (page === undefined) return []
      const call: (request: unknown) => Effect.Effect<Listed, CloudQuotaError> = Reflect.get(methods, key)
      const rows = (request: unknown = {}) =>
        isFields(request)
          ? Stream.unwrap(
              Effect.map(complete(operation, defined({ ...request })), (completed) =>
                stream(provider, { ...operation, page }, call, completed)
              )
            )
          : // The method refuses it.
            Stream.fromEffectDrain(call(request))
      return [[key, rows]]
    })
    // The only cast between the table and its types; `wire.types.ts` in the tests checks it.
  ) as Streams<Ops>
}

/** All rows in their order, unreadable ones included. */
const itemsOf = (answer: Listed, field: string): ReadonlyArray<Item> => {
  const rows = answer[field]
  const read = Array.isArray(rows) ? rows : []
  const { unreadable: odd = [] } = answer
  const listed = answer.raw[field]
  const problems = new Map(odd.map(({ index, problem }) => [index, problem]))
  let next = 0
  return Array.from({ length: read.length + odd.length }, (_, index): Item => {
    const problem = problems.get(index)
    const raw: unknown = Array.isArray(listed) ? listed[index] : undefined
    return problem === undefined
      ? { row: { ...read[next++], raw } }
      : { problem: `${field}[${index}]: ${problem}`, raw }
  })
}

const numberIn = <Name extends string>(
  answer: Fields,
  fields: ReadonlyArray<string>,
  name: Name
): { readonly [K in Name]?: number } => {
  const found = fields.map((field) => answer[field]).find((value) => typeof value === "number")
  return typeof found === "number" ? ({ [name]: found } as { readonly [K in Name]: number }) : {}
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, part) => (typeof part === "bigint" ? `${part}` : part)) ?? ""

/** The error of a listing with unreadable rows. All other rows were delivered. */
export const unreadable = (
  provider: string,
  operation: string,
  problems: ReadonlyArray<string>
): CloudQuotaError => {
  const named = problems.slice(0, mostNamed).join("; ")
  const more = problems.length > mostNamed ? `; and ${problems.length - mostNamed} more` : ""
  return new CloudQuotaError({
    provider,
    operation,
    money: "not-moved",
    reason: new MalformedResponse({
      unreadableRows: problems.length,
      message: `${problems.length} rows could not be read, the others are complete: ${named}${more}`
    })
  })
}
