/**
 * Copies of the journal that take its place, and the mark beside it by which they are known: as the
 * SQLite journal has it, which notes in a file of its own how far the journal has come.
 */
import type { Event, Intent } from "../packages/core/src/journal/contract.ts"
import type { MemoryStore } from "../packages/core/src/journal/memoryJournal.ts"

/** The journal as it was when a copy took its place. */
export interface Lost {
  readonly at: number
  readonly intents: ReadonlyArray<Intent>
  readonly events: ReadonlyArray<Event>
}

export interface JournalCopies {
  /** Notes how far the journal has come. */
  readonly mark: () => void
  /** Makes a copy. */
  readonly copy: () => void
  /** Puts the copy in the journal's place, if there is one. */
  readonly restore: () => void
  /** What every process does first: a journal that has not come as far as was noted needs a new baseline. */
  readonly open: () => void
  /** Set once a journal was found to be a copy that lacks something. */
  readonly lost: Lost | undefined
}

const contentsOf = ({ accounts, events, lastId }: MemoryStore) => ({
  accounts: [...accounts].map(
    ([key, { facts, fence, intents, members }]) =>
      [key, { facts, fence, intents: new Map(intents), members: new Map(members) }] as const
  ),
  events: [...events],
  lastId
})

export const makeJournalCopies = (store: MemoryStore, now: () => number): JournalCopies => {
  const reached = () => ({
    holds: [...store.accounts.values()].reduce((sum, { fence }) => sum + fence, 0),
    events: store.events.length
  })
  let marked = reached()
  let copy: ReturnType<typeof contentsOf> | undefined
  let before: Lost | undefined
  let lost: Lost | undefined

  return {
    mark: () => {
      marked = reached()
    },
    copy: () => {
      copy = contentsOf(store)
    },
    restore: () => {
      if (copy === undefined) return
      const { accounts, events } = contentsOf(store)
      const intents = accounts.flatMap(([, account]) => [...account.intents.values()])
      before = { at: now(), intents, events }
      store.accounts.clear()
      for (const [key, account] of copy.accounts) store.accounts.set(key, account)
      store.events.splice(0, store.events.length, ...copy.events)
      store.lastId = copy.lastId
      copy = undefined
    },
    open: () => {
      const { events, holds } = reached()
      if (marked.holds <= holds && marked.events <= events) return
      lost = before
      for (const record of store.accounts.values()) {
        const { baselinedAt: _, ...facts } = record.facts
        record.facts = { ...facts, notice: "the journal was restored from a copy" }
      }
      marked = reached()
    },
    get lost() {
      return lost
    }
  }
}
