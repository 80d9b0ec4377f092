/**
 * Joins the journal and the provider's log into one history, and finds the entries that are the same change.
 *
 * The log has no ids that the journal knows, and only whole seconds. An entry is joined with a change only if
 * no other change and no other entry could match. Both are read once, in order. Only one burst is held in
 * memory: changes and entries whose times overlap.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import type { LogEntry } from "../model/Driver.ts"
import type { HistoryKind } from "../model/HistoryEntry.ts"
import type { Intent } from "../journal/contract.ts"

/** One entry of the history: from the journal, from the log, or from both. */
export interface Item {
  /** Milliseconds since 1970: the journal's time if there is one. */
  readonly at: number
  readonly intent?: Intent
  readonly entry?: LogEntry
}

/** The kind of an intent, in the words of a log. */
export type ChangeKind = Extract<HistoryKind, "grant" | "withdraw" | "set">

/** The context of a join. */
export interface Options {
  readonly kindOf: (intent: Intent) => ChangeKind
  /** The period for which the log was read, in milliseconds since 1970. The end is exclusive. */
  readonly read: { readonly start: number; readonly end: number }
}

/** Joins intents and entries of the log, each oldest first. */
export const join = <E, R, E2, R2>(
  intents: Stream.Stream<Intent, E, R>,
  log: Stream.Stream<LogEntry, E2, R2>,
  options: Options
): Stream.Stream<Item, E | E2, R | R2> =>
  merge(
    Stream.map(intents, (intent) => ofIntent(intent, options)),
    Stream.map(log, ofEntry)
  ).pipe(Stream.mapAccum(empty, gather, { onHalt: ({ burst, openFrom }) => joined(burst, openFrom) }))

/** An intent with the time in which the log may have its entry, or a log entry with its second. */
interface Part extends Item {
  /** The kind of the intent. */
  readonly kind?: ChangeKind
  /** Whether the intent took place, and its entry can only be in the part of the log that was read. */
  readonly joinable?: boolean
  /** The first second that it may belong to. Both sources are ordered by it. */
  readonly from: number
  /** The last millisecond that it may belong to. */
  readonly until: number
}

const wholeSecond = (millis: number): number => Math.floor(millis / 1000) * 1000

/** The entry of an intent may lie between its sending and its settlement. The log truncates milliseconds. */
const ofIntent = (intent: Intent, { kindOf, read }: Options): Part => {
  const at = intent.createdAt
  const from = wholeSecond(at)
  const until = mayHaveEntry(intent) ? Math.max(at, intent.updatedAt) : at
  const joinable = tookPlace(intent) && from >= read.start && until < read.end
  return { at, from, until, intent, kind: kindOf(intent), joinable }
}

const ofEntry = (entry: LogEntry): Part => {
  const at = DateTime.toEpochMillis(entry.at)
  return { at, from: at, until: at, entry }
}

/** Whether the change took place, or may have. An entry may be about a change in conflict. */
const mayHaveEntry = (intent: Intent): boolean => tookPlace(intent) || intent.state === "conflict"

const tookPlace = ({ state }: Intent): boolean => state === "applied" || state === "resolved-applied"

/** Whether the entry may be about a change of this kind. The log may use unknown words. */
const mayBe = ({ kind, outcome }: LogEntry, wanted: ChangeKind): boolean =>
  outcome !== "failed" && (kind === wanted || kind === "other")

/** Merges both in one order: an intent before an entry of the same second. */
const merge = <E, R, E2, R2>(
  left: Stream.Stream<Part, E, R>,
  right: Stream.Stream<Part, E2, R2>
): Stream.Stream<Part, E | E2, R | R2> =>
  // On channels, since `Stream.combine` has the end of a stream among its errors.
  Channel.combine(
    Channel.flattenArray(Stream.toChannel(left)),
    Channel.flattenArray(Stream.toChannel(right)),
    (): Heads => ({}),
    Effect.fnUntraced(function* (heads, pullLeft, pullRight) {
      const first = heads.left ?? (yield* next(pullLeft))
      const second = heads.right ?? (yield* next(pullRight))
      if (Option.isSome(first) && (Option.isNone(second) || first.value.from <= second.value.from)) {
        return [first.value, { right: second }] as const
      }
      return Option.isSome(second) ? ([second.value, { left: first }] as const) : yield* Cause.done()
    })
  ).pipe(Channel.map(Arr.of), Stream.fromChannel)

