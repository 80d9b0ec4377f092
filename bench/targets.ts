/** What each bench measures, and its goals, in the order of the printed table. */
import type { Target, Unit } from "./frame/rows.ts"

const atMost = (number: number, what: string, unit: Unit = "x"): Target => ({
  what,
  unit,
  goal: { atMost: number }
})

/** A row that explains another one, without a goal of its own. */
const noted = (what: string, unit: Unit = "x"): Target => ({ what, unit })

export const targets = {
  /** 64 calls at once. CPU of this process, unless it says wall. */
  calls: {
    team1: atMost(2, "team of 1, beside raw + signature"),
    team1Wall: noted("  wall"),
    team100: atMost(2.5, "team of 100, beside raw + signature"),
    team100Wall: noted("  wall"),
    list: atMost(2.5, "ListUserQuotas 100, beside raw + signature"),
    listWall: noted("  wall"),
    put: atMost(2, "UpdateUserQuotas, beside raw + signature"),
    putWall: noted("  wall"),
    listVendor: atMost(0.7, "ListUserQuotas 100, beside Huawei's core"),
    putVendor: atMost(0.5, "UpdateUserQuotas, beside Huawei's core")
  },
  /** A call of one member over a transport that answers at once. */
  layers: {
    call: atMost(60, "one member's call without network", "us"),
    byHand: noted("  by hand: signature, body, JSON.parse", "us"),
    rateLimit: noted("  of it the rate limit", "us"),
    circuitBreaker: noted("  of it the circuit breaker", "us"),
    spans: noted("  of it the spans", "us"),
    form: noted("  of it the signed form", "us"),
    json: noted("  of it reading JSON", "us")
  },
  /** CPU beside the hashes alone, of the same text. */
  sign: {
    compshare: atMost(4, "UCloud SHA-1, beside a bare hash"),
    metastudioGet: atMost(3, "SDK-HMAC-SHA256 of a GET, beside hashes"),
    metastudioPut: atMost(3, "SDK-HMAC-SHA256 of a PUT, beside hashes")
  }
} as const satisfies Readonly<Record<string, Readonly<Record<string, Target>>>>
