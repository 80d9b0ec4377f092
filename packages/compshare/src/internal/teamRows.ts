/**
 * The rows of CompShare's answers about teams. Every row keeps what came besides, as `details`.
 */
import * as Json from "@cloud-quota/core/Json"
import * as Result from "effect/Result"
import type {
  Team,
  TeamInfo,
  TeamInvites,
  TeamMembership,
  TeamMemberships,
  TeamRelation,
  Teams
} from "../Team.ts"
import type { FailedMember } from "../TeamAmount.ts"
import type { TeamOperateLogEntry, TeamOperateLogPage, TeamOperateLogWord } from "../TeamOperateLog.ts"
import * as Decode from "./decode.ts"
import { defined, optional, required } from "./decode.ts"
import { uint32 } from "./settings.ts"

const team = (row: Decode.Fields): Result.Result<Team, string> =>
  Result.gen(function* () {
    return {
      id: yield* required(row, "Id", Decode.integer),
      details: row,
      ...defined({
        name: yield* optional(row, "Name", Decode.text),
        companyId: yield* optional(row, "CompanyId", Decode.integer),
        description: yield* optional(row, "Description", Decode.text),
        memberCount: yield* optional(row, "MemberCount", Decode.integer)
      })
    }
  })

const teamRelation = (row: Decode.Fields): Result.Result<TeamRelation, string> =>
  Result.gen(function* () {
    return {
      status: yield* required(row, "Status", Decode.text),
      details: row,
      ...defined({
        virtualCompanyId: yield* memberId(row),
        userCompanyId: yield* optional(row, "UserCompanyId", Decode.integer),
        remarkName: yield* optional(row, "RemarkName", Decode.text),
        allocateAmount: yield* optional(row, "AllocateAmount", Decode.fen),
        availableAmount: yield* optional(row, "AvailableAmount", Decode.fen),
        createTime: yield* optional(row, "CreateTime", Decode.text)
      })
    }
  })

/** Zero until the invitation is accepted. */
const memberId = (row: Decode.Fields): Result.Result<number | undefined, string> =>
  Result.map(optional(row, "VirtualCompanyId", Decode.idOrZero), (id) => (id === 0 ? undefined : id))

export const teamInfo = (fields: Decode.Fields): Result.Result<Omit<TeamInfo, "requestId">, string> =>
  Result.gen(function* () {
    const wire = yield* optional(fields, "Team", Decode.fields)
    const relations = yield* Decode.list(fields, "TeamRelation", teamRelation)
    return { relations, ...(wire === undefined ? {} : { team: yield* team(wire) }) }
  })

export const teams = (fields: Decode.Fields): Result.Result<Omit<Teams, "requestId">, string> =>
  Result.map(Decode.list(fields, "Teams", team), (rows) => ({ teams: rows }))

const teamMembership = (row: Decode.Fields): Result.Result<TeamMembership, string> =>
  Result.gen(function* () {
    return {
      teamId: yield* required(row, "TeamId", Decode.integer),
      status: yield* required(row, "Status", Decode.text),
      details: row,
      ...defined({
        teamName: yield* optional(row, "TeamName", Decode.text),
        teamCompanyId: yield* optional(row, "TeamUseCompanyId", Decode.integer),
        userCompanyId: yield* optional(row, "UserCompanyId", Decode.integer),
        virtualCompanyId: yield* memberId(row),
        remarkName: yield* optional(row, "RemarkName", Decode.text),
        createTime: yield* optional(row, "CreateTime", Decode.unixSeconds),
        isPersonalAccount: yield* optional(row, "IsPersonalAccount", Decode.boolean)
      })
    }
  })

export const memberships = (
  fields: Decode.Fields
): Result.Result<Omit<TeamMemberships, "requestId">, string> =>
  Result.map(Decode.list(fields, "JoinedTeams", teamMembership), (rows) => ({ memberships: rows }))

export const invites = (fields: Decode.Fields): Result.Result<Omit<TeamInvites, "requestId">, string> =>
  Result.map(Decode.list(fields, "Invites", teamMembership), (rows) => ({ invites: rows }))

