/** Errors for invalid arguments, found before anything is sent. */
import * as Effect from "effect/Effect"
import { type CloudQuotaError, invalid } from "../model/CloudQuotaError.ts"
import type { Driver } from "../model/Driver.ts"
import * as KnownKeys from "../model/KnownKeys.ts"

/** The account of a call. */
interface AccountOfCall {
  readonly account: string
  readonly driver: Driver
}

/** Returns the error for an invalid argument, found before anything is sent. */
export const invalidArgument = (
  { account, driver }: AccountOfCall,
  operation: string,
  field: string,
  message: string
): CloudQuotaError => invalid({ provider: driver.identity.provider, account, operation, field, message })

/** Refuses an object with an unknown key. Accepts an absent one, which the caller has to check. */
export const checkKeys = (
  context: AccountOfCall,
  operation: string,
  value: unknown,
  names: Readonly<Record<string, true>>,
  subject?: string
): Effect.Effect<void, CloudQuotaError> => {
  const problem = value === undefined ? undefined : KnownKeys.problem(value, names, subject)
  return problem === undefined
    ? Effect.void
    : Effect.fail(invalidArgument(context, operation, problem.field, problem.message))
}
