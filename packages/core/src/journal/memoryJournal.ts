import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { Journal } from "./contract.ts"
import type {
  AccountFacts,
  Event,
  Hold,
  Intent,
  IntentFilter,
  MemberFacts,
  NewIntent,
  State,
  Step
} from "./contract.ts"
import { lastingStates, mayStep, openStates, pendingStates } from "./intentState.ts"
import * as Names from "../model/names.ts"

interface AccountRecord {
  readonly intents: Map<string, Intent>
  readonly members: Map<string, MemberFacts>
  facts: AccountFacts
  fence: number
}

/**
 * The data of journals in memory. Several journals over one store emulate several processes over one
 * database.
 */
export interface MemoryStore {
  readonly accounts: Map<string, AccountRecord>
  readonly events: Array<Event>
  /** The id of the newest intent. Ids count through all accounts. */
  lastId: number
}

export const makeMemoryStore = (): MemoryStore => ({ accounts: new Map(), events: [], lastId: 0 })

export const memoryJournal = (
  options: {
    readonly store?: MemoryStore
    readonly owner?: string
    readonly profile?: Journal["profile"]
  } = {}
): Journal => {
  const { owner = "this process", profile = "local", store = makeMemoryStore() } = options

  const recordOf = (account: string): AccountRecord => {
    const found = store.accounts.get(account)
    if (found !== undefined) return found
    const made: AccountRecord = {
      intents: new Map(),
      members: new Map(),
      facts: { withdrawal: "unknown" },
      fence: 0
    }
    store.accounts.set(account, made)
    return made
  }

  // One per journal, not per store: a process that died must not block the others.
  const semaphores = new Map<string, Semaphore.Semaphore>()
  const semaphoreOf = (account: string): Semaphore.Semaphore => {
    const found = semaphores.get(account) ?? Semaphore.makeUnsafe(1)
    semaphores.set(account, found)
    return found
  }

  const hold = Effect.fnUntraced(function* (account: string) {
    const record = recordOf(account)
    const semaphore = semaphoreOf(account)
    yield* Effect.acquireRelease(Semaphore.take(semaphore, 1), () => Semaphore.release(semaphore, 1))
    record.fence += 1
    return makeHold(store, record, account, owner)
  })

  return {
    kind: "memory",
    profile,
    place: "the memory of this process",
    choice: "code",
    isDead: () => Effect.succeed(profile === "local"),
    hold,
    intents: (filter = {}) =>
      Stream.suspend(() =>
        Stream.fromIterable(
          [...store.accounts]
            .filter(([account]) => filter.account === undefined || filter.account === account)
            .flatMap(([, record]) => [...record.intents.values()].filter(matches(filter)))
            .sort((left, right) => Number(left.id) - Number(right.id))
        )
      ),
    events: (filter = {}) =>
      Stream.suspend(() =>
        Stream.fromIterable(
          store.events.filter(({ account }) => filter.account === undefined || filter.account === account)
        )
      )
  }
}

const open: ReadonlySet<State> = new Set(openStates)
const pending: ReadonlySet<State> = new Set(pendingStates)

