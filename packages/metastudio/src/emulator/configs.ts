/** The tenant's settings, sub-account isolation among them. */
import * as Result from "effect/Result"
import { isRecord } from "./quota.ts"
import * as Refusal from "./refusal.ts"
import type { Route } from "./route.ts"
import { decodeBody, json } from "./wire.ts"
import type { World } from "./world.ts"

const path = "/v1/{project_id}/tenants/service-configs"

/** The operations on the tenant's settings. */
export const configRoutes = (world: World): ReadonlyArray<Route> => [
  {
    operation: "ShowTenantServiceConfigs",
    method: "GET",
    path,
    access: "project",
    answer: () => Result.succeed(json(200, describe(world)))
  },
  {
    operation: "UpdateTenantServiceConfigs",
    method: "PUT",
    path,
    access: "project",
    answer: ({ path, request }) =>
      Result.gen(function* () {
        const body = yield* decodeBody(
          request.body,
          ["sub_account_control_config", "is_ai_mark_on"],
          Refusal.invalidBody,
          Refusal.invalidParameter
        )
        const config = body.sub_account_control_config ?? {}
        const aiMark = body.is_ai_mark_on ?? world.aiMark
        if (!isRecord(config)) return yield* invalid("sub_account_control_config must be an object")
        const { separately_controlled: isolation = world.isolation, sub_account_type: type = "IAM_USER" } =
          config
        if (typeof isolation !== "boolean") return yield* invalid("separately_controlled must be a boolean")
        if (type !== "IAM_USER") return yield* invalid("sub_account_type must be IAM_USER")
        if (typeof aiMark !== "boolean") return yield* invalid("is_ai_mark_on must be a boolean")
        world.isolation = isolation
        world.aiMark = aiMark
        return json(200, { ...describe(world), tenant_id: path["project_id"] })
      })
  }
]

const invalid = (detail: string) => Result.fail(Refusal.invalidParameter(detail))

const describe = ({ aiMark, isolation }: World) => ({
  service_shared_config: { enable: false, optional_project_ids: [], no_need_review: false },
  sub_account_control_config: { separately_controlled: isolation, sub_account_type: "IAM_USER" },
  is_ai_mark_on: aiMark
})
