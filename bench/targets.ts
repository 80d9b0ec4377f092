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
  /** One answer with 100,000 members. Memory is the most in use, garbage included, over what was before. */
  members: {
    read: atMost(8, "reading 100,000 members, beside JSON.parse"),
    readByHand: noted("  by hand: request and JSON.parse"),
    decode: noted("  parsing and decoding alone"),
    memory: atMost(4, "memory of reading, beside the body"),
    memoryByHand: noted("  by hand: request and JSON.parse")
  },
  /** 16 calls at once. CPU beside the same calls of the Effect API. */
  promise: {
    team1: atMost(1.2, "Promise form, quotas of a team of 1"),
    team100: atMost(1.2, "  quotas of a team of 100"),
    list: atMost(1.2, "  quotas of 100 sub-accounts"),
    get: atMost(1.2, "  quotas of one member of 100")
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
  },
  /** Orders read page by page and written to nowhere. CPU of each row beside a loop over the same pages. */
  orders: {
    csv: atMost(3, "orders as CSV, beside a loop"),
    ndjson: atMost(3, "orders as NDJSON, beside a loop"),
    focus: atMost(3, "orders as FOCUS, beside a loop"),
    loop: noted("  the loop, by row", "us"),
    most: atLeast(4, "requests at once, answers in 50 ms", ""),
    wall: noted("  wall beside the loop"),
    heap: atMost(1.15, "heap in use, 60,000 rows beside 10,000"),
    heapLong: { ...atMost(1.15, "heap in use, 1,000,000 rows beside 10,000"), long: true }
  },
  /** Processes that start, beside `node -e 0`. CPU, user and system. */
  start: {
    version: atMost(3, "cloud-quota --version, beside node -e 0"),
    versionWall: noted("  wall"),
    list: atMost(6, "quota list, 100 members, beside node -e 0"),
    listWall: noted("  wall"),
    effect: noted("import of 4 subpaths of effect, over node", "ms"),
    coreSubpath: atMost(30, "core/Account, over effect", "ms"),
    adapterSubpath: atMost(30, "compshare/CompShare, over effect", "ms"),
    core: atMost(150, "core, over effect", "ms"),
    compshare: atMost(150, "compshare, over effect", "ms"),
    metastudio: atMost(150, "metastudio, over effect", "ms"),
    promise: noted("all three /promise, over effect", "ms")
  },
  /** A mixed load for some minutes: 1, or 30 with `--long`. The heap in use after collecting garbage. */
  leak: {
    heap: atMost(1.05, "heap, last third beside the second"),
    first: noted("  at the beginning", "MiB"),
    last: noted("  at the end", "MiB"),
    calls: noted("  calls", "")
  },
  /** A provider that carries out 20 requests a second, and refuses others. */
  throttled: {
    delta: atMost(1.3, "delta roll-out, beside the provider's pace"),
    deltaRefused: noted("  requests refused", ""),
    deltaCalls: noted("  calls until all is done", ""),
    put: atMost(1.3, "put roll-out, beside the provider's pace"),
    putRefused: noted("  requests refused", ""),
    putCalls: noted("  calls until all is done", ""),
    fair: atMost(1.3, "two projects: the later beside the earlier"),
    fairDelta: { ...atMost(1.3, "two teams: the later beside the earlier"), long: true }
  },
  /** A server 200 ms away, over TLS. */
  far: {
    delta: atMost(1.3, "wall per delta, beside script"),
    put: atMost(1.3, "wall of 40 puts, beside script 8 wide")
  }
} as const satisfies Readonly<Record<string, Readonly<Record<string, Target>>>>