const makeHold = (store: MemoryStore, record: AccountRecord, account: string, owner: string): Hold => {
  const fence = record.fence
  const note = (
    { id, state, updatedAt }: Intent,
    { detail, evidence, from }: Partial<Pick<Step, "detail" | "evidence" | "from">> = {}
  ): void => {
    store.events.push({
      intent: id,
      account,
      at: updatedAt,
      owner,
      to: state,
      ...(from === undefined ? {} : { from }),
      ...(evidence === undefined ? {} : { evidence }),
      ...(detail === undefined ? {} : { detail })
    })
  }
  const hasOpen = (intents: Iterable<Intent>, wanted: NewIntent): boolean =>
    [...intents].some(
      ({ member, metric, state }) => member === wanted.member && metric === wanted.metric && open.has(state)
    )

  const take = (step: Step, now: number): boolean => {
    const intent = record.intents.get(step.id)
    if (!mayStep(step.from, step.to)) return false
    if (intent?.state !== step.from || (step.fenced && record.fence !== fence)) return false
    if (step.armed !== undefined && step.armed !== intent.armed) return false
    const next = stepped(intent, step, now)
    record.intents.set(step.id, next)
    note(next, step)
    if (step.settled !== undefined) {
      const { member, membership = "", metric } = intent
      record.members.set(keyOf(intent), { member, metric, membership, settled: step.settled, updatedAt: now })
    }
    return true
  }

  return {
    fence,
    intents: (filter = {}) => Effect.sync(() => [...record.intents.values()].filter(matches(filter))),
    isNew: Effect.sync(() => record.intents.size === 0),
    standing: (member, run) =>
      Effect.sync(() => {
        const all = [...record.intents.values()]
        const own = all.filter((intent) => intent.member === member)
        const lasting = new Set(lastingStates.map((wanted) => own.findLast(({ state }) => state === wanted)))
        const isOfRun = matches({ run })
        return {
          account: record.facts,
          facts: [...record.members.values()].filter((facts) => facts.member === member),
          intents: own.filter(
            (intent) =>
              isOfRun(intent) || pending.has(intent.state) || intent.unanswered > 0 || lasting.has(intent)
          ),
          othersOpen: all.filter((intent) => intent.member !== member && open.has(intent.state))
        }
      }),
    insert: (intents, state = "prepared", marks = []) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (record.fence !== fence) return undefined
        const marked = new Set(marks.map(({ id }) => id))
        const others = [...record.intents.values()].filter(({ id }) => !marked.has(id))
        if (marks.some(({ from, id }) => record.intents.get(id)?.state !== from)) return undefined
        const inserted: Array<Intent> = []
        for (const intent of intents) {
          if (hasOpen([...others, ...inserted], intent)) return undefined
          inserted.push({
            ...intent,
            id: `${store.lastId + inserted.length + 1}`,
            account,
            fence,
            owner,
            state,
            armed: state === "sending" ? 1 : 0,
            unanswered: intent.unanswered ?? 0,
            createdAt: now,
            updatedAt: now
          })
        }
        store.lastId += inserted.length
        for (const mark of marks) take(mark, now)
        for (const intent of inserted) {
          record.intents.set(intent.id, intent)
          note(intent)
        }
        return inserted
      }),
    advance: (step) => Effect.map(Clock.currentTimeMillis, (now) => take(step, now)),
    amend: (amendments) =>
      Effect.sync(() =>
        amendments
          .map(({ closing, fenced, id, state, unanswered }) => {
            const intent = record.intents.get(id)
            if (intent?.state !== state || (fenced && record.fence !== fence)) return false
            record.intents.set(id, {
              ...intent,
              ...(closing === undefined ? {} : { closing }),
              ...(unanswered === undefined ? {} : { unanswered })
            })
            return true
          })
          .every(Boolean)
      ),
    account: Effect.sync(() => record.facts),
    members: Effect.sync(() => [...record.members.values()]),
    learn: (withdrawal, withdrawalEvidence, seen) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (record.fence !== fence) return false
        record.facts = { ...record.facts, withdrawal, withdrawalEvidence }
        record.members.set(keyOf(seen), { ...seen, updatedAt: now })
        return true
      }),
    baseline: (members) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (record.fence !== fence) return false
        const { notice: _, ...facts } = record.facts
        record.facts = { ...facts, baselinedAt: now }
        for (const member of members) record.members.set(keyOf(member), { ...member, updatedAt: now })
        return true
      })
  }
}

const keyOf = ({ member, metric }: Pick<MemberFacts, "member" | "metric">): string =>
  JSON.stringify([member, metric])

const matches = ({ id, member, run, states }: IntentFilter) => {
  const key = run === undefined ? undefined : Names.key(run)
  return (intent: Intent): boolean =>
    (id === undefined || intent.id === id) &&
    (member === undefined || intent.member === member) &&
    (states === undefined || states.includes(intent.state)) &&
    (key === undefined || Names.key(intent.run) === key)
}

const stepped = (intent: Intent, step: Step, now: number): Intent => {
  const { closing, detail, evidence, requestId, to, unanswered } = step
  return {
    ...intent,
    state: to,
    armed: to === "sending" ? intent.armed + 1 : intent.armed,
    updatedAt: now,
    ...(evidence === undefined ? {} : { evidence }),
    ...(detail === undefined ? {} : { detail }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(closing === undefined ? {} : { closing }),
    ...(unanswered === undefined ? {} : { unanswered })
  }
}
