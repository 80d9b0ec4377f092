/** All codes of the emulator's answers, so that `RetCode` can be checked against them. */

/** The `RetCode` of a request that is refused as a whole. */
export const retCodes = {
  missingAction: 160,
  unknownAction: 161,
  missingSignature: 170,
  wrongSignature: 171,
  unknownKey: 172,
  unknownToken: 174,
  noPermission: 200,
  missing: 220,
  notAvailable: 230
} as const

export type RetCode = (typeof retCodes)[keyof typeof retCodes]

/** The `Code` of a skipped member in `ErrorMap` or `FailedMembers`, by action. */
export const memberCodes = {
  CreateCompShareTeamRelation: 16001,
  SetCompShareTeamAmount: 17001
} as const

export type MemberCode = (typeof memberCodes)[keyof typeof memberCodes]

/** The `Code` in `RefundPriceSet` of an instance without a refund price. */
export const instanceCodes = {
  notAvailable: 230,
  expired: 226602
} as const
