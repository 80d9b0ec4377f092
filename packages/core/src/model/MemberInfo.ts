/**
 * Who is a member, and who is to become one.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { knownStatuses } from "./memberStatus.ts"
import * as Row from "./row.ts"

const idRule = "a member id is 1 to 256 characters without control characters or outer spaces"

/** The provider's id of a member: opaque, never empty, without control characters. */
export const MemberId = Schema.String.annotate({ description: "The provider's id of a member." }).pipe(
  Schema.check(
    Schema.isMinLength(1, { message: idRule }),
    Schema.makeFilter((id: string) =>
      /^[^\p{Cc}\p{Cf}\p{Cs}]{1,256}$/u.test(id) && id.trim() === id ? undefined : idRule
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
export const MemberStatus = Schema.Union([
  Schema.Struct({ _tag: Schema.Literals(knownStatuses) }),
  Schema.Struct({ _tag: Schema.Literal("unknown"), raw: Schema.String })
])
export type MemberStatus = typeof MemberStatus.Type

const Value = Schema.Struct({
  /** Absent where the provider gives an id only to those who have joined. */
  id: Schema.optionalKey(MemberId),
  /** The provider's id of the user behind the member, which an invitation goes by. */
  user: Schema.optionalKey(Schema.String),
  name: Schema.optionalKey(Schema.String),
  email: Schema.optionalKey(Schema.String),
  /** Who this is, where a mapping of people names the member: see `People`. */
  person: Schema.optionalKey(Schema.String),
  status: MemberStatus
})

/**
 * One member, as a provider lists it. Fields that the provider does not report are absent.
 *
 * Its encoded form is the row that `Export` and the command write: every field in every row, `null` where it is
 * not known.
 */
export const MemberInfo = Row.schemaOf(
  Value,
  Schema.Struct({
    ...Row.printed,
    id: Row.orNull(MemberId, "The provider's id of the member: null before somebody has joined."),
    user: Row.orNull(Schema.String, "The provider's id of the user, which an invitation goes by."),
    name: Row.orNull(Schema.String, "What the provider calls the member."),
    email: Row.orNull(Schema.String, "The member's e-mail address."),
    person: Row.orNull(Schema.String, "Who this is, where people are mapped."),
    status: Schema.Literals([...knownStatuses, "unknown"]).annotate({
      description: "Whether the member takes part."
    }),
    rawStatus: Row.orNull(Schema.String, "The provider's own word, where the status is unknown.")
  }),
  {
    encode: ({ email = null, id = null, name = null, person = null, status, user = null }) => ({
      id,
      user,
      name,
      email,
      person,
      status: status._tag,
      rawStatus: status._tag === "unknown" ? status.raw : null
    }),
    decode: ({ account: _, rawStatus, status, ...row }) => {
      if (status !== "unknown") return Effect.succeed({ ...Row.present(row), status: { _tag: status } })
      return rawStatus === null
        ? Effect.fail("rawStatus: give the provider's own word of an unknown status")
        : Effect.succeed({ ...Row.present(row), status: { _tag: status, raw: rawStatus } })
    }
  }
)
export interface MemberInfo extends Schema.Schema.Type<typeof MemberInfo> {}

/**
 * Names a member in a call: an exact id, else a person of `People`, else the provider's name of one active member;
 * or a member as a listing gives it, which needs no lookup. A text that fits several members is refused with their
 * ids, and so is the name of a user who has not accepted the invitation.
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
