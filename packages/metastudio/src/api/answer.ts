/** Reads a successful answer. A deviation from the documentation is an error that names its place. */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import { defined } from "@cloud-quota/core/adapter/KnownKeys"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import * as Result from "effect/Result"
import { malformed } from "./errors.ts"
import type { Answer } from "./exchange.ts"

/** Reads the JSON object of an answer to a read. */
export const decodeAnswer = <A>(
  operation: string,
  { body, requestId }: Answer,
  decode: (body: unknown) => Result.Result<A, string>
): Result.Result<A, CloudQuotaError> =>
  Result.mapError(Operation.isFields(body) ? decode(body) : Result.fail("there is no object"), (problem) =>
    malformed({
      operation,
      money: "not-moved",
      message: `the answer is not what is documented: ${problem}`,
      ...defined({ requestId })
    })
  )
