/**
 * What was done to a CompShare team, by whomever, as the provider noted it.
 */

/** One entry. It has no id: two equal ones are two. */
export interface TeamOperateLogEntry {
  /** The provider's word, as `分配金额` or `InviteMember`. */
  readonly operateType: string
  /** The provider's word, as `成功` or `Success`. */
  readonly status: string
  /** Free text, for people. */
  readonly content?: string
  /** Seconds since 1970. */
  readonly createTime?: number
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Which entries. Times are in seconds since 1970; the vendor's SDKs require both. */
export interface TeamOperateLogQuery {
  /** The client's own team if absent. */
  readonly teamId?: number
  /** @default 2012-01-01 UTC, before there was anything */
  readonly beginTime?: number
  /**
   * After `beginTime`.
   *
   * @default 7 days from now, in case the provider's clock is ahead
   */
  readonly endTime?: number
  /** In the words of {@link TeamOperateLogPage.operateTypes}; which others are taken is undocumented. */
  readonly operateTypes?: ReadonlyArray<string>
  /** In the words of {@link TeamOperateLogPage.statuses}. */
  readonly statuses?: ReadonlyArray<string>
  /** Oldest first; newest first if absent. */
  readonly ascending?: boolean
  /** Rows of one page, 1 to 100. 100 if absent. */
  readonly limit?: number
}

/** A word that a log may use. */
export interface TeamOperateLogWord {
  readonly word: string
  /** What it means, for people. The vendor's SDKs know of none. */
  readonly title?: string
}

/** One page of the log. */
export interface TeamOperateLogPage {
  readonly requestId?: string
  readonly entries: ReadonlyArray<TeamOperateLogEntry>
  /** How many entries there are on all pages. */
  readonly total: number
  readonly operateTypes: ReadonlyArray<TeamOperateLogWord>
  readonly statuses: ReadonlyArray<TeamOperateLogWord>
  /** When it was answered, by the provider's clock: the HTTP header `Date`. Milliseconds since 1970. */
  readonly answeredAt?: number
}
