/**
 * Who a quota is granted to.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CloudQuotaError } from "./CloudQuotaError.ts"

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
 * Whether a member takes part. A status that the provider has and this list has not is kept as
 * `unknown(…)` with the provider's own word.
 */
export type MemberStatus =
  | { readonly _tag: "active" | "invited" | "rejected" | "canceled" }
  | { readonly _tag: "unknown"; readonly raw: string }

/** One member, as a provider lists it. What the provider does not tell is absent. */
export interface MemberInfo {
  /** Absent where the provider gives an id only to those who have joined. */
  readonly id?: MemberId
  readonly name?: string
  readonly email?: string
  readonly status: MemberStatus
}

/** How a member is named in a call: by id, or by what a listing gave. */
export type MemberRef = string | MemberInfo

/** Which members a listing gives. */
export interface MemberFilter {
  readonly status?: MemberStatus["_tag"]
}

/** The members of one account. */
export class Member extends Context.Service<
  Member,
  {
    /** All members, in the provider's order. */
    readonly list: (filter?: MemberFilter) => Stream.Stream<MemberInfo, CloudQuotaError>
    /** One member by id. Fails with `NotFound`. */
    readonly get: (id: string) => Effect.Effect<MemberInfo, CloudQuotaError>
  }
>()("@cloud-quota/core/Member") {}