/** The parts that were pulled but not emitted. `None` if that side has ended. */
interface Heads {
  readonly left?: Option.Option<Part>
  readonly right?: Option.Option<Part>
}

const next = <E, R>(pull: Pull.Pull<Part, E, void, R>): Effect.Effect<Option.Option<Part>, E, R> =>
  Pull.catchDone(Effect.map(pull, Option.some), () => Effect.succeed(Option.none()))

/** The current burst, and since when a change of each kind is open: any later entry may be about it. */
interface State {
  readonly burst: Array<Part>
  readonly until: number
  readonly openFrom: OpenFrom
}

type OpenFrom = Readonly<Partial<Record<ChangeKind, number>>>

const empty = (): State => ({ burst: [], until: Number.NEGATIVE_INFINITY, openFrom: {} })

const gather = (state: State, part: Part): readonly [State, ReadonlyArray<Item>] => {
  const openFrom = withOpen(state.openFrom, part)
  if (part.from > state.until) {
    return [{ burst: [part], until: part.until, openFrom }, joined(state.burst, state.openFrom)]
  }
  // Mutated in place, since it is not shared: a burst may be a whole batch.
  state.burst.push(part)
  return [{ burst: state.burst, until: Math.max(state.until, part.until), openFrom }, []]
}

const withOpen = (openFrom: OpenFrom, { from, intent, kind }: Part): OpenFrom =>
  intent?.state !== "sending" || kind === undefined || openFrom[kind] !== undefined
    ? openFrom
    : { ...openFrom, [kind]: from }

/** Returns a burst in order, with the parts joined that are certainly the same change. */
const joined = (burst: ReadonlyArray<Part>, openFrom: OpenFrom): ReadonlyArray<Item> => {
  const entries = burst.filter(({ entry }) => entry !== undefined).sort((left, right) => left.at - right.at)
  const meant = new Map<Part, Part | undefined>()
  const candidates = burst.flatMap((part) => {
    const { intent, kind } = part
    if (intent === undefined || kind === undefined || !mayHaveEntry(intent)) return []
    const within = entriesWithin(entries, part).filter(({ entry }) => entry && mayBe(entry, kind))
    // An entry that two intents could match belongs to neither.
    for (const entry of within) meant.set(entry, meant.has(entry) ? undefined : part)
    return [{ kind, part, within }]
  })
  const taken = new Map<Part, LogEntry>()
  const used = new Set<Part>()
  for (const { kind, part, within } of candidates) {
    const [only, another] = within
    const { entry } = only ?? {}
    if (only === undefined || entry === undefined || another !== undefined) continue
    const isOurs = meant.get(only) === part && only.at < (openFrom[kind] ?? Number.POSITIVE_INFINITY)
    if (isOurs && part.joinable === true && entry.kind === kind && entry.outcome === "succeeded") {
      taken.set(part, entry)
      used.add(only)
    }
  }
  return burst
    .filter((part) => !used.has(part))
    .sort((left, right) => left.at - right.at)
    .map((part): Item => {
      const entry = part.entry ?? taken.get(part)
      return {
        at: part.at,
        ...(part.intent === undefined ? {} : { intent: part.intent }),
        ...(entry === undefined ? {} : { entry })
      }
    })
}

/** Returns the entries in the time that the part may belong to. */
const entriesWithin = (entries: ReadonlyArray<Part>, { from, until }: Part): ReadonlyArray<Part> => {
  let low = 0
  for (let high = entries.length; low < high; ) {
    const middle = (low + high) >> 1
    if ((entries[middle]?.at ?? 0) < from) low = middle + 1
    else high = middle
  }
  const within: Array<Part> = []
  for (let index = low; index < entries.length; index++) {
    const entry = entries[index]
    if (entry === undefined || entry.at > until) break
    within.push(entry)
  }
  return within
}
