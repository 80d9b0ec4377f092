/** Conformance of members: listing, joining and leaving. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { MemberInfo } from "../model/MemberInfo.ts"
import * as Quantity from "../model/Quantity.ts"
import { type Check, type Harness, check, expect, failsWith, given } from "./conformanceKit.ts"

const printMember = ({ email, id, name, status }: MemberInfo): string =>
  `${id} ${name} ${email} ${status._tag}`

/** All active or invited members with this id or user id. */
const present = ({ account }: Harness, called: string) =>
  Effect.map(Stream.runCollect(account.members.list()), (all) =>
    all.filter(
      ({ id, status, user }) =>
        (id === called || user === called) && (status._tag === "active" || status._tag === "invited")
    )
  )

/** Invites the harness's invitee, who has then joined or is invited. */
const invite = (harness: Harness) =>
  Effect.gen(function* () {
    const user = yield* given(harness, "invitee")
    const [result, ...more] = yield* harness.account.members.invite({ user })
    yield* expect("results of one invitation", 1 + more.length, 1)
    const { message, outcome } = result ?? { message: "none", outcome: "unknown" }
    yield* expect(
      `${user} is invited or has joined (${message})`,
      outcome === "invited" || outcome === "joined",
      true
    )
    return user
  })

const nothingLeft = ({ account, member }: Harness) =>
  Effect.gen(function* () {
    for (const { available, metric } of yield* account.quotas.get(member)) {
      const little = available !== undefined && Quantity.isLessThan(available, metric.step)
      yield* expect(`less than a step of ${metric.id} is left (${available})`, little, true)
    }
  })

export const memberChecks: ReadonlyArray<Check> = [
  check("a member is the same by itself and in the listing", ["members.list", "members.get"], (harness) =>
    Effect.gen(function* () {
      const listed = yield* Stream.runCollect(harness.account.members.list())
      const one = yield* harness.account.members.get(harness.member)
      yield* expect(
        harness.member,
        printMember(one),
        listed
          .filter(({ id }) => id === harness.member)
          .map(printMember)
          .join(" and ")
      )
    })
  ),

  check("a listing of members can be narrowed to a status", ["members.list"], (harness) =>
    Effect.gen(function* () {
      const actives = yield* Stream.runCollect(harness.account.members.list({ status: "active" }))
      yield* expect(
        "only active members",
        actives.every(({ status }) => status._tag === "active"),
        true
      )
      yield* expect(
        `${harness.member} among them`,
        actives.some(({ id }) => id === harness.member),
        true
      )
    })
  ),

  check("a member that does not exist is NotFound", ["members.get"], (harness) =>
    failsWith("members.get", "NotFound", harness.account.members.get(harness.missingMember))
  ),

  check("a member is found by id", ["members.list"], (harness) =>
    Effect.gen(function* () {
      const found = yield* Stream.runCollect(harness.account.members.search(harness.member))
      yield* expect("who is found", found.map(({ id }) => id).join(", "), harness.member)
    })
  ),

  check("a member is found by name, whatever the case", ["members.list", "members.names"], (harness) =>
    Effect.gen(function* () {
      const { account, member } = harness
      const { name } = yield* account.members.get(member)
      yield* expect(`${member} has a name`, name !== undefined, true)
      for (const text of [name ?? "", name?.toUpperCase() ?? ""]) {
        const found = yield* Stream.runCollect(account.members.search(text))
        yield* expect(
          `${member} is found as ${text}`,
          found.some(({ id }) => id === member),
          true
        )
      }
    })
  ),

  check("who is invited is listed so, and is not invited again", ["members.invite"], (harness) =>
    Effect.gen(function* () {
      const user = yield* invite(harness)
      yield* expect(`listed once as ${user}`, (yield* present(harness, user)).length, 1)
      const [again] = yield* harness.account.members.invite({ user })
      yield* expect("the outcome of the same invitation again", again?.outcome, "already")
      yield* expect(`still listed once as ${user}`, (yield* present(harness, user)).length, 1)
    })
  ),

  check(
    "an invitation that was withdrawn is no longer open",
    ["members.invite", "members.cancel-invite"],
    (harness) =>
      Effect.gen(function* () {
        const user = yield* invite(harness)
        yield* harness.account.members.cancelInvite(user)
        yield* expect(`still listed as ${user}`, (yield* present(harness, user)).length, 0)
        const again = harness.account.members.cancelInvite(user)
        yield* failsWith("withdrawing it again", "NotFound", again)
      })
  ),

  check("a new name is seen", ["members.rename", "members.get"], ({ account, member }) =>
    Effect.gen(function* () {
      yield* account.members.rename(member, "林晓 (conformance)")
      yield* expect("the name", (yield* account.members.get(member)).name, "林晓 (conformance)")
    })
  ),

  check("who was removed is no member any more", ["members.remove"], (harness) =>
    Effect.gen(function* () {
      yield* harness.account.members.remove(harness.otherMember)
      yield* expect("still listed", (yield* present(harness, harness.otherMember)).length, 0)
      yield* expect("the other one is still listed", (yield* present(harness, harness.member)).length, 1)
    })
  ),

  check("offboarding leaves nothing, and the member", ["quotas.reclaim", "quotas.get"], (harness) =>
    Effect.gen(function* () {
      const { complete, membership, message } = yield* harness.account.members.offboard(harness.member, {
        run: "offboard"
      })
      yield* expect(`complete (${message})`, complete, true)
      yield* expect("the membership", membership, "kept")
      yield* nothingLeft(harness)
    })
  ),

  check("offboarding removes the member if it is asked to", ["quotas.reclaim", "members.remove"], (harness) =>
    Effect.gen(function* () {
      const options = { run: "offboard", remove: true }
      const { complete, membership, message } = yield* harness.account.members.offboard(
        harness.member,
        options
      )
      yield* expect(`complete (${message})`, complete, true)
      yield* expect("the membership", membership, "removed")
      yield* expect("still listed", (yield* present(harness, harness.member)).length, 0)
    })
  )
]
