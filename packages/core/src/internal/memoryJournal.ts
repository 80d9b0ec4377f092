import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import type { Hold, Intent, IntentFilter, Journal, NewIntent, Step } from "../Journal.ts"

interface AccountRecord {
  readonly turn: Semaphore.Semaphore
  readonly intents: Map<string, Intent>
  fence: number
}

export const memoryJournal = (): Journal => {
  const accounts = new Map<string, AccountRecord>()

  const recordOf = (account: string): AccountRecord => {
    const found = accounts.get(account)
    if (found !== undefined) return found
    const made = { turn: Semaphore.makeUnsafe(1), intents: new Map<string, Intent>(), fence: 0 }
    accounts.set(account, made)
    return made
  }

  const hold = Effect.fnUntraced(function* (account: string) {
    const record = recordOf(account)
    yield* Effect.acquireRelease(Semaphore.take(record.turn, 1), () => Semaphore.release(record.turn, 1))
    record.fence += 1
    return makeHold(account, record, record.fence)
  })

  return { kind: "memory", hold }
}

const makeHold = (account: string, record: AccountRecord, fence: number): Hold => ({
  fence,
  intents: (filter = {}) => Effect.sync(() => [...record.intents.values()].filter(matches(filter))),
  insert: (intents) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      if (record.fence !== fence) return undefined
      const inserted = intents.map((intent, index) =>
        toIntent(intent, account, fence, record.intents.size + index, now)
      )
      for (const intent of inserted) record.intents.set(intent.id, intent)
      return inserted
    }),
  advance: (step) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      const intent = record.intents.get(step.id)
      if (intent?.state !== step.from || (step.fenced && record.fence !== fence)) return false
      record.intents.set(step.id, stepped(intent, step, now))
      return true
    })
})

const matches =
  ({ member, run, states }: IntentFilter) =>
  (intent: Intent): boolean =>
    (run === undefined || intent.run === run) &&
    (member === undefined || intent.member === member) &&
    (states === undefined || states.includes(intent.state))

const toIntent = (intent: NewIntent, account: string, fence: number, index: number, now: number): Intent => ({
  ...intent,
  id: `${index + 1}`,
  account,
  fence,
  state: "prepared",
  createdAt: now,
  updatedAt: now
})

const stepped = (intent: Intent, step: Step, now: number): Intent => {
  const { evidence, detail, requestId, to } = step
  return {
    ...intent,
    state: to,
    updatedAt: now,
    ...(evidence === undefined ? {} : { evidence }),
    ...(detail === undefined ? {} : { detail }),
    ...(requestId === undefined ? {} : { requestId })
  }
}
