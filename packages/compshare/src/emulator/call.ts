/** The input of the actions, and the functions with which they read their parameters. */
import * as Result from "effect/Result"
import { retCodes } from "./codes.ts"
import {
  type Answer,
  type Download,
  missing,
  notAvailable,
  type Params,
  type Refusal,
  refuse
} from "./wire.ts"
import type { Team, World } from "./world.ts"

/** The input of an action. */
export interface Call {
  readonly world: World
  readonly params: Params
  /** Milliseconds since 1970. */
  readonly now: number
  readonly requestId: string
}

/** Reads its parameters, changes the world, and returns the fields of its answer or a file. */
export type Action = (call: Call) => Result.Result<Readonly<Record<string, Answer>> | Download, Refusal>

/** The actions of one subject, by their names on the wire. */
export type Actions = ReadonlyArray<readonly [name: string, action: Action]>

/** A team that the signing administrator has, or had. */
export const anyTeam = (world: World, params: Params): Result.Result<Team, Refusal> =>
  Result.flatMap(integer(params, "TeamId", uint32), (id) => {
    const team = world.teams.get(Number(id))
    return team === undefined ? noPermission : Result.succeed(team)
  })

/** A team that the signing administrator has now. */
export const ownTeam = (world: World, params: Params): Result.Result<Team, Refusal> =>
  Result.flatMap(anyTeam(world, params), (team) => (team.deleted ? noPermission : Result.succeed(team)))

/** A member of the team, by the id that members get when they join. */
export const teamMember = (team: Team, params: Params): Result.Result<number, Refusal> =>
  Result.flatMap(integer(params, "VirtualCompanyId", uint32), (id) =>
    id > 0n && team.members.some((member) => member.virtualCompanyId === Number(id))
      ? Result.succeed(Number(id))
      : noPermission
  )

/** One refusal for both: a caller must not learn whether an id exists in another account. */
export const noPermission = refuse(retCodes.noPermission, "No Permission")

/**
 * `BeginTime` and `EndTime` in Unix seconds, both optional as on the vendor's pages: an absent one leaves
 * that end open. Undocumented choice: both ends belong to the period.
 */
export const period = (params: Params): Result.Result<(time: number) => boolean, Refusal> =>
  Result.gen(function* () {
    for (const name of ["BeginTime", "EndTime"]) if (params.get(name) === "") return yield* missing(name)
    const begin = yield* optionalInteger(params, "BeginTime", int64, 0n)
    const end = yield* optionalInteger(params, "EndTime", int64, int64.most)
    if (end <= begin) return yield* notAvailable("EndTime")
    return (time: number) => begin <= time && time <= end
  })

/** The requested part of a list. At most 100 rows, wherever the vendor documents a bound. */
export const page = (params: Params, rowsByDefault = 25n) =>
  Result.gen(function* () {
    const limit = yield* optionalInteger(params, "Limit", { least: 1n, most: 100n }, rowsByDefault)
    const offset = yield* optionalInteger(params, "Offset", uint32, 0n)
    const cut = <A>(rows: ReadonlyArray<A>): ReadonlyArray<A> =>
      rows.slice(Number(offset), Number(offset + limit))
    return { limit, offset, cut }
  })

export interface Bounds {
  readonly least: bigint
  readonly most: bigint
}

export const uint32: Bounds = { least: 0n, most: 2n ** 32n - 1n }

/** Times and amounts: never below zero. */
export const int64: Bounds = { least: 0n, most: 2n ** 63n - 1n }

export const required = (params: Params, name: string): Result.Result<string, Refusal> => {
  const text = params.get(name)
  return text === undefined || text === "" ? missing(name) : Result.succeed(text)
}

export const toInteger = (
  name: string,
  text: string,
  { least, most }: Bounds
): Result.Result<bigint, Refusal> => {
  if (!/^\d{1,20}$/.test(text)) return notAvailable(name)
  const value = BigInt(text)
  return least <= value && value <= most ? Result.succeed(value) : notAvailable(name)
}

export const integer = (params: Params, name: string, bounds: Bounds) =>
  Result.flatMap(required(params, name), (text) => toInteger(name, text, bounds))

export const optionalInteger = (params: Params, name: string, bounds: Bounds, otherwise: bigint) => {
  const text = params.get(name)
  return text === undefined ? Result.succeed(otherwise) : toInteger(name, text, bounds)
}

export const optionalBoolean = (params: Params, name: string): Result.Result<boolean, Refusal> => {
  const text = params.get(name) ?? "false"
  return text === "true" || text === "false" ? Result.succeed(text === "true") : notAvailable(name)
}

/** The values of `Name.0`, `Name.1` and so on, by number. */
export const list = (params: Params, name: string): Result.Result<ReadonlyArray<string>, Refusal> => {
  if (params.has(name)) return notAvailable(name)
  const found: Array<readonly [index: number, text: string]> = []
  for (const [key, text] of params) {
    if (!key.startsWith(`${name}.`)) continue
    const index = key.slice(name.length + 1)
    if (!/^(0|[1-9]\d{0,8})$/.test(index)) return notAvailable(key)
    found.push([Number(index), text])
  }
  return Result.succeed(found.sort(([one], [two]) => one - two).map(([, text]) => text))
}

/** The records of `Name.0.Field`, `Name.1.Field` and so on, by number, each with its own parameters. */
export const records = (params: Params, name: string): Result.Result<ReadonlyArray<Params>, Refusal> => {
  if (params.has(name)) return notAvailable(name)
  const found = new Map<number, Map<string, string>>()
  for (const [key, text] of params) {
    if (!key.startsWith(`${name}.`)) continue
    const [, index, field] = /^(0|[1-9]\d{0,8})\.(\w+)$/.exec(key.slice(name.length + 1)) ?? []
    if (index === undefined || field === undefined) return notAvailable(key)
    const record = found.get(Number(index)) ?? new Map<string, string>()
    found.set(Number(index), record.set(field, text))
  }
  return Result.succeed([...found].sort(([one], [two]) => one - two).map(([, record]) => record))
}

/** A filter over a closed vocabulary. Default: all of it. */
export const listOf = <A extends string>(params: Params, name: string, known: ReadonlyArray<A>) =>
  Result.flatMap(list(params, name), (texts): Result.Result<ReadonlyArray<A>, Refusal> => {
    const chosen = known.filter((word) => texts.includes(word))
    if (texts.some((text) => !known.some((word) => word === text))) return notAvailable(name)
    return Result.succeed(texts.length === 0 ? known : chosen)
  })
