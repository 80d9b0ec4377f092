/** Selects members: from the command line, from a file, or all active ones. */
import type { MemberRef } from "@cloud-quota/core/Member"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { Failed, Usage } from "./Failure.ts"
import type * as Session from "./Session.ts"

/** The arguments and flags that select members. */
export const who = {
  members: Argument.String("member").pipe(
    Argument.withDescription("Members by id, person or name"),
    Argument.variadic()
  ),
  all: Flag.Boolean("all").pipe(
    Flag.withDescription("All active members"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  ),
  membersFrom: Flag.String("members-from").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "Also those of a file, one on each line; # begins a remark, at the start of a line or after a blank; - is stdin"
    ),
    Flag.optional
  )
}

/** The values of {@link who}. */
export interface Who {
  readonly members: ReadonlyArray<string>
  readonly all: boolean
  readonly membersFrom: Option.Option<string>
}

/** Returns the selected members, each once. */
export const meant = Effect.fnUntraced(function* (account: Session.AnAccount, who: Who) {
  const given = [
    ...who.members,
    ...(Option.isSome(who.membersFrom) ? yield* listed(who.membersFrom.value) : [])
  ]
  const isNamed = who.members.length > 0 || Option.isSome(who.membersFrom)
  if (who.all && isNamed) {
    return yield* new Usage({ message: "--all is everybody: give it alone, or name members" })
  }
  if (who.all) {
    const everybody: ReadonlyArray<MemberRef> = yield* Stream.runCollect(
      account.members.list({ status: "active" })
    )
    return everybody
  }
  if (!isNamed) {
    const message = "no members selected: give ids, persons or names, --members-from FILE, or --all"
    return yield* new Usage({ message })
  }
  return [...new Set(given)]
})

const listed = Effect.fnUntraced(function* (file: string) {
  const text = yield* file === "-" ? fromStdin : fromFile(file)
  const members: Array<string> = []
  for (const [index, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r\n|[\r\n]/)
    .entries()) {
    // As in shells and YAML, a comment begins a line or follows a blank: `ops#2` is a person of that name.
    const member = line.replace(/(^|[ \t])#.*$/, "").replaceAll(/^[ \t]+|[ \t]+$/g, "")
    if (member === "") continue
    const odd = oddity(member)
    if (odd !== undefined) {
      return yield* new Usage({ message: `--members-from: line ${index + 1} of ${file} ${odd}` })
    }
    members.push(member)
  }
  return members
})

/**
 * Returns why a line is not a plain member. Nothing is stripped from it, because the rest may be another
 * person.
 */
const oddity = (member: string): string | undefined => {
  if (/[\0\ufffd]/.test(member)) return "is not text in UTF-8: save the file as UTF-8"
  if (/^["'`]|["'`]$/.test(member)) return "is in quotes: write the member without them"
  return member.includes("\t") ? "has more than one column: write one member on each line" : undefined
}

const fromStdin = Effect.flatMap(Stdio.Stdio, (stdio) => Stream.mkString(Stream.decodeText(stdio.stdin)))

const fromFile = (file: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(file)).pipe(
    Effect.mapError(({ reason }) => {
      const message = `--members-from: ${file} cannot be read (${reason._tag})`
      return new Failed({ message, next: "give a file with a member on each line" })
    })
  )
