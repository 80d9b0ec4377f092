/**
 * The members of one account, as promises.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Core from "../services/Account.ts"
import type * as CoreMember from "../services/Member.ts"
import { defined } from "../model/KnownKeys.ts"
import type { Account, CallOptions } from "./api.ts"
import type { Calls } from "./calls.ts"
import { failureOf } from "./failure.ts"
import * as Inputs from "./inputs.ts"
import type { Invitation, Invited, Offboarding } from "./model.ts"
import * as Options from "./options.ts"
import { memberOf, withLine } from "./plain.ts"
import { quotaOf, reportOf } from "./results.ts"

export const makeMembers = (
  { members }: Pick<Core.Account["Service"], "members">,
  { cutShort, list, name, refs, run, runWatched, runWith }: Calls
): Account["members"] => {
  const toMember = memberOf(name)
  const toQuota = quotaOf(name)

  const toInvited = ({ invitation, member, message, outcome, reason }: CoreMember.Invited): Invited =>
    withLine({
      invitation,
      outcome,
      message,
      ...(member === undefined ? {} : { member: toMember(member) }),
      ...(reason === undefined ? {} : { failure: failureOf(reason) })
    })

  const toOffboarding = ({ complete, member, membership, message, ...rest }: CoreMember.Offboarding) =>
    withLine({
      member,
      report: reportOf(rest.report),
      quotas: rest.quotas.map(toQuota),
      membership,
      complete,
      message
    })

  /** One result for one invitation, and a list for a list. */
  const invite = (
    input: string | Invitation | Iterable<Invitation>,
    options?: CallOptions
  ): Promise<Invited | ReadonlyArray<Invited>> => {
    const isList = typeof input === "object" && input !== null && Symbol.iterator in input
    const given = typeof input === "string" ? { user: input } : input
    const invited = () => Effect.map(members.invite(given), (all) => all.map(toInvited))
    return isList
      ? run("members.invite", invited, options)
      : run("members.invite", () => Effect.map(invited(), ([one]) => one as Invited), options)
  }

  return {
    list: (filter) =>
      list(
        "members.list",
        () => Effect.succeed(Stream.map(members.list(defined({ status: filter?.status })), toMember)),
        filter,
        Options.members
      ),
    get: (member, options) =>
      runWith("members.get", member, options, (ref) => Effect.map(members.get(ref), toMember)),
    find: (text, options) =>
      run(
        "members.find",
        () => Effect.map(members.find(text), (found) => Option.getOrUndefined(Option.map(found, toMember))),
        options
      ),
    search: (text, options) =>
      list("members.search", () => Effect.succeed(Stream.map(members.search(text), toMember)), options),
    invite: invite as Account["members"]["invite"],
    cancelInvite: (member, options) =>
      runWith("members.cancel-invite", member, options, (ref) => members.cancelInvite(ref)),
    rename: (member, to, options) =>
      runWith("members.rename", member, options, (ref) => members.rename(ref, to)),
    remove: (member, options) => runWith("members.remove", member, options, (ref) => members.remove(ref)),
    offboard: (member, options) =>
      runWatched<Offboarding>(
        "members.offboard",
        options,
        Options.offboard,
        (onEvent) =>
          Effect.flatMap(refs.member("members.offboard", member), (ref) =>
            Effect.map(members.offboard(ref, { ...Inputs.offboardOptions(options), onEvent }), toOffboarding)
          ),
        (results) =>
          withLine({
            member: results[0]?.member ?? "",
            report: cutShort(results, options.run),
            quotas: [],
            membership: options.remove === true ? "unknown" : "kept",
            complete: false,
            message: "It was given up before it was done: run it again under the same name to go on."
          })
      )
  }
}
