/**
 * Sub-account isolation, without which MetaStudio refuses every write of a quota, and ignores whose use is
 * asked for.
 */
import { CloudQuotaError, PreconditionFailed } from "@cloud-quota/core/CloudQuotaError"
import * as Effect from "effect/Effect"
import type { MetaStudioClient } from "../api/MetaStudioClient.ts"
import { provider } from "../api/errors.ts"
import { makeRenewed } from "../api/auth/renewed.ts"

/** `not-told`: the provider does not say, or not to these credentials. */
type State = "on" | "off" | "not-told"

/** What is known of the tenant's isolation. */
export interface Isolation {
  /** Read anew each time: somebody may have switched it off, and then use is told of everybody. */
  readonly state: Effect.Effect<State, CloudQuotaError>
  /**
   * Fails with `PreconditionFailed` if isolation is off. Nothing was sent then that changes anything. Read once,
   * and again only while it is off: if it was switched off since, the provider refuses the change itself.
   */
  readonly required: (operation: string) => Effect.Effect<void, CloudQuotaError>
}

/** Makes the look at one tenant. */
export const makeIsolation = (client: MetaStudioClient["Service"]): Isolation => {
  const state = client.showTenantServiceConfigs().pipe(
    Effect.map(({ sub_account_control_config: control }): State => {
      const isOn = control?.separately_controlled
      return isOn == null ? "not-told" : isOn ? "on" : "off"
    }),
    // Who may not look may still write, and is told by the provider if not. An outage passes, so that
    // nothing is written into it.
    Effect.catch((error) => (error.isRetryable ? Effect.fail(error) : Effect.succeed<State>("not-told")))
  )
  const kept = makeRenewed<State>({ fetch: state, isGood: (known) => known !== "off" })
  return {
    state,
    required: (operation) =>
      Effect.flatMap(kept.current, (known) => (known === "off" ? Effect.fail(isOff(operation)) : Effect.void))
  }
}

/**
 * What to do about isolation that is off.
 *
 * Source: the user guide of MetaStudio, "Account Settings" and "Asset Ownership Allocation".
 */
export const remedy =
  'as the root account, switch it on in the MetaStudio console under "IAM User Isolation > Account Settings" (子账户隔离配置 > 账户设置), which Huawei Cloud shows only after a service ticket that names the project. This library never switches it on, since all that sub-accounts have made so far then belongs to the root account'

const isOff = (operation: string) =>
  new CloudQuotaError({
    provider,
    operation,
    money: "not-moved",
    reason: new PreconditionFailed({
      message: `sub-account isolation is switched off, without which MetaStudio refuses every change of a quota: ${remedy}`
    })
  })
