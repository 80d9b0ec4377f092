/**
 * Sub-account isolation. Without it MetaStudio refuses every write of a quota, and ignores the user filter of
 * usage.
 */
import { CloudQuotaError, PreconditionFailed } from "@cloud-quota/core/CloudQuotaError"
import * as Effect from "effect/Effect"
import type { MetaStudioClient } from "../api/MetaStudioClient.ts"
import { provider } from "../api/errors.ts"
import { makeRenewed } from "../api/auth/renewed.ts"

/** `not-told`: the provider does not report it, at least not to these credentials. */
type State = "on" | "off" | "not-told"

/** The known state of the tenant's isolation. */
export interface Isolation {
  /** Read anew each time: it may have been switched off, and then usage includes all users. */
  readonly state: Effect.Effect<State, CloudQuotaError>
  /**
   * Fails with `PreconditionFailed` if isolation is off. Then no change has been sent. Read once, and again
   * only while it is off: if it was switched off since, the provider itself refuses the change.
   */
  readonly required: (operation: string) => Effect.Effect<void, CloudQuotaError>
}

/** Makes the check of one tenant. */
export const makeIsolation = (client: MetaStudioClient["Service"]): Isolation => {
  const state = client.showTenantServiceConfigs().pipe(
    Effect.map(({ sub_account_control_config: control }): State => {
      const isOn = control?.separately_controlled
      return isOn == null ? "not-told" : isOn ? "on" : "off"
    }),
    // Credentials that may not read the state may still write, and the provider refuses them if not. A
    // transient failure is passed on, so that nothing is written during an outage.
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
 * The remedy if isolation is off.
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
