/**
 * The emulated services as one machine: it finds a request's operation, checks the caller, and answers.
 *
 * The operations are in the file of their subject: `quotas`, `resources`, `usage`, `configs` (MetaStudio),
 * `iam` (IAM), `bss` and `freeResources` (billing).
 */
import type * as Emulator from "@cloud-quota/core/testing/Emulator"
import * as Result from "effect/Result"
import { type AccessRules, makeAccess } from "./access.ts"
import { type BssRules, bssRoutes } from "./bss.ts"
import { configRoutes } from "./configs.ts"
import { inventId } from "./dice.ts"
import { freeResourceRoutes } from "./freeResources.ts"
import { type IamRules, iamRoutes } from "./iam.ts"
import { type QuotaRules, quotaRoutes } from "./quotas.ts"
import * as Refusal from "./refusal.ts"
import { resourceRoutes } from "./resources.ts"
import { makeRouter } from "./route.ts"
import { parseTarget } from "./target.ts"
import { usageRoutes } from "./usage.ts"
import { writeRefusal } from "./wire.ts"
import type { World } from "./world.ts"

/**
 * Behaviour of the emulated services that the vendor's documentation leaves open, or leaves to the tenant.
 */
export interface MachineRules extends QuotaRules, AccessRules, IamRules, BssRules {}

/** Makes the machine over a world. */
export const makeMachine = (rules: MachineRules, world: World): Emulator.Machine => {
  let requests = 0
  const route = makeRouter([
    ...quotaRoutes(rules, world),
    ...resourceRoutes(rules, world),
    ...usageRoutes(world),
    ...configRoutes(world),
    ...iamRoutes(rules, world.tokens, () => world.iamUsers),
    ...bssRoutes(rules, world),
    ...freeResourceRoutes(rules)
  ])
  const authenticate = makeAccess(rules, world.tokens)

  const handle = (request: Emulator.WireRequest, now: number): Emulator.WireResponse => {
    requests += 1
    const requestId = inventId(`request/${requests}`)
    const answer = Result.match(answerTo(request, now, requestId), {
      onSuccess: (response) => response,
      onFailure: (refusal) => writeRefusal(refusal, requestId)
    })
    return { ...answer, headers: { ...answer.headers, "x-request-id": requestId } }
  }

  // If two refusals apply, which one the vendor sends is undocumented. Here those of a gateway come first,
  // credentials and then the path; the service's own follow.
  const answerTo = (request: Emulator.WireRequest, now: number, requestId: string) =>
    Result.gen(function* () {
      const target = yield* parseTarget(request.target)
      const found = route(request.method, target)
      const access = found?.route.access ?? "project"
      const projectId = yield* authenticate(access, request, target, now)
      if (found === undefined) return yield* Result.fail(Refusal.noSuchApi)
      if (access === "project" && found.path["project_id"] !== projectId) {
        return yield* Result.fail(Refusal.otherProject)
      }
      return yield* found.route.answer({ request, target, path: found.path, now, requestId })
    })

  const operation = (request: Emulator.WireRequest): string =>
    Result.match(parseTarget(request.target), {
      onSuccess: (target) => route(request.method, target)?.route.operation ?? "unknown",
      onFailure: () => "unknown"
    })

  return { operation, handle }
}
