/** The options of each kind of server. */
export interface Servers {
  /** One answer for each size of a team and of a page, made once. */
  readonly canned: CannedOptions
  /** A team and a project with their state. */
  readonly clouds: CloudsOptions
  /** A Postgres behind another port. `GET` answers with the milliseconds of each statement since the last one. */
  readonly tap: TapOptions
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
  /** Members of the team, and of the project. */
  readonly members: number
  /** Entries of the last minute in the team's log, before the first change. @default 0 */
  readonly logged?: number
  /** Requests per second that are carried out; more are refused. Default: any number. */
  readonly pace?: number
}

/** Counters of a server. */
export interface Counts {
  readonly requests: number
  /** Requests that change something. */
  readonly writes: number
  readonly connections: number
  /** Bytes of all answers. */
  readonly bytes: number
}

/** The counters since the last question. */
export interface Stats extends Counts {
  /** The most requests that change something at once. */
  readonly mostWrites: number
  /** The counters at the arrival of each write, that write included. */
  readonly atWrites: ReadonlyArray<Counts>
}

/** The path that answers with {@link Stats}. */
export const statsPath = "/stats"
