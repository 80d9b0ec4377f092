/** The options of each kind of server. */
export interface Servers {
  /** One answer for each size of a team and of a page, made once. */
  readonly canned: CannedOptions
  /** Teams and projects with their state. */
  readonly clouds: CloudsOptions
  /** The orders of one member, page by page. */
  readonly orders: OrdersOptions
  /** Another server, far away. */
  readonly relay: RelayOptions
  /** A Postgres behind another port. */
  readonly tap: TapOptions
}

export interface OrdersOptions extends CannedOptions {
  readonly rows: number
}

export interface RelayOptions {
  readonly port: number
  /** The time to the other side and back, in milliseconds. */
  readonly roundTrip: number
}

export interface TapOptions {
  readonly host: string
  readonly port: number
}

export interface CannedOptions {
  /** The time until an answer, in milliseconds. @default 0 */
  readonly delay?: number
}

export interface CloudsOptions extends CannedOptions {
  /** Members of each team, and of each project. */
  readonly members: number
  /** Entries of the last minute in each team's log, before the first change. @default 0 */
  readonly logged?: number
  /** Requests per second that are carried out; more are refused. Default: any number. */
  readonly pace?: number
  /** Whether it speaks TLS, with the certificate of the tests. @default false */
  readonly tls?: boolean
}

/** Counters of a server. */
export interface Counts {
  readonly requests: number
  /** Requests that were carried out. */
  readonly carriedOut: number
  /** Those of them that change something. */
  readonly writes: number
  readonly connections: number
  /** Bytes of all answers. */
  readonly bytes: number
  /** Milliseconds since the server began. */
  readonly at: number
}

/** The counters since the last question. */
export interface Stats extends Counts {
  /** The most requests that change something at once. */
  readonly mostWrites: number
  /** The counters at the arrival of each write, that write included. */
  readonly atWrites: ReadonlyArray<Counts>
}

/** What each kind of server counts. */
export interface StatsOf {
  readonly canned: undefined
  readonly clouds: Stats
  readonly orders: OrdersStats
  readonly relay: undefined
  /** The milliseconds of each statement, by its text. */
  readonly tap: Readonly<Record<string, ReadonlyArray<number>>>
}

export interface OrdersStats {
  /** The most requests at once. */
  readonly most: number
}

/** The path that answers with what was counted since the last time. */
export const statsPath = "/stats"
