/** The members of an account, listed once for everything that looks members up in a call. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { MemberInfo } from "../model/MemberInfo.ts"
import * as Names from "../model/names.ts"
import type { ServiceContext } from "./serviceContext.ts"

/** The members that could be listed. */
export interface MemberDirectory {
  readonly byId: ReadonlyMap<string, MemberInfo>
  /** The members whose names or addresses look like a text, whatever the case. */
  readonly called: (text: string) => ReadonlyArray<Called>
  /** The members of a user of the provider. */
  readonly ofUser: (user: string) => ReadonlyArray<MemberInfo>
  /** The error, if rows of the listing could not be read: an absent member may be one of them. */
  readonly unreadable: CloudQuotaError | undefined
}

/** A member, and a name or an address of it. */
export interface Called {
  readonly member: MemberInfo
  readonly name: string
}

const callings = (member: MemberInfo): ReadonlyArray<Called> =>
  [member.name, member.email].flatMap((name) => (name === undefined ? [] : [{ member, name }]))

/** Lists the members. Unreadable rows do not keep the others from being found. */
export const readDirectory = Effect.fnUntraced(function* ({
  driver
}: ServiceContext): Effect.fn.Return<MemberDirectory, CloudQuotaError> {
  const members: Array<MemberInfo> = []
  const unreadable = yield* Stream.runForEachArray(driver.listMembers, (rows) =>
    Effect.sync(() => void members.push(...rows))
  ).pipe(
    Effect.as(undefined),
    Effect.catch((error) => (hasUnreadableRows(error) ? Effect.succeed(error) : Effect.fail(error)))
  )
  let names: ReadonlyMap<string, ReadonlyArray<Called>> | undefined
  return {
    byId: new Map(members.flatMap((member) => (member.id === undefined ? [] : [[member.id, member]]))),
    called: (text) => {
      names ??= Map.groupBy(members.flatMap(callings), ({ name }) => lookOf(name))
      return names.get(lookOf(text)) ?? []
    },
    ofUser: (user) => members.filter((member) => member.user === user),
    unreadable
  }
})

const hasUnreadableRows = ({ reason }: CloudQuotaError): boolean =>
  reason._tag === "MalformedResponse" && reason.unreadableRows !== undefined

const lookOf = (name: string): string => Names.key(name.toLowerCase())
