/**
 * The users, projects and accounts of Huawei Cloud's IAM. Read only: nothing here makes or changes a user.
 *
 * Methods and fields have the names of the vendor's pages: see `Iam` for the operations and their schemas.
 */
import type { CloudQuotaError } from "@cloud-quota/core/CloudQuotaError"
import type * as Operation from "@cloud-quota/core/adapter/Operation"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { iamOperations } from "./iam.ts"
import { makeClient } from "./client.ts"
import { type Row, markerPages } from "./markerPages.ts"
import type { Session } from "./session.ts"

/** The methods of the client. Every failure is a `CloudQuotaError` without secrets. */
export interface Service extends Operation.Client<typeof iamOperations> {
  /** The id of the account: `domainId` of the options, or else looked up once. */
  readonly domainId: Effect.Effect<string, CloudQuotaError>
  readonly stream: {
    /**
     * All users, page by page (version 5 of the API), each with `raw`, the row as received. If some rows
     * could not be read, the stream fails at the end and names them.
     */
    readonly listUsersV5: (
      request?: Operation.Request<typeof iamOperations.listUsersV5>
    ) => Stream.Stream<Row, CloudQuotaError>
  }
}

/**
 * Huawei Cloud's IAM, read only. `MetaStudioClient.layer` provides it.
 *
 * @example
 * import { IamClient } from "@cloud-quota/metastudio"
 * import { Effect } from "effect"
 *
 * export const names = Effect.gen(function* () {
 *   const iam = yield* IamClient.IamClient
 *   const { users } = yield* iam.keystoneListUsers({ enabled: true })
 *   return users.map(({ id, name }) => `${name} (${id})`)
 * })
 */
export class IamClient extends Context.Service<IamClient, Service>()("@cloud-quota/metastudio/IamClient") {}

/** Makes the client from the shared session of an account. */
export const make = ({ domainId, iam, projectId }: Session): Service => {
  const client = makeClient(iamOperations, { name: "IamClient", service: iam, projectId })
  return {
    ...client,
    domainId,
    stream: { listUsersV5: (request) => markerPages(client.listUsersV5, request) }
  }
}
