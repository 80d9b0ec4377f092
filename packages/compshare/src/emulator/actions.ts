/** The provider as a machine: the path of every request, and all actions. */
import type { Machine, WireRequest } from "@cloud-quota/core/testing/Emulator"
import { createHash } from "node:crypto"
import * as Result from "effect/Result"
import { accountActions } from "./account.ts"
import type { Action } from "./call.ts"
import { retCodes } from "./codes.ts"
import { instanceActions } from "./instances.ts"
import { orderActions } from "./orders.ts"
import { priceActions } from "./prices.ts"
import { relationActions } from "./relations.ts"
import { teamActions } from "./teams.ts"
import {
  authenticate,
  type Credentials,
  isDownload,
  notAvailable,
  type Params,
  readParams,
  type Refusal,
  refuse,
  respond,
  respondWith
} from "./wire.ts"
import type { World } from "./world.ts"
import { zones } from "./zones.ts"

const actions: ReadonlyMap<string, Action> = new Map([
  ...teamActions,
  ...relationActions,
  ...orderActions,
  ...instanceActions,
  ...priceActions,
  ...accountActions
])

/** The provider as a machine over one world. */
export const makeMachine = (world: World, credentials: Credentials, seed: number): Machine => {
  let answered = 0
  return {
    operation: (request) => {
      const name = Result.getOrUndefined(readParams(request))?.get("Action")
      return name !== undefined && actions.has(name) ? name : "unknown"
    },
    handle: (request, now) => {
      const requestId = uuid(`${seed}:${answered++}`)
      if (request.method !== "POST" || pathOf(request) !== "/") {
        return { status: 404, headers: { "X-UCLOUD-REQUEST-UUID": requestId }, body: "" }
      }
      const params = readParams(request)
      const name = Result.getOrUndefined(params)?.get("Action")
      const answer = Result.flatMap(params, (read) => {
        const authentic = authenticate(read, credentials)
        if (Result.isFailure(authentic)) return Result.fail(authentic.failure)
        if (name === undefined || name === "") return refuse(retCodes.missingAction, "Missing Action")
        const action = actions.get(name)
        if (action === undefined) return refuse(retCodes.unknownAction, `Action [${name}] not found`)
        return Result.flatMap(checkPlace(read), () => action({ world, params: read, now, requestId }))
      })
      const envelope = name === undefined ? {} : { Action: `${name}Response` }
      if (Result.isFailure(answer)) {
        const { message, retCode } = answer.failure
        return respond(requestId, { RetCode: retCode, Message: message, ...envelope })
      }
      return isDownload(answer.success)
        ? respondWith(requestId, answer.success)
        : respond(requestId, { ...envelope, RetCode: 0, ...answer.success })
    }
  }
}

const pathOf = (request: WireRequest): string => request.target.split("?", 1)[0] ?? ""

/** An id in the provider's format, the same on every run. */
const uuid = (text: string): string => {
  const hex = createHash("sha1").update(text).digest("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-"
  )
}

/** `Region` and `Zone` are optional in nearly all actions. If given, they must exist and fit each other. */
const checkPlace = (params: Params): Result.Result<void, Refusal> => {
  const region = params.get("Region")
  const zone = params.get("Zone")
  if (region !== undefined && !zones.some((known) => known.region === region)) return notAvailable("Region")
  if (
    zone !== undefined &&
    !zones.some((known) => known.zone === zone && (region ?? known.region) === known.region)
  ) {
    return notAvailable("Zone")
  }
  return Result.void
}
