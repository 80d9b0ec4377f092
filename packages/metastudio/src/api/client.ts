/** Typed clients made from operations. All operations are sent, and their answers read, here. */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import type * as Retry from "@cloud-quota/core/adapter/Retry"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import * as Pages from "@cloud-quota/core/adapter/Pages"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { HuaweiOperation } from "./operation.ts"
import { invalid, malformed, provider } from "./errors.ts"
import type { Answer } from "./exchange.ts"
import { known } from "./known.ts"
import type { Call } from "./sendOnce.ts"
import type { Service } from "./service.ts"

/** The methods of a service, and its paged ones as streams. */
export type Client<Ops extends Readonly<Record<string, HuaweiOperation>>> = Operation.Client<Ops> & {
  /** All rows of a listing, page by page. */
  readonly stream: Pages.Streams<Ops>
}

/** How a call deviates from its operation. */
export interface Special {
  readonly safety?: Retry.Safety
  /** See {@link Call}. */
  readonly again?: boolean
}

/** Makes the client of one service. */
export const makeClient = <const Ops extends Readonly<Record<string, HuaweiOperation>>>(
  operations: Ops,
  options: {
    /** The first half of span names. */
    readonly name: string
    readonly service: Service
    readonly projectId: string
    readonly special?: Special
  }
): Client<Ops> => {
  const { name, projectId, service, special = {} } = options
  const methods = Operation.client(operations, {
    name,
    complete: (operation: HuaweiOperation, request) => Effect.succeed({ ...operation.defaults, ...request }),
    refuse: ({ name: operation }, { field, message }) => invalid(operation, field || "request", message),
    send: ({ decode, operation, params, safety }) =>
      service
        .send(
          {
            ...callOf(operation, { params, projectId }),
            safety: special.safety ?? safety,
            ...defined({ again: special.again })
          },
          operation.method === "DELETE" ? goneIsDone() : undefined
        )
        .pipe(Effect.flatMap((answer) => Effect.fromResult(readAnswer(operation, decode, answer))))
  })
  return { ...methods, stream: Pages.streams(operations, { provider, methods }) }
}

/**
 * Converts an operation to a request: the path is filled in, and all other fields go into the query or a JSON
 * body.
 */
export const callOf = (
  { method, name, path, safety, scope }: HuaweiOperation,
  { params = {}, projectId }: { readonly params?: Operation.Fields; readonly projectId: string }
): Call => {
  const filled: Operation.Fields = { ...params, project_id: projectId }
  const fields: Record<string, unknown> = { ...params }
  const segments = segmentsOf(path).map(({ field, text }) => {
    if (field === undefined) return text
    delete fields[field]
    return String(filled[field])
  })
  return {
    operation: name,
    method,
    path: segments,
    ...(method === "POST" || method === "PUT" ? { body: JSON.stringify(fields) } : { query: fields }),
    scope:
      scope === "project"
        ? { _tag: "Project", id: projectId }
        : { _tag: scope === "account" ? "Account" : "Nothing" },
    safety
  }
}

interface Segment {
  readonly text: string
  /** The field that is filled in, if it is one. */
  readonly field?: string
}

const templates = new Map<string, ReadonlyArray<Segment>>()

/** Reads the path of an operation, once. */
const segmentsOf = (path: string): ReadonlyArray<Segment> => {
  const known = templates.get(path)
  if (known !== undefined) return known
  const segments = path
    .slice(1)
    .split("/")
    .map((text): Segment => ({ text, ...defined({ field: /^\{(\w+)\}$/.exec(text)?.[1] }) }))
  templates.set(path, segments)
  return segments
}

/** Reads an answer, or returns its deviation from the documentation. A write may have an empty answer. */
export const readAnswer = <A extends object>(
  operation: HuaweiOperation,
  decode: (body: unknown) => Result.Result<A, string>,
  { body, requestId }: Answer
): Result.Result<A, CloudQuotaError> =>
  Result.mapBoth(decode(body === undefined && operation.safety !== "read" ? {} : body), {
    onSuccess: (read) => ({ ...read, ...inheriting(operation, read), ...defined({ requestId }) }),
    onFailure: (problem) =>
      malformed({
        operation: operation.name,
        money: operation.safety === "read" ? "not-moved" : "unknown",
        message: `the answer is not what is documented: ${problem}`,
        ...defined({ requestId })
      })
  })

/** The rows of an answer, with the fields that they inherit from it. */
const inheriting = ({ inherits = [], rows }: HuaweiOperation, answer: object): Operation.Fields => {
  if (rows === undefined || inherits.length === 0) return {}
  const fields: Operation.Fields = { ...answer }
  const own = fields[rows.field]
  const common = Object.fromEntries(inherits.map((name) => [name, known(fields[name])]))
  return Array.isArray(own)
    ? { [rows.field]: own.map((row: object) => defined({ ...row, ...missingIn(row, common) })) }
    : {}
}

const missingIn = (row: object, common: Operation.Fields): Operation.Fields =>
  Object.fromEntries(
    Object.entries(common).filter(([name]) => known<unknown>(Reflect.get(row, name)) === undefined)
  )

type Listed = { readonly unreadable: ReadonlyArray<Operation.Unreadable> }

/** Returns the rows that cannot be read, each with its index and its problem. */
export const problemsIn = (
  { rows: { field } }: Operation.Listing,
  { unreadable }: Listed
): ReadonlyArray<string> => unreadable.map(({ index, problem }) => `${field}[${index}]: ${problem}`)

/** Returns the error of a listing with unreadable rows, or `undefined` if the listing is complete. */
export const unreadableIn = (operation: Operation.Listing, answer: Listed): CloudQuotaError | undefined => {
  const problems = problemsIn(operation, answer)
  return problems.length === 0 ? undefined : Pages.unreadable(provider, operation.name, problems)
}

/** For a removal: `NotFound` counts as done if an earlier attempt without an answer may have removed it. */
const goneIsDone = () => {
  let mayHaveHappened = false
  return (attempt: Effect.Effect<Answer, CloudQuotaError>): Effect.Effect<Answer, CloudQuotaError> =>
    Effect.catch(attempt, (error) => {
      if (mayHaveHappened && error.reason._tag === "NotFound") {
        return Effect.succeed({ body: undefined, headers: {}, ...defined({ requestId: error.requestId }) })
      }
      mayHaveHappened ||= error.money === "unknown"
      return Effect.fail(error)
    })
}