/** The members that an allowance change failed for, by id. */
export const failedMembers = (
  fields: Decode.Fields,
  asked: ReadonlyArray<number>
): Result.Result<ReadonlyMap<number, FailedMember>, string> =>
  Result.flatMap(optional(fields, "FailedMembers", Decode.fields), (wire) =>
    failures("FailedMembers", wire ?? {}, asked)
  )

/** The users that could not be invited, by id. The vendor's SDKs take the map for a text. */
export const failedUsers = (
  fields: Decode.Fields,
  asked: ReadonlyArray<number>
): Result.Result<ReadonlyMap<number, FailedMember>, string> =>
  Result.flatMap(optional(fields, "ErrorMap", mapOrText), (wire) => failures("ErrorMap", wire ?? {}, asked))

const mapOrText: Decode.Decoder<Decode.Fields> = (wire) => {
  if (typeof wire !== "string") return Decode.fields(wire)
  if (wire.trim() === "") return Result.succeed({})
  return Result.mapError(Result.flatMap(Json.parse(wire), Decode.fields), () => "no text of a JSON object")
}

/**
 * For whom a request failed. What is not exactly a map of asked-for ids to codes other than 0 is an
 * error: it would prove nothing about anybody.
 */
const failures = (
  key: string,
  wire: Decode.Fields,
  asked: ReadonlyArray<number>
): Result.Result<ReadonlyMap<number, FailedMember>, string> =>
  Result.gen(function* () {
    const failed = new Map<number, FailedMember>()
    for (const [name, value] of Object.entries(wire)) {
      const id = uint32(name)
      if (id === undefined || !asked.includes(id)) {
        return yield* Result.fail(`${key} names ${JSON.stringify(name)}, which was not asked for`)
      }
      const member = yield* Decode.fields(value)
      const code = yield* required(member, "Code", Decode.integer)
      if (code === 0) return yield* Result.fail(`${key} gives ${id} the code of success`)
      failed.set(id, { code, ...defined({ message: yield* optional(member, "Message", Decode.text) }) })
    }
    return failed
  })

/** Nothing is expected in the answer. */
export const acknowledged = (): Result.Result<object, never> => Result.succeed({})

/** Nothing but text: what stands for another word is not to be taken for one. */
const word: Decode.Decoder<string> = (wire) =>
  typeof wire === "string" ? Result.succeed(wire) : Result.fail("not text")

/**
 * The log is a witness of money that moved: it is not to fail over what nobody counts. So what is not of
 * a documented form is left out, but for the two words and the total.
 */
const ifReadable = <A>(wire: unknown, decode: Decode.Decoder<A>): A | undefined =>
  Result.getOrUndefined(decode(wire))

const entry = (row: Decode.Fields): Result.Result<TeamOperateLogEntry, string> =>
  Result.gen(function* () {
    return {
      operateType: yield* required(row, "OperateType", word),
      status: yield* required(row, "Status", word),
      details: row,
      ...defined({
        content: ifReadable(row["Content"], Decode.text),
        createTime: ifReadable(row["CreateTime"], Decode.unixSeconds)
      })
    }
  })

export const operateLogPage = (
  fields: Decode.Fields
): Result.Result<Omit<TeamOperateLogPage, "answeredAt" | "requestId">, string> =>
  Result.gen(function* () {
    return {
      entries: yield* Decode.list(fields, "Logs", entry),
      total: yield* required(fields, "Total", Decode.integer),
      operateTypes: words(fields["OperateTypeList"]),
      statuses: words(fields["StatusList"])
    }
  })

/** A map of words to their titles on the vendor's page, and a list of words in its SDKs. */
const words = (wire: unknown): ReadonlyArray<TeamOperateLogWord> =>
  Array.isArray(wire)
    ? wire.filter((item) => typeof item === "string").map((item) => ({ word: item }))
    : Object.entries(ifReadable(wire, Decode.fields) ?? {}).map(([key, title]) => ({
        word: key,
        ...defined({ title: ifReadable(title, word) })
      }))
