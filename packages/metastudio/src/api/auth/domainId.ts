/** The id of the account that owns the credentials. IAM calls an account a domain. */
import { CloudQuotaError, PermissionDenied } from "@cloud-quota/core/CloudQuotaError"
import * as Operation from "@cloud-quota/core/adapter/Operation"
import * as Effect from "effect/Effect"
import { iamOperations } from "../iam.ts"
import { callOf, readAnswer, unreadableIn } from "../client.ts"
import { provider } from "../errors.ts"
import { makeRenewed } from "./renewed.ts"
import { type Destination, sendOnce } from "../sendOnce.ts"

const { keystoneListAuthDomains: operation } = iamOperations

const decode = Operation.decoderOf(operation)

/** Looks the id up in IAM once. A failure is not cached. */
export const makeDomainId = (iam: Destination): Effect.Effect<string, CloudQuotaError> =>
  makeRenewed({
    fetch: Effect.gen(function* () {
      const answer = yield* sendOnce(iam, callOf(operation, { projectId: "" }))
      const listed = yield* Effect.fromResult(readAnswer(operation, (body) => decode(body, {}), answer))
      // An account that cannot be read may be the first one.
      const unreadable = unreadableIn(operation, listed)
      if (unreadable !== undefined) return yield* unreadable
      const [first] = listed.domains
      return first === undefined ? yield* noDomain : first.id
    }),
    isGood: () => true
  }).current

/** The vendor's own SDK has the same remedy. */
const noDomain = new CloudQuotaError({
  provider,
  operation: operation.name,
  money: "not-moved",
  reason: new PermissionDenied({
    message:
      "IAM tells no account for these credentials: give domainId, the account id that My Credentials shows, or allow iam:users:getUser to the IAM user"
  })
})
