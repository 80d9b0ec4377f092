/**
 * Who a quota is granted to, and how somebody comes to be one of them and ceases to be.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Event } from "../model/Change.ts"
import type { CloudQuotaError, Reason } from "../model/CloudQuotaError.ts"
import type { Invitation, MemberId, MemberInfo, MemberRef, MemberStatus } from "../model/MemberInfo.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import type { Report } from "../model/Report.ts"

export * from "../model/MemberInfo.ts"

/** Which members a listing gives. */
export interface MemberFilter {
  readonly status?: MemberStatus["_tag"]
}

/**
 * What became of one invitation:
 * - `invited`: it is out, and has to be accepted.
 * - `joined`: the user is a member at once.
 * - `already`: the user was a member, or invited.
 * - `rejected`: the provider said no.
 * - `unknown`: no answer, and it could not be seen afterwards whether it took place.
 */
export interface Invited {
  readonly invitation: Invitation
  readonly outcome: "invited" | "joined" | "already" | "rejected" | "unknown"
  /** As it was read back. */
  readonly member?: MemberInfo
  readonly reason?: Reason
  /** For people: what happened, and what comes next. */
  readonly message: string
}

/** How somebody is to leave. */
export interface OffboardOptions {
  /** The caller's name for it, such as `offboard/ada`: run it again, and it goes on where it stopped. */
  readonly run: string
  /**
   * Whether to remove the member afterwards, if nothing is left and nothing is unknown. Not by default.
   *
   * **Gotchas**
   *
   * On a cloud without `members.remove`, as CompShare, all is taken back all the same; the message then says
   * that the removal is left to do by hand, and it is not `complete`.
   *
   * On MetaStudio that deletes the limits, which are at what was used by then: what a sub-account without
   * quotas may use is not documented.
   */
  readonly remove?: boolean
  /**
   * Called with everything that happens, in order. What it gives is waited for, for a second each time; a
   * watcher that takes longer gets no more events. Its failures are warnings, and stop nothing.
   */
  readonly onEvent?: (event: Event) => Effect.Effect<void> | undefined
}

/** What became of somebody's leaving. */
export interface Offboarding {
  readonly member: MemberId
  /** What the change engine did to take back what was left. */
  readonly report: Report
  /**
   * The quotas as they were read afterwards: the confirmation, and what could not be taken back. Empty
   * also if they could not be read, which the message says.
   */
  readonly quotas: ReadonlyArray<QuotaState>
  /**
   * Whether the member was removed: `kept` where that was not asked for, or something is left; `removed`
   * also of somebody who has no membership any more; `unknown` if no answer came and the member is listed.
   */
  readonly membership: "removed" | "kept" | "unknown"
  /**
   * True if nothing is left that can be taken back, and what was asked for is done. Less than a metric's
   * step cannot be taken back; what is not told counts as left.
   */
  readonly complete: boolean
  /** For people: what is left, why, and what to do about it. */
  readonly message: string
}

/** The members of one account. */
export class Member extends Context.Service<
  Member,
  {
    /** All members, in the provider's order: also those who are invited, and users without a quota. */
    readonly list: (filter?: MemberFilter) => Stream.Stream<MemberInfo, CloudQuotaError>
    /** One member. Fails with `NotFound`. */
    readonly get: (member: MemberRef) => Effect.Effect<MemberInfo, CloudQuotaError>
    /**
     * Everybody whose id, user id, name, e-mail address or mapped person is this text, whatever the case;
     * if there is nobody, everybody whose name or address has the text in it. Reads the whole listing.
     */
    readonly find: (text: string) => Stream.Stream<MemberInfo, CloudQuotaError>
    /**
     * Makes members of users, or asks them to become some. One result for each, in the order given; it
     * fails as a whole only when nothing was attempted.
     *
     * **Gotchas**
     *
     * An invitation is sent once. If no answer comes, the listing decides: who is invited or a member there
     * is so, and anybody else stays `unknown`, since the request may still arrive.
     */
    readonly invite: (
      invitations: Invitation | Iterable<Invitation>
    ) => Effect.Effect<ReadonlyArray<Invited>, CloudQuotaError>
    /**
     * Withdraws an invitation that was not answered: of a listed member, or by its user id, name, address or
     * person. Fails with `NotFound` if nobody of that name is invited, and with `InvalidRequest` if several
     * are, naming them.
     */
    readonly cancelInvite: (member: MemberRef) => Effect.Effect<void, CloudQuotaError>
    /** Changes the name that the team knows a member by: 1 to 256 characters, none of them a control character. */
    readonly rename: (member: MemberRef, name: string) => Effect.Effect<void, CloudQuotaError>
    /**
     * Removes a member.
     *
     * **Gotchas**
     *
     * What the member has left is not taken back first: see `offboard`, which does.
     */
    readonly remove: (member: MemberRef) => Effect.Effect<void, CloudQuotaError>
    /**
     * Takes back what a member has left, through the change engine; reads it back; says what could not be
     * taken back; and then removes the member if that is asked for.
     *
     * **Gotchas**
     *
     * What runs goes on running and may spend what a refund brings later: see `Billing.refundQuotes` for
     * a member's resources. What comes back after it was taken back needs a run of another name.
     *
     * A member without any quota has nothing to be taken back. An id that nobody has is `NotFound`, unless
     * this run has taken back from it before.
     */
    readonly offboard: (
      member: MemberRef,
      options: OffboardOptions
    ) => Effect.Effect<Offboarding, CloudQuotaError>
  }
>()("@cloud-quota/core/Member") {}
