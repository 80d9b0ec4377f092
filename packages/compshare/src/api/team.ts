/**
 * CompShare teams: their members, invitations and allowances.
 *
 * Source: the team pages of www.compshare.cn/docs, and UCloud's SDKs where they differ.
 */
import * as Json from "@cloud-quota/core/Json"
import * as Lenient from "@cloud-quota/core/adapter/Lenient"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import {
  Done,
  type FailedMember,
  FailedMembers,
  Id,
  IdOrZero,
  Word,
  listOf,
  listing,
  oneOf,
  operation,
  teamField,
  teamGiven
} from "./operation.ts"

/** A team. */
export const Team = Schema.Struct({
  Id: Lenient.Whole,
  Name: Lenient.nullish(Lenient.Text),
  /** The account that administers it. */
  CompanyId: Lenient.nullish(Lenient.Whole),
  Description: Lenient.nullish(Lenient.Text),
  /** Only in `ListCompShareTeam`. Whether it counts invitations is undocumented. */
  MemberCount: Lenient.nullish(Lenient.Whole)
})
export interface Team extends Schema.Schema.Type<typeof Team> {}

/** As `joined`, `Pending`, `Rejected`, `Canceled`, in any case. */
const RelationStatus = Lenient.openEnum("joined", "Pending", "Rejected", "Canceled")

/** A user's place in a team. */
export const TeamRelation = Schema.Struct({
  /** The id for allowances. 0 or absent until the user has joined. */
  VirtualCompanyId: Lenient.nullish(IdOrZero),
  UserCompanyId: Lenient.nullish(Lenient.Whole),
  Status: RelationStatus,
  RemarkName: Lenient.nullish(Lenient.Text),
  /** The total granted so far. Whether withdrawals lower it is undocumented. */
  AllocateAmount: Lenient.nullish(Lenient.Fen),
  /** The remaining balance. Spending lowers it, refunds raise it. */
  AvailableAmount: Lenient.nullish(Lenient.Fen),
  CreateTime: Lenient.nullish(Lenient.Text)
})
export interface TeamRelation extends Schema.Schema.Type<typeof TeamRelation> {}

/** A membership of these keys in another account's team, or an invitation to it. */
export const TeamMembership = Schema.Struct({
  TeamId: Lenient.Whole,
  TeamName: Lenient.nullish(Lenient.Text),
  /** The account that administers the team. */
  TeamUseCompanyId: Lenient.nullish(Lenient.Whole),
  UserCompanyId: Lenient.nullish(Lenient.Whole),
  /** 0 or absent until the invitation is accepted. */
  VirtualCompanyId: Lenient.nullish(IdOrZero),
  Status: RelationStatus,
  RemarkName: Lenient.nullish(Lenient.Text),
  /** Seconds since 1970: when the invitation was made (SDKs), or accepted (the vendor's page). */
  CreateTime: Lenient.nullish(Lenient.UnixSeconds),
  /** Whether the keys belong to a personal account. */
  IsPersonalAccount: Lenient.nullish(Lenient.Truth)
})
export interface TeamMembership extends Schema.Schema.Type<typeof TeamMembership> {}

/** A user to invite. */
const Invitee = Schema.Struct({
  /** The number of the account, as the console shows it. */
  UserCompanyId: Id,
  RemarkName: Schema.optionalKey(Word)
}).annotate({ message: "give a user, as { UserCompanyId: 50001 }" })

/** Upper bound on users per invitation. */
const mostInvitees = 100

const hasNoTwins = (ids: ReadonlyArray<number>): boolean => new Set(ids).size === ids.length

/** A map, or the text of one: UCloud's SDKs have text here. */
const MapOrText = Schema.Union([FailedMembers, Schema.String]).pipe(
  Schema.decodeTo(Schema.toType(FailedMembers), {
    decode: SchemaGetter.transformEffect((wire: typeof FailedMembers.Type | string, options) => {
      if (typeof wire !== "string") return Effect.succeed(wire)
      if (wire.trim() === "") return Effect.succeed({})
      const map = Result.flatMap(Json.parse(wire), Schema.decodeUnknownResult(FailedMembers))
      return Result.isSuccess(map)
        ? Effect.succeed(map.success)
        : Effect.fail(
            new SchemaIssue.InvalidValue({ message: "expected a map, or the text of one" }, wire, options)
          )
    }),
    encode: SchemaGetter.transform(
      (map: typeof FailedMembers.Type): typeof FailedMembers.Type | string => map
    )
  })
)

/** An unrequested id proves nothing about the requested ones. */
const unasked = (
  field: string,
  failed: Readonly<Record<string, FailedMember>> | null | undefined,
  asked: ReadonlyArray<number>
): string | undefined => {
  const stranger = Object.keys(failed ?? {}).find((id) => !asked.some((one) => `${one}` === id))
  return stranger === undefined
    ? undefined
    : `${field} names ${JSON.stringify(stranger)}, which was not asked for`
}

