/** Requests without a schema: any action by its name, and the connection of a change. */
import * as Result from "effect/Result"
import * as KnownKeys from "@cloud-quota/core/adapter/KnownKeys"
import { type CloudQuotaError, invalid } from "@cloud-quota/core/CloudQuotaError"
import type { Safety } from "@cloud-quota/core/adapter/Retry"
import type * as Signature from "./Signature.ts"
import { provider } from "./settings.ts"

/** The only action that moves money. */
export const changeAction = "SetCompShareTeamAmount"

type Checked = Result.Result<void, CloudQuotaError>

/** Callers without types may pass anything. Any other value would be retried like a harmless request. */
const safeties: ReadonlyArray<Safety> = ["read", "idempotent-write", "create", "delta"]

/** The parameters that the client itself adds to a request. */
const reserved = ["Action", "PublicKey", "Signature", "SecurityToken"]

const refuse = (action: string, field: string, message: string): Result.Result<never, CloudQuotaError> =>
  Result.fail(invalid({ provider, operation: action, field, message }))

/** Refuses an object with an unknown key. */
export const checkNames = (
  action: string,
  value: unknown,
  names: Readonly<Record<string, true>>,
  what: string
): Checked => {
  const problem = value === undefined ? undefined : KnownKeys.problem(value, names, what)
  return problem === undefined ? Result.void : refuse(action, problem.field, problem.message)
}

export const checkCall = (action: string, params: Signature.Params, safety: Safety): Checked => {
  if (typeof action !== "string" || !/^[A-Za-z][A-Za-z0-9]{0,127}$/.test(action)) {
    return refuse("call", "action", "give the name of an action, as ListCompShareTeam")
  }
  if (!safeties.includes(safety)) {
    return refuse(action, "safety", `give one of ${safeties.join(", ")}`)
  }
  if (action.toLowerCase() === changeAction.toLowerCase() && safety !== "delta") {
    return refuse(action, "safety", `must be delta: sent twice, ${changeAction} moves the money twice`)
  }
  const own = reserved.find((key) => params[key] !== undefined)
  return own === undefined
    ? Result.void
    : refuse(action, own, "is written by the client itself: leave it out")
}
