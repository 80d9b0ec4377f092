/**
 * The neutral services of one account, made from its driver, and several accounts together. Uses everything
 * below: model, wire, transport, journal, engine.
 */
export * as Account from "./Account.ts"
export * as Accounts from "./Accounts.ts"
export * as Billing from "./Billing.ts"
export * as Changes from "./Changes.ts"
export * as History from "./History.ts"
export * as Member from "./Member.ts"
export * as Quota from "./Quota.ts"
export * as Review from "./Review.ts"
