/** Options of a run. */
export interface Options {
  /** Whether what takes long is measured too. */
  readonly long: boolean
  /** Minutes of the mixed load. */
  readonly minutes: number
}
