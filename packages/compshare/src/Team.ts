/**
 * A CompShare team: who is in it, who was invited, and what can be done to either.
 */
import type * as Quantity from "@cloud-quota/core/Quantity"
import type { FailedMember } from "./TeamAmount.ts"

/** A team. */
export interface Team {
  readonly id: number
  readonly name?: string
  /** The account that administers it. */
  readonly companyId?: number
  readonly description?: string
  /** Told by `ListCompShareTeam` alone. Whether it counts who has not joined yet is undocumented. */
  readonly memberCount?: number
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** The teams that these keys administer. */
export interface Teams {
  readonly requestId?: string
  readonly teams: ReadonlyArray<Team>
}

/** A user's place in a team. */
export interface TeamRelation {
  /** The id that allowances go by. Absent until the user has joined. */
  readonly virtualCompanyId?: number
  readonly userCompanyId?: number
  /** As `joined`, `Pending`, `Rejected`, `Canceled`, in any case. */
  readonly status: string
  readonly remarkName?: string
  /** What was granted so far. Whether taking back lowers it is undocumented. */
  readonly allocateAmount?: Quantity.Quantity
  /** What is left. Spending lowers it, refunds raise it. */
  readonly availableAmount?: Quantity.Quantity
  readonly createTime?: string
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** A team with everybody who is or was invited to it. */
export interface TeamInfo {
  readonly requestId?: string
  readonly team?: Team
  readonly relations: ReadonlyArray<TeamRelation>
}

/** Which team: by its id, or by the id of one of its members; exactly one of them. */
export interface TeamSelector {
  readonly teamId?: number
  readonly virtualCompanyId?: number
}

/** A place that these keys have in somebody's team, or were offered. */
export interface TeamMembership {
  readonly teamId: number
  readonly teamName?: string
  /** The account that administers the team, where it is told. */
  readonly teamCompanyId?: number
  readonly userCompanyId?: number
  /** Absent until the invitation is accepted. */
  readonly virtualCompanyId?: number
  /** As `joined`, `Pending`, `Rejected`, `Canceled`, in any case. */
  readonly status: string
  readonly remarkName?: string
  /** Seconds since 1970: when the invitation was made (SDKs), or accepted (the vendor's page). */
  readonly createTime?: number
  /** Whether the keys belong to a personal account, where it is told. */
  readonly isPersonalAccount?: boolean
  /** The whole row, as it came. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Which memberships. */
export interface TeamMembershipQuery {
  /** As `joined`. All of them if absent. */
  readonly status?: string
}

/** The memberships of these keys. */
export interface TeamMemberships {
  readonly requestId?: string
  readonly memberships: ReadonlyArray<TeamMembership>
}

/** Which invitations. Only the vendor's SDKs know of a team here, its page does not. */
export interface TeamInvitesQuery {
  /** Without it, those that these keys received. What is told of which team otherwise is undocumented. */
  readonly teamId?: number
}

/** Invitations. */
export interface TeamInvites {
  readonly requestId?: string
  readonly invites: ReadonlyArray<TeamMembership>
}

/** A team to be made. */
export interface NewTeam {
  readonly name: string
  readonly description?: string
}

/** What a team is to be called. What is absent stays; at least one of the two has to be there. */
export interface TeamUpdate {
  /** The client's own team if absent. */
  readonly teamId?: number
  readonly name?: string
  readonly description?: string
}

/** The team to be deleted. Always named: it is never the client's own by default. */
export interface TeamDeletion {
  readonly teamId: number
}

/** Somebody to be invited. */
export interface Invitee {
  /** The number of the account, as the console shows it. */
  readonly userCompanyId: number
  readonly remarkName?: string
}

/** Who is invited to a team. */
export interface TeamInvitation {
  /** The client's own team if absent. */
  readonly teamId?: number
  /** 1 to 100, nobody twice. */
  readonly users: ReadonlyArray<Invitee>
}

/** What became of an invitation: everybody who did not fail was invited. */
export interface TeamInvitationAnswer {
  readonly requestId?: string
  /** By `userCompanyId`. Code 16001: the user is in the team already. */
  readonly failedUsers: ReadonlyMap<number, FailedMember>
}

/**
 * What is to become of a relation. `Agree` and `Reject` are for the invited account, the others for
 * the team's administrator. `Send` is on the vendor's page alone: neither its SDKs nor its own
 * command line know of it.
 */
export type TeamRelationChange = {
  /** The client's own team if absent. */
  readonly teamId?: number
} & (
  | { readonly status: "Agree" | "Reject" }
  | { readonly status: "Cancel"; readonly userCompanyId: number }
  | { readonly status: "Send"; readonly userCompanyId: number; readonly remarkName?: string }
  | { readonly status: "UpdateRemarkName"; readonly userCompanyId: number; readonly remarkName: string }
)

/** The provider took the request, and has nothing more to say. */
export interface Acknowledged {
  readonly requestId?: string
}
