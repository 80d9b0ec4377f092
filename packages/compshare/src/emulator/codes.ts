/**
 * The codes that the emulator answers with. It has no others, so that `RetCode` can be held against these.
 */

/** Why a request is turned away as a whole: its `RetCode`. */
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

/** Why one of several was passed over: the `Code` in `ErrorMap` or `FailedMembers`, by the action that gives it. */
export const memberCodes = {
  CreateCompShareTeamRelation: 16001,
  SetCompShareTeamAmount: 17001
} as const

export type MemberCode = (typeof memberCodes)[keyof typeof memberCodes]

/** Why one instance of several has no refund price: the `Code` in `RefundPriceSet`. */
export const instanceCodes = {
  notAvailable: 230,
  expired: 226602
} as const
