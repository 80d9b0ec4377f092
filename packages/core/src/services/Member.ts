/** The members of an account: listing, inviting, renaming, removing and offboarding. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { Event } from "../model/Change.ts"
import type { CloudQuotaError, Reason } from "../model/CloudQuotaError.ts"
import type { Invitation, MemberId, MemberInfo, MemberRef, MemberStatus } from "../model/MemberInfo.ts"
import type { QuotaState } from "../model/QuotaState.ts"
import type { Report } from "../model/Report.ts"

export * from "../model/MemberInfo.ts"

/** Selects the members that a listing returns. */
export interface MemberFilter {
  readonly status?: MemberStatus["_tag"]
}

/**
 * The result of one invitation.
 *
 * | outcome | meaning |
 * |---|---|
 * | `invited` | sent; the user has to accept it |
 * | `joined` | the user became a member immediately |
 * | `already` | the user was already a member, or invited |
 * | `rejected` | the provider refused |
 * | `unknown` | no answer came, and the listing does not show whether it took place |
 */
export interface Invited {
  readonly invitation: Invitation
  readonly outcome: "invited" | "joined" | "already" | "rejected" | "unknown"
  /** The member as it was read back. */
  readonly member?: MemberInfo
  readonly reason?: Reason
  /** For people: the result, and the next step. */
  readonly message: string
}

/** Options of offboarding a member. */
export interface OffboardOptions {
  /** The caller's name for it, such as `offboard/ada`. Running it again under the same name continues. */
  readonly run: string
  /**
   * Whether to remove the member afterwards, if nothing is left and nothing is unknown.
   *
   * **Gotchas**
   *
   * On a cloud without `members.remove`, such as CompShare, all is taken back all the same. The message then
   * says that the member has to be removed by hand, and `complete` is false.
   *
   * On MetaStudio a removal deletes the limits, which are at the used amount by then. It is not documented
   * how much a sub-account without quotas may use.
   *
   * @default false
   */
  readonly remove?: boolean
  /**
   * Report the planned outcomes, and send nothing. Then `quotas` are the present ones, and `complete` says whether
   * the call itself would complete.
   */
  readonly preview?: boolean
  /**
   * Called with every event, in order. The Effect that it returns is awaited for up to a second each time; a
   * watcher that takes longer gets no more events. Its failures are logged as warnings, and stop nothing.
   */
  readonly onEvent?: (event: Event) => Effect.Effect<void> | undefined
}

/** The result of offboarding a member. */
export interface Offboarding {
  readonly member: MemberId
  /** The report of taking back the remaining amounts. */
  readonly report: Report
  /**
   * The quotas as they were read afterwards: the confirmation, and the amounts that could not be taken back.
   * Also empty if they could not be read, which the message says.
   */
  readonly quotas: ReadonlyArray<QuotaState>
  /**
   * Whether the member was removed.
   *
   * | value | meaning |
   * |---|---|
   * | `removed` | the membership has ended, possibly before this call |
   * | `kept` | no removal was requested, something is left, or the removal failed or is not supported |
   * | `unknown` | no answer came, and the listing does not show the removal |
   */
  readonly membership: "removed" | "kept" | "unknown"
  /**
   * True if nothing is left that can be taken back, and the request was carried out in full. An amount below
   * a metric's step cannot be taken back. An amount that the provider does not report counts as left.
   */
  readonly complete: boolean
  /** For people: the remaining amounts, the reason, and the next step. */
  readonly message: string
}

/** The members of one account. */
export class Member extends Context.Service<
  Member,
  {
    /** Lists all members in the provider's order, including invited users and users without a quota. */
    readonly list: (filter?: MemberFilter) => Stream.Stream<MemberInfo, CloudQuotaError>
    /** Returns one member. Fails with `NotFound`. */
    readonly get: (member: MemberRef) => Effect.Effect<MemberInfo, CloudQuotaError>
    /**
     * Returns all members whose id, user id, name, e-mail address or mapped person equals this text, ignoring
     * case. If there are none, returns all members whose name or address contains it. Reads the whole
     * listing.
     */
    readonly search: (text: string) => Stream.Stream<MemberInfo, CloudQuotaError>
    /**
     * Returns the one member whose id, user id, name, e-mail address or mapped person equals this text, ignoring
     * case; or `None`. Fails with `InvalidRequest` and the candidates if there are several. Reads the whole listing.
     */
    readonly find: (text: string) => Effect.Effect<Option.Option<MemberInfo>, CloudQuotaError>
    /**
     * Makes users members, or invites them. Returns one result for each, in the given order. Fails as a whole
     * only if nothing was attempted.
     *
     * **Gotchas**
     *
     * An invitation is sent once. If no answer comes, the listing decides: a user that it shows as invited or
     * as a member is one. Any other user stays `unknown`, since the request may still arrive.
     */
    readonly invite: (
      invitations: Invitation | Iterable<Invitation>
    ) => Effect.Effect<ReadonlyArray<Invited>, CloudQuotaError>
    /**
     * Withdraws an unanswered invitation: of a listed member, or by user id, name, address or person. Fails
     * with `NotFound` if no such user is invited, and with `InvalidRequest` if several are, listing them.
     */
    readonly cancelInvite: (member: MemberRef) => Effect.Effect<void, CloudQuotaError>
    /** Changes the name of a member in the team. 1 to 256 characters, without control characters. */
    readonly rename: (member: MemberRef, name: string) => Effect.Effect<void, CloudQuotaError>
    /**
     * Removes a member.
     *
     * **Gotchas**
     *
     * The remaining amount is not taken back first. `offboard` does that.
     */
    readonly remove: (member: MemberRef) => Effect.Effect<void, CloudQuotaError>
    /**
     * Takes back the remaining amounts of a member through the change engine, reads back, and reports the
     * amounts that could not be taken back. Then removes the member, if requested.
     *
     * **Gotchas**
     *
     * Running resources continue, and may spend the proceeds of a later refund: see `Billing.refundQuotes`
     * for a member's resources. To take back an amount that came back later, use a run of another name.
     *
     * A member without any quota has nothing to take back. An unknown id is `NotFound`, unless this run has
     * taken back from it before.
     */
    readonly offboard: (
      member: MemberRef,
      options: OffboardOptions
    ) => Effect.Effect<Offboarding, CloudQuotaError>
  }
>()("@cloud-quota/core/Member") {}
