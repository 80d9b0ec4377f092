/**
 * From the text that names a member in a call to the provider's id: an exact id, else a person, else the name of one
 * active member.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Change from "../model/Change.ts"
import type { CloudQuotaError } from "../model/CloudQuotaError.ts"
import type { MemberId, MemberInfo, MemberRef } from "../model/MemberInfo.ts"
import { longestName } from "../model/People.ts"
import * as Names from "../model/names.ts"
import type { NamedMember } from "../engine/decodeChanges.ts"
import { invalidArgument } from "../engine/invalidArgument.ts"
import { type Called, type MemberDirectory, readDirectory } from "./memberDirectory.ts"
import { type ServiceContext, withAccount } from "./serviceContext.ts"

/** The members of a call. */
export interface Resolved {
  /** In the order of the references. */
  readonly members: ReadonlyArray<NamedMember>
  /** All members, listed at most once. */
  readonly directory: Effect.Effect<MemberDirectory, CloudQuotaError>
}

/** Returns the members that references name; `operation` is for errors. */
export type ResolveMembers = (
  operation: string,
  refs: Iterable<MemberRef>
) => Effect.Effect<Resolved, CloudQuotaError>

/** Returns the member that a reference names. */
export type ResolveMember = (operation: string, ref: MemberRef) => Effect.Effect<MemberId, CloudQuotaError>

export const makeResolveMembers = (context: ServiceContext): ResolveMembers => {
  const resolveText = makeResolveText(context)
  return Effect.fnUntraced(function* (operation, refs) {
    const directory = yield* Effect.cached(
      Effect.mapError(readDirectory(context), withAccount(context.account))
    )
    const refuse = (message: string) => invalidArgument(context, operation, "member", message)
    const members = yield* Effect.forEach(refs, (ref) =>
      Effect.gen(function* (): Effect.fn.Return<NamedMember, CloudQuotaError> {
        const text = yield* Effect.fromResult(Result.mapError(Change.decodeMember(ref), refuse))
        // A listed member has its id, and needs no lookup.
        if (typeof ref !== "string") {
          return { member: yield* Effect.fromResult(Result.mapError(context.driver.memberId(text), refuse)) }
        }
        const found = yield* resolveText(text, directory)
        const member = yield* Effect.fromResult(Result.mapError(found, refuse))
        return member === text ? { member } : { member, named: text }
      })
    )
    return { members, directory }
  })
}

/** Makes the resolver of single references. */
export const oneOf =
  (resolveMembers: ResolveMembers): ResolveMember =>
  (operation, ref) =>
    Effect.map(resolveOne(resolveMembers, operation, ref), ({ member }) => member)

/** Returns the member that a reference names, with the list of members that it was looked up in. */
export const resolveOne = (resolveMembers: ResolveMembers, operation: string, ref: MemberRef) =>
  Effect.flatMap(resolveMembers(operation, [ref]), ({ directory, members: [one] }) =>
    one === undefined
      ? Effect.die(new Error("a reference was resolved to no member"))
      : Effect.succeed({ ...one, directory })
  )

/** A member that a text may mean, and why. */
interface Candidate {
  readonly id: MemberId
  readonly because: "the id" | "the person" | "the name"
}

const makeResolveText = ({ account, driver, people }: ServiceContext) =>
  Effect.fnUntraced(function* (
    text: string,
    listed: Effect.Effect<MemberDirectory, CloudQuotaError>
  ): Effect.fn.Return<Result.Result<MemberId, string>, CloudQuotaError> {
    // Another member may have a name that looks the same.
    const misnamed = Names.problem(text, longestName)
    if (misnamed !== undefined) return Result.fail(misnamed)
    const mapped = yield* Effect.mapError(people.memberOf(text, account), withAccount(account))
    const asPerson = mapped === undefined ? undefined : driver.memberId(mapped)
    if (asPerson !== undefined && Result.isFailure(asPerson)) {
      return Result.fail(`${quoted(text)} is mapped to it by People: ${asPerson.failure}`)
    }
    const directory = yield* listed
    const asId = driver.memberId(text)
    const isKnown =
      directory.byId.has(text) ||
      (yield* Effect.mapError(people.personOf(text, account), withAccount(account))) !== undefined
    const called = directory.called(text)
    const active = called.filter(({ member }) => member.status._tag === "active")
    const candidates = [
      ...(Result.isSuccess(asId) && isKnown ? [{ id: asId.success, because: "the id" } as const] : []),
      ...(asPerson === undefined ? [] : [{ id: asPerson.success, because: "the person" } as const]),
      ...active.flatMap(({ member: { id } }) =>
        id === undefined ? [] : [{ id, because: "the name" } as const]
      )
    ]
    const [first] = candidates
    if (first === undefined) return withoutCandidate({ text, asId, directory, called, account })
    if (candidates.some(({ id }) => id !== first.id)) return Result.fail(ambiguous(text, candidates))
    if (candidates.every(({ because }) => because === "the name")) {
      const problem = nameProblem(text, active, directory)
      if (problem !== undefined) return Result.fail(problem)
    }
    return Result.succeed(first.id)
  })