/** The fields of a change of relation, besides `TeamId` and `Status`. */
const relationFields: Readonly<Record<string, ReadonlyArray<string>>> = {
  Agree: [],
  Reject: [],
  Cancel: ["UserCompanyId"],
  Send: ["UserCompanyId", "RemarkName?"],
  UpdateRemarkName: ["UserCompanyId", "RemarkName"]
}

const relationProblem = (change: {
  readonly Status: string
  readonly UserCompanyId?: number
  readonly RemarkName?: string
}): Schema.FilterOutput => {
  const takes = relationFields[change.Status] ?? []
  for (const field of ["UserCompanyId", "RemarkName"] as const) {
    const isGiven = change[field] !== undefined
    if (isGiven && !takes.includes(field) && !takes.includes(`${field}?`)) {
      return { path: [field], issue: `${change.Status} takes none: leave it out` }
    }
    if (!isGiven && takes.includes(field)) return { path: [field], issue: `${change.Status} needs one` }
  }
  return true
}

export const teamOperations = {
  /** The teams that these keys administer. */
  listCompShareTeam: listing({
    name: "ListCompShareTeam",
    safety: "read",
    request: Schema.Struct({}),
    answer: Schema.Struct({}),
    rows: { field: "Teams", row: Team },
    doc: "The teams that these keys administer.",
    source: "ListCompShareTeam"
  }),
  /** The teams that these keys are members of. */
  listCompShareTeamJoined: listing({
    name: "ListCompShareTeamJoined",
    safety: "read",
    request: Schema.Struct({
      /** As `joined`. Default: all of them. */
      Status: Schema.optionalKey(Word)
    }),
    answer: Schema.Struct({}),
    rows: { field: "JoinedTeams", row: TeamMembership },
    doc: "The teams that these keys are members of.",
    source: "ListCompShareTeamJoined"
  }),
  /** The invitations that these keys received. */
  listCompShareTeamInvite: listing({
    name: "ListCompShareTeamInvite",
    safety: "read",
    request: Schema.Struct({
      /** Only in the vendor's SDKs. Without it: the invitations that these keys received. */
      TeamId: Schema.optionalKey(Id)
    }),
    answer: Schema.Struct({}),
    rows: { field: "Invites", row: TeamMembership },
    doc: "The invitations that these keys received.",
    source: "ListCompShareTeamInvite"
  }),
  /** A team with all its members, also former and invited ones. It is not paged. */
  getCompShareTeamInfo: listing({
    name: "GetCompShareTeamInfo",
    safety: "read",
    request: Schema.Struct({
      TeamId: Schema.optionalKey(Id),
      VirtualCompanyId: Schema.optionalKey(Id)
    }).pipe(
      Schema.check(
        Schema.makeFilter(
          ({ TeamId, VirtualCompanyId }) =>
            (TeamId === undefined) !== (VirtualCompanyId === undefined) || {
              path: ["TeamId"],
              issue: "give exactly one of TeamId and VirtualCompanyId"
            }
        )
      )
    ),
    answer: Schema.Struct({ Team: Lenient.nullish(Team) }),
    rows: { field: "TeamRelation", row: TeamRelation },
    doc: "A team with all its members, also former and invited ones.",
    source: "GetCompShareTeamInfo"
  }),
  /**
   * Makes a team, which these keys then administer. The answer does not contain its id: find it with
   * `listCompShareTeam`.
   *
   * **Gotchas**
   *
   * A failure with `money: "unknown"` may have made it. Whether a name can be used twice is undocumented:
   * list the teams before you send it again.
   */
  createCompShareTeam: operation({
    name: "CreateCompShareTeam",
    safety: "create",
    request: Schema.Struct({ Name: Word, Description: Schema.optionalKey(Word) }),
    answer: Done,
    doc: "Makes a team.",
    source: "CreateCompShareTeam"
  }),
  /** Renames a team, or describes it anew. An absent field keeps its value. Only for its administrator. */
  updateCompShareTeam: operation({
    name: "UpdateCompShareTeam",
    safety: "idempotent-write",
    ownTeam: true,
    request: Schema.Struct({
      ...teamField,
      Name: Schema.optionalKey(Word),
      Description: Schema.optionalKey(Word)
    }).pipe(
      Schema.check(
        teamGiven,
        Schema.makeFilter(
          ({ Description, Name }) =>
            Name !== undefined ||
            Description !== undefined || { path: ["Name"], issue: "give a Name, or a Description, or both" }
        )
      )
    ),
    answer: Done,
    doc: "Renames a team, or describes it anew.",
    source: "UpdateCompShareTeam"
  }),
  /**
   * Deletes a team for good, once it has no member. Only for its administrator. The team must always be
   * given: the client's own is not added.
   */
  deleteCompShareTeam: operation({
    name: "DeleteCompShareTeam",
    safety: "create",
    request: Schema.Struct({ TeamId: Id }),
    answer: Done,
    doc: "Deletes a team for good, once it has no member.",
    source: "DeleteCompShareTeam"
  }),
  /**
   * Invites up to 100 users. Only for the team's administrator.
   *
   * **Gotchas**
   *
   * Success means that the request was carried out, not that all users were invited: check `ErrorMap`, by
   * `UserCompanyId`. Code 16001: the user is already in the team. An invited user has no `VirtualCompanyId`
   * before the invitation is accepted.
   */
  createCompShareTeamRelation: operation({
    name: "CreateCompShareTeamRelation",
    safety: "create",
    ownTeam: true,
    request: Schema.Struct({
      ...teamField,
      UserInfo: listOf(Invitee).pipe(
        Schema.check(
          Schema.makeFilter(
            (users) =>
              (users.length <= mostInvitees && hasNoTwins(users.map(({ UserCompanyId }) => UserCompanyId))) ||
              `give 1 to ${mostInvitees} users, and none of them twice`
          )
        )
      )
    }).pipe(Schema.check(teamGiven)),
    answer: Schema.Struct({ ErrorMap: Lenient.nullish(MapOrText) }),
    contradicts: ({ ErrorMap }, { UserInfo }) =>
      unasked(
        "ErrorMap",
        ErrorMap,
        UserInfo.map(({ UserCompanyId }) => UserCompanyId)
      ),
    doc: "Invites up to 100 users.",
    source: "CreateCompShareTeamRelation"
  }),
  /**
   * Accepts, rejects, withdraws or sends an invitation, or renames a member. `Agree` and `Reject` are for the
   * invited account, the others for the team's administrator; `Send` is on the vendor's page alone. CompShare
   * documents no way to remove a member who has joined.
   */
  setCompShareTeamRelation: operation({
    name: "SetCompShareTeamRelation",
    // A name may be written twice. An invitation that is answered or withdrawn a second time may be another
    // one.
    safety: "create",
    safetyOf: ({ Status }) => (Status === "UpdateRemarkName" ? "idempotent-write" : "create"),
    ownTeam: true,
    request: Schema.Struct({
      ...teamField,
      Status: oneOf(["Agree", "Reject", "Cancel", "Send", "UpdateRemarkName"]),
      /** For `Cancel`, `Send` and `UpdateRemarkName`. */
      UserCompanyId: Schema.optionalKey(Id),
      /** Required for `UpdateRemarkName`, optional for `Send`. */
      RemarkName: Schema.optionalKey(Word)
    }).pipe(Schema.check(teamGiven, Schema.makeFilter(relationProblem))),
    answer: Done,
    doc: "Accepts, rejects, withdraws or sends an invitation, or renames a member.",
    source: "SetCompShareTeamRelation"
  }),
  /**
   * Changes allowances by an amount. Sends once, on a dedicated connection, and waits up to 75 seconds,
   * because the provider gives up after 60.
   *
   * **Gotchas**
   *
   * Success means that the request was carried out, not that every member was changed: check `FailedMembers`.
   * A failure with `money: "unknown"` may have moved the money: read the allowances before you send it again.
   */
  setCompShareTeamAmount: operation({
    name: "SetCompShareTeamAmount",
    safety: "delta",
    ownTeam: true,
    request: Schema.Struct({
      ...teamField,
      /** Each member is granted, or loses, the whole amount. No id may occur twice. */
      VirtualCompanyId: listOf(Id).pipe(
        Schema.check(Schema.makeFilter((ids) => hasNoTwins(ids) || "give each member once"))
      ),
      /** Positive, in whole fen, up to 2^53 - 1 fen. */
      Amount: Lenient.Fen.pipe(
        Schema.check(
          Schema.makeFilter(
            ({ amount }) =>
              (amount.value > 0n && amount.value <= largestAmount(amount.scale)) ||
              "give 0.01 CNY to 90071992547409.91 CNY"
          )
        )
      ),
      OperateType: oneOf(["AllocateAmount", "WithdrawAmount"])
    }).pipe(Schema.check(teamGiven)),
    answer: Schema.Struct({
      /** By `VirtualCompanyId`: every other member was changed. */
      FailedMembers: Lenient.nullish(FailedMembers)
    }),
    contradicts: (answer, request) =>
      unasked("FailedMembers", answer.FailedMembers, request.VirtualCompanyId),
    doc: "Moves money between the team and its members. A difference: sent twice, it moves twice.",
    source: "SetCompShareTeamAmount"
  })
}

/** 2^53 - 1 fen, as a value of this scale. */
function largestAmount(scale: number): bigint {
  const fen = BigInt(Number.MAX_SAFE_INTEGER)
  return scale >= 2 ? fen * 10n ** BigInt(scale - 2) : fen / 10n ** BigInt(2 - scale)
}
