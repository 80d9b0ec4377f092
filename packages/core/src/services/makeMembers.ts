/**
 * The `Member` service of one account.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { memberKeys } from "../model/Change.ts"
import { CloudQuotaError, NotFound } from "../model/CloudQuotaError.ts"
import * as KnownKeys from "../model/KnownKeys.ts"
import type { MemberInfo, MemberRef } from "../model/MemberInfo.ts"
import { isStatus, statusRule } from "../model/memberStatus.ts"
import type { Member, MemberFilter } from "./Member.ts"
import type { Engine } from "../engine/changeEngine.ts"
import { type ResolveMember, type ResolveMembers, isMember } from "./memberRef.ts"
import { makeWithNames } from "./withNames.ts"
import { makeInvite } from "./invite.ts"
import { makeOffboard } from "./offboard.ts"
import { type ServiceContext, withAccount, supported } from "./serviceContext.ts"
import { checkKeys, invalidArgument } from "../engine/invalidArgument.ts"
import { isName, nameRule } from "../model/text.ts"

const filterKeys: KnownKeys.Names<MemberFilter> = { status: true }

export const makeMember = (
  context: ServiceContext,
  resolveMember: ResolveMember,
  resolveMembers: ResolveMembers,
  engine: Engine
): Member["Service"] => {
  const { account, driver, people } = context

  const listed = Stream.suspend(() => {
    const withNames = makeWithNames(context)
    return Stream.mapEffect(driver.listMembers, (member) => withNames(member.id, member))
  })

  const list: Member["Service"]["list"] = (filter) => {
    const status = filter?.status
    if (status !== undefined && !isStatus(status)) {
      return Stream.fail(invalidArgument(context, "members.list", "status", statusRule))
    }
    return Stream.unwrap(
      Effect.as(checkKeys(context, "members.list", filter, filterKeys, "filter"), listed)
    ).pipe(
      Stream.filter((member) => status === undefined || member.status._tag === status),
      Stream.mapError(withAccount(account)),
      Stream.withSpan("Member.list", { attributes: { account } })
    )
  }

  const get: Member["Service"]["get"] = Effect.fn("Member.get")(function* (ref) {
    const id = yield* resolveMember("members.get", ref)
    return yield* driver.getMember(id).pipe(
      Effect.flatMap((member) => makeWithNames(context)(id, member)),
      Effect.mapError(withAccount(account))
    )
  })

  /** Lists the members, and those that a text names exactly. */
  const sought = Effect.fnUntraced(
    function* (operation: string, text: string) {
      if (typeof text !== "string" || text.trim() === "") {
        const message = "give an id, a name, an e-mail address or a person, or a part of a name or an address"
        return yield* invalidArgument(context, operation, "text", message)
      }
      const mapped = yield* people.memberOf(text.trim(), account)
      const all = yield* Stream.runCollect(listed)
      const exactly = all.filter(
        (member) => isCalled(text.trim())(member) || (mapped !== undefined && member.id === mapped)
      )
      return { all, exactly }
    },
    Effect.mapError(withAccount(account))
  )

  const search: Member["Service"]["search"] = (text) =>
    Stream.fromIterableEffect(
      Effect.map(sought("members.search", text), ({ all, exactly }) =>
        exactly.length > 0
          ? exactly
          : all.filter(({ email, name }) =>
              [name, email].some((own) => fold(own)?.includes(folded(text.trim())))
            )
      )
    ).pipe(Stream.withSpan("Member.search", { attributes: { account } }))

  const find: Member["Service"]["find"] = Effect.fn("Member.find")(function* (text) {
    const operation = "members.find"
    const { exactly } = yield* sought(operation, text)
    const [first, ...others] = exactly
    if (others.length === 0) return Option.fromUndefinedOr(first)
    const candidates = exactly.map(describe).join("; ")
    const message = `${JSON.stringify(text)} fits more than one member, so give the id of one: ${candidates}`
    return yield* invalidArgument(context, operation, "text", message)
  })

  /**
   * Turns a lost answer into success if a reading shows the requested state. These writes can be repeated
   * without harm, so the requested state is enough.
   */
  const orSeen =
    (isDone: Effect.Effect<boolean, CloudQuotaError>) =>
    (write: Effect.Effect<void, CloudQuotaError>): Effect.Effect<void, CloudQuotaError> =>
      write.pipe(
        Effect.catch((error) =>
          error.money !== "unknown"
            ? Effect.fail(error)
            : Effect.flatMap(
                Effect.orElseSucceed(isDone, () => false),
                (done) => (done ? Effect.void : Effect.fail(error))
              )
        ),
        Effect.mapError(withAccount(account))
      )

  const cancelInvite: Member["Service"]["cancelInvite"] = Effect.fn("Member.cancelInvite")(function* (ref) {
    const operation = "members.cancel-invite"
    const send = yield* supported(context, operation, driver.cancelInvite)
    if (typeof ref === "object" && ref !== null) {
      const unknown = KnownKeys.problem(ref, memberKeys)
      const message = `${unknown?.field} ${unknown?.message}`
      if (unknown !== undefined) return yield* invalidArgument(context, operation, "member", message)
    }
    const isMeant = yield* matcherOf(ref)
    const called = yield* listed.pipe(
      Stream.filter(isMeant),
      Stream.runCollect,
      Effect.mapError(withAccount(account))
    )
    // An exact id takes precedence: an administrator may have given it to another member as a name.
    const text = typeof ref === "string" ? ref.trim() : ref
    const identified = called.filter(({ id, user }) => id === text || user === text)
    const found = identified.length > 0 ? identified : called
    const invited = found.filter(({ status }) => status._tag === "invited")
    const [invitee, ...others] = invited
    if (invitee === undefined) {
      const listing = found.length === 0 ? "nobody of that name is listed" : found.map(describe).join("; ")
      return yield* new CloudQuotaError({
        provider: driver.identity.provider,
        account,
        operation,
        money: "not-moved",
        reason: new NotFound({ message: `there is no open invitation to withdraw: ${listing}` })
      })
    }
    if (others.length > 0) {
      const message = `several are invited under that name, so give the user id of one: ${invited.map(describe).join("; ")}`
      return yield* invalidArgument(context, operation, "member", message)
    }
    const { user } = invitee
    if (user === undefined) {
      const message = `the listing does not tell the user id of ${describe(invitee)}, which an invitation is withdrawn by`
      return yield* invalidArgument(context, operation, "member", message)
    }
    const isGone = Stream.runCollect(driver.listMembers).pipe(
      Effect.map((all) => !all.some((member) => member.user === user && member.status._tag === "invited"))
    )
    yield* orSeen(isGone)(send(user))
  })

  /**
   * Returns a predicate for the member that a reference means. It works on the listing, since an invitee may
   * have no id.
   */
  const matcherOf = (ref: MemberRef): Effect.Effect<(member: MemberInfo) => boolean, CloudQuotaError> => {
    if (typeof ref === "string" && ref.trim() !== "") return Effect.succeed(isCalled(ref.trim()))
    const { id, user }: Partial<MemberInfo> = typeof ref === "object" && ref !== null ? ref : {}
    if (user !== undefined) return Effect.succeed((member) => member.user === user)
    if (id !== undefined) return Effect.succeed((member) => member.id === id)
    const message = "give the invited member as a listing gives it, or its user id or name"
    return Effect.fail(invalidArgument(context, "members.cancel-invite", "member", message))
  }

  const rename: Member["Service"]["rename"] = Effect.fn("Member.rename")(function* (ref, name) {
    const operation = "members.rename"
    const send = yield* supported(context, operation, driver.rename)
    if (!isName(name)) return yield* invalidArgument(context, operation, "name", `give ${nameRule}`)
    const id = yield* resolveMember(operation, ref)
    yield* orSeen(Effect.map(driver.getMember(id), (member) => member.name === name))(send(id, name))
  })

  const removeById = (id: NonNullable<MemberInfo["id"]>) =>
    Effect.flatMap(supported(context, "members.remove", driver.remove), (send) => {
      const isGone = Stream.runCollect(driver.listMembers).pipe(
        // Gone means absent, a candidate, canceled or rejected. A user in an unknown state is not gone.
        Effect.map((all) => !all.some((member) => member.id === id && isMember(member)))
      )
      return orSeen(isGone)(send(id))
    })

  const remove: Member["Service"]["remove"] = Effect.fn("Member.remove")(function* (ref) {
    yield* supported(context, "members.remove", driver.remove)
    yield* removeById(yield* resolveMember("members.remove", ref))
  })

  return {
    list,
    get,
    find,
    search,
    invite: makeInvite(context, listed),
    cancelInvite,
    rename,
    remove,
    offboard: makeOffboard(context, resolveMembers, engine, removeById)
  }
}

/** Names are compared without regard to case. */
const folded = (text: string): string => text.normalize("NFC").toLowerCase()

const fold = (text: string | undefined): string | undefined => (text === undefined ? undefined : folded(text))

const isCalled =
  (text: string) =>
  ({ email, id, name, person, user }: MemberInfo): boolean =>
    [id, user, name, email, person].some((own) => fold(own) === folded(text))

/** Describes a member as `Ada (user 50001, invited)`. */
const describe = ({ email, id, name, status, user }: MemberInfo): string => {
  const facts = [
    id === undefined ? [] : [`id ${id}`],
    user === undefined ? [] : [`user ${user}`],
    [status._tag === "unknown" ? status.raw : status._tag]
  ]
  return `${name ?? email ?? "without a name"} (${facts.flat().join(", ")})`
}
