/**
 * How the tenant is set up: whether its sub-accounts are isolated, without which no limit can be written.
 *
 * Source: ShowTenantServiceConfigs on support.huaweicloud.com, and its model in the vendor's Go SDK.
 */
import * as Decode from "@cloud-quota/core/Decode"
import { defined, optional } from "@cloud-quota/core/Decode"
import * as Result from "effect/Result"

/** What the vendor tells of the tenant's settings. It is only read here: nothing switches isolation on. */
export interface ServiceConfigs {
  /** Whether sub-accounts are isolated. The vendor's default is that they are not. */
  readonly separatelyControlled?: boolean
  /** As `IAM_USER`. */
  readonly subAccountType?: string
  readonly isAiMarkOn?: boolean
  /** The whole answer, as it came. */
  readonly details: Decode.Fields
  readonly requestId?: string
}

/** Reads the settings, or says in words what is wrong. */
export const decode = (answer: Decode.Fields): Result.Result<ServiceConfigs, string> =>
  Result.gen(function* () {
    const control = (yield* optional(answer, "sub_account_control_config", Decode.fields)) ?? {}
    return {
      details: answer,
      ...defined({
        separatelyControlled: yield* optional(control, "separately_controlled", Decode.boolean),
        subAccountType: yield* optional(control, "sub_account_type", Decode.text),
        isAiMarkOn: yield* optional(answer, "is_ai_mark_on", Decode.boolean)
      })
    }
  })