/** Returns why a name does not decide on its only bearer. */
const nameProblem = (
  text: string,
  bearers: ReadonlyArray<Called>,
  { unreadable }: MemberDirectory
): string | undefined => {
  const [{ member: { id = "" } = {}, name = "" } = {}] = bearers
  if (!bearers.some((one) => one.name.toLowerCase() === text.toLowerCase())) {
    return `${Names.visible(text)} looks like ${Names.visible(name)}, the name of ${id}: give the id`
  }
  return unreadable === undefined
    ? undefined
    : `${quoted(text)} is the name of ${id}, and members that cannot be read may have the same: give the id (${unreadable.reason.message})`
}

/** The refusal of a text that fits several members. */
const ambiguous = (text: string, candidates: ReadonlyArray<Candidate>): string => {
  const fits = [...new Set(candidates.map(({ because, id }) => `${because} of ${id}`))].join(", ")
  const isId = candidates.some(({ because }) => because === "the id")
  const remedy = isId ? "rename the other, or give the member as a listing gives it" : "give an id"
  return `${quoted(text)} fits more than one member (${fits}): ${remedy}`
}

/** Returns the id of a member that no listing has, such as a former one; or why the text names no member. */
const withoutCandidate = ({
  account,
  asId,
  called,
  directory,
  text
}: {
  readonly text: string
  readonly asId: Result.Result<MemberId, string>
  readonly directory: MemberDirectory
  readonly called: ReadonlyArray<Called>
  readonly account: string
}): Result.Result<MemberId, string> => {
  const [bearer] = called
  if (bearer !== undefined) return Result.fail(inactive(text, bearer.member))
  const [ofUser] = directory.ofUser(text)
  if (ofUser?.id !== undefined) {
    return Result.fail(`${quoted(text)} is the user id of the member ${ofUser.id}: give the member's id`)
  }
  if (ofUser !== undefined) return Result.fail(inactive(text, ofUser))
  if (text.includes("@")) {
    return Result.fail(
      `${quoted(text)} is an e-mail address that is mapped to no member of the account ${quoted(account)}: add it to People, give the member's id, or look for it with members.search`
    )
  }
  return Result.mapError(asId, (problem) =>
    directory.unreadable === undefined
      ? `${problem}; and no active member has the name ${quoted(text)}`
      : `${problem}; and members that cannot be read may have the name: ${directory.unreadable.reason.message}`
  )
}

const statusTexts: { readonly [K in MemberInfo["status"]["_tag"]]?: string } = {
  invited: "was invited and has not accepted yet",
  candidate: "has no quotas here yet: invite the user first"
}

/** The refusal of a text that fits only members who are not active. */
const inactive = (text: string, { id, status, user }: MemberInfo): string => {
  const who = id === undefined ? (user === undefined ? "" : ` (user ${user})`) : ` (${id})`
  const { [status._tag]: known = `is ${status._tag === "unknown" ? status.raw : status._tag}: give the id` } =
    statusTexts
  return `${quoted(text)}${who} ${known}`
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 120))

/** Whether there is a membership, or may be: not of a user without one, nor where it came to nothing. */
export const isMember = ({ status }: MemberInfo): boolean =>
  status._tag !== "candidate" && status._tag !== "canceled" && status._tag !== "rejected"
