/** The options of each kind of server. */
export interface Servers {
  /** One answer for each size of a team and of a page, made once. */
  readonly canned: CannedOptions
}

export interface CannedOptions {
  /** The time until an answer, in milliseconds. @default 0 */
  readonly delay?: number
}
