/** Reads a successful answer. A deviation from the documentation is an error that names its place. */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import * as Decode from "@cloud-quota/core/adapter/Decode"
import * as Result from "effect/Result"
import { malformed } from "./errors.ts"
import type { Answer } from "./exchange.ts"

/** Reads the JSON object of an answer to a read. */
export const decodeAnswer = <A>(
  operation: string,
  { body, requestId }: Answer,
  decode: (fields: Decode.Fields) => Result.Result<A, string>
): Result.Result<A, CloudQuotaError> =>
  Result.mapError(
    Result.flatMap(
      Result.mapError(Decode.fields(body), () => "there is no object"),
      decode
    ),
    (problem) =>
      malformed({
        operation,
        money: "not-moved",
        message: `the answer is not what is documented: ${problem}`,
        ...Decode.defined({ requestId })
      })
  )
