/**
 * The members of one account, as promises.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Core from "../services/Account.ts"
import type * as CoreMember from "../services/Member.ts"
import { defined } from "../model/KnownKeys.ts"
import type { Account } from "./api.ts"
import type { Calls } from "./calls.ts"
import { failureOf } from "./failure.ts"
import * as Inputs from "./inputs.ts"
import type { Invited, Offboarding } from "./model.ts"
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
      list("members.find", () => Effect.succeed(Stream.map(members.find(text), toMember)), options),
    invite: (invitations, options) =>
      run(
        "members.invite",
        () => Effect.map(members.invite(invitations), (all) => all.map(toInvited)),
        options
      ),
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
