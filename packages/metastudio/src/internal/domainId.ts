/**
 * The id of the account that somebody's credentials belong to. IAM calls an account a domain.
 */
import { CloudQuotaError, PermissionDenied } from "@cloud-quota/core/CloudQuotaError"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { decodeAnswer } from "./answer.ts"
import { provider } from "./errors.ts"
import * as IamRows from "./iamRows.ts"
import { makeRenewed } from "./renewed.ts"
import { type Call, type Door, sendOnce } from "./sendOnce.ts"

/** Lists the accounts of the caller. It names none, since none is known yet. */
export const listAuthDomains = {
  operation: "KeystoneListAuthDomains",
  method: "GET",
  path: ["v3", "auth", "domains"],
  scope: { _tag: "Nothing" },
  safety: "read"
} as const satisfies Call

/** Asks IAM once. A failure is not kept. */
export const makeDomainId = (iam: Door): Effect.Effect<string, CloudQuotaError> =>
  makeRenewed({
    fetch: Effect.flatMap(sendOnce(iam, listAuthDomains), (answer) =>
      Effect.fromResult(
        Result.flatMap(
          decodeAnswer(listAuthDomains.operation, answer, IamRows.domains),
          ({ domains: [first] }) => (first === undefined ? Result.fail(noDomain) : Result.succeed(first.id))
        )
      )
    ),
    isGood: () => true
  }).current

/** The vendor's own SDK gives the same remedy. */
const noDomain = new CloudQuotaError({
  provider,
  operation: listAuthDomains.operation,
  money: "not-moved",
  reason: new PermissionDenied({
    message:
      "IAM tells no account for these credentials: give domainId, the account id that My Credentials shows, or allow iam:users:getUser to the IAM user"
  })
})
