/** What each bench measures, and its goals, in the order of the printed table. */
import type { Target, Unit } from "./frame/rows.ts"

const atMost = (number: number, what: string, unit: Unit = "x"): Target => ({
  what,
  unit,
  goal: { atMost: number }
})

const atLeast = (number: number, what: string, unit: Unit = "x"): Target => ({
  what,
  unit,
  goal: { atLeast: number }
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
  },
  /** Delta roll-outs of 60 changes, SQLite, a server that answers in 50 ms. A script sends them in turn. */
  changes: {
    wall100: atMost(1.3, "wall per change beside script, team of 100"),
    wall2000: atMost(1.3, "  team of 2,000"),
    wall10000: atMost(1.3, "  team of 10,000"),
    wallLogged: atMost(1.3, "  team of 100, 1,900 recent log entries"),
    call: noted("  whole call of 60, with 2 waits of 5 s"),
    everybody: { ...atMost(1.3, "  whole call of 10,000"), long: true },
    cpu100: atMost(10, "CPU per change, team of 100", "ms"),
    cpu2000: atMost(10, "  team of 2,000", "ms"),
    cpu10000: atMost(10, "  team of 10,000", "ms"),
    cpuCall: noted("  whole call of 60, by change", "ms"),
    cpuGrowth: atMost(1.15, "CPU per change, 10,000 beside 100"),
    wallGrowth: atMost(1.15, "wall per change, 10,000 beside 100"),
    requests: atMost(1.1, "requests per change, team of 10,000", ""),
    requestsOnce: atMost(50, "  per call besides, 1,900 log entries", ""),
    connections: noted("connections per change", ""),
    read: noted("read per change, team of 10,000", "MiB"),
    transactions: atMost(3, "transactions of the whole call, by change", ""),
    syncs: noted("syncs of the whole call, by change", "")
  },
  /** Roll-outs of 100 puts, a server that answers in 50 ms. A script has 8 requests at once. */
  puts: {
    sqlite: atMost(1.3, "wall of a roll-out beside script, SQLite"),
    postgres: atMost(1.3, "wall of a roll-out beside script, Postgres"),
    most: atLeast(8, "puts at once", ""),
    cpuSqlite: noted("CPU per change, SQLite", "ms"),
    cpuPostgres: noted("CPU per change, Postgres", "ms"),
    requests: noted("requests per change", ""),
    transactions: atMost(3, "transactions per change, SQLite", ""),
    syncs: noted("syncs per change, SQLite", "")
  },
  /** A delta roll-out of 20 changes with a journal of one account's 1,000,000 changes of 2,000 members. */
  journal: {
    sqlite: atMost(1, "SQLite: slowest query of each change", "ms"),
    sqliteOnce: noted("  slowest query of a call", "ms"),
    sqliteCpu: atMost(1.15, "  CPU per change, 1M beside 10k intents"),
    sqliteWall: noted("  wall per change, 1M beside 10k intents"),
    sqliteOpen: noted("  opening", "s"),
    postgres: atMost(1, "Postgres: slowest query of each change", "ms"),
    postgresOnce: noted("  slowest query of a call", "ms"),
    postgresCpu: noted("  CPU per change, 1M beside 10k intents"),
    postgresWall: atMost(1.15, "  wall per change, 1M beside 10k intents"),
    postgresOpen: noted("  opening", "s")
  }
} as const satisfies Readonly<Record<string, Readonly<Record<string, Target>>>>
