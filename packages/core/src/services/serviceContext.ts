/** The context that all services of one account share, and the errors that are common to them. */
import * as Effect from "effect/Effect"
import type { Capability } from "../model/Capabilities.ts"
import { CloudQuotaError, Unsupported } from "../model/CloudQuotaError.ts"
import type { Driver } from "../model/Driver.ts"
import type { People } from "../model/People.ts"

/** The parts that the services of one account are made of. */
export interface ServiceContext {
  /** The account's name. */
  readonly account: string
  readonly driver: Driver
  readonly people: People
}

/** Adds the account's name to an error that an adapter raised without it. */
export const withAccount = (account: string) => (error: CloudQuotaError) =>
  error.account === undefined ? new CloudQuotaError({ ...error, account }) : error

/** Returns the part of a driver that implements a capability, or fails with `Unsupported`. */
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

/** Returns why a capability is unsupported, for people: the provider, and the reason in its note. */
export const whyUnsupported = ({ capabilities, identity }: Driver, capability: Capability): string => {
  const { note } = capabilities[capability]
  return `not supported by ${identity.provider}${note === undefined ? "" : `: ${note}`}`
}
