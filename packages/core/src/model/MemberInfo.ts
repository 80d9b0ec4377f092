/**
 * Who is a member, and who is to become one.
 */
import * as Schema from "effect/Schema"

/** The provider's id of a member: opaque, never empty, without control characters. */
export const MemberId = Schema.String.pipe(
  Schema.check(
    Schema.makeFilter((id: string) =>
      /^[^\p{Cc}\p{Cf}\p{Cs}]{1,256}$/u.test(id) && id.trim() === id
        ? undefined
        : "a member id is 1 to 256 characters without control characters or outer spaces"
    )
  ),
  Schema.brand("@cloud-quota/core/MemberId")
)
export type MemberId = typeof MemberId.Type

/**
 * Whether a member takes part:
 * - `active`: quotas can be granted.
 * - `invited`, `rejected`, `canceled`: an invitation that is open, was declined, or was withdrawn.
 * - `candidate`: a user of the cloud who has no quota here. Inviting makes a member of them.
 * - `disabled`: the cloud does not let them in.
 * - `unknown`: the provider's own word, for which this list has none.
 */
export type MemberStatus =
  | { readonly _tag: "active" | "invited" | "rejected" | "canceled" | "candidate" | "disabled" }
  | { readonly _tag: "unknown"; readonly raw: string }

/** One member, as a provider lists it. What the provider does not tell is absent. */
export interface MemberInfo {
  /** Absent where the provider gives an id only to those who have joined. */
  readonly id?: MemberId
  /** The provider's id of the user behind the member, which an invitation goes by. */
  readonly user?: string
  readonly name?: string
  readonly email?: string
  /** Who this is, where a mapping of people names the member: see `People`. */
  readonly person?: string
  readonly status: MemberStatus
}

/**
 * How a member is named in a call: by id, by the name that `People` maps, or by what a listing gave. An
 * e-mail address that nobody mapped is refused: it is no provider's id.
 */
export type MemberRef = string | MemberInfo

/** Who is to become a member. */
export interface Invitation {
  /** The provider's id of the user: CompShare's company id of the user, MetaStudio's IAM user id. */
  readonly user: string
  /**
   * The name that the team is to know them by: 1 to 256 characters. Where names are not the team's own
   * (`members.rename` is unsupported), it is refused.
   */
  readonly name?: string
}
