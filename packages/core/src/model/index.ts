/**
 * Values and contracts: amounts, limits, metrics, changes and their reports, errors, periods, people, and the
 * driver. Imports no other room.
 */
export * as AccountIdentity from "./AccountIdentity.ts"
export * as Capabilities from "./Capabilities.ts"
export * as Change from "./Change.ts"
export * as CloudQuotaError from "./CloudQuotaError.ts"
export * as Driver from "./Driver.ts"
export * as KnownKeys from "./KnownKeys.ts"
export * as Limit from "./Limit.ts"
export * as Metric from "./Metric.ts"
export * as People from "./People.ts"
export * as Period from "./Period.ts"
export * as Quantity from "./Quantity.ts"
export * as Report from "./Report.ts"
export * as SafeText from "./SafeText.ts"
export * as SafetyCheck from "./SafetyCheck.ts"
