/**
 * What all services of one account share: whose they are, and the errors that are the same for all.
 */
import * as Effect from "effect/Effect"
import type { Capability } from "../model/Capabilities.ts"
import { CloudQuotaError, Unsupported } from "../model/CloudQuotaError.ts"
import type { Driver } from "../model/Driver.ts"
import type { People } from "../model/People.ts"

/** What the services of one account are made of. */
export interface ServiceContext {
  /** The account's name. */
  readonly account: string
  readonly driver: Driver
  readonly people: People
}

/** Puts the account's name on an error that an adapter raised without knowing it. */
export const withAccount = (account: string) => (error: CloudQuotaError) =>
  error.account === undefined ? new CloudQuotaError({ ...error, account }) : error

/** The part of a driver that a capability stands for, or a failure that says what the cloud lacks. */
export const supported = <A>(
  { account, driver }: ServiceContext,
  capability: Capability,
  part: A | undefined
): Effect.Effect<A, CloudQuotaError> => {
  if (part !== undefined && driver.capabilities[capability].support !== "unsupported") {
    return Effect.succeed(part)
  }
  const { provider } = driver.identity
  const reason = new Unsupported({ capability, message: whyUnsupported(driver, capability) })
  return Effect.fail(
    new CloudQuotaError({ provider, account, operation: capability, money: "not-moved", reason })
  )
}

/** For people: who does not support it, and the reason that its note gives. */
export const whyUnsupported = ({ capabilities, identity }: Driver, capability: Capability): string => {
  const { note } = capabilities[capability]
  return `not supported by ${identity.provider}${note === undefined ? "" : `: ${note}`}`
}
