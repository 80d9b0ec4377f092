/** Invented IAM users: the sub-accounts with names, and some users without quotas. */
import { draw, inventId, pick } from "./dice.ts"
import { day, seedTime } from "./time.ts"

/** A user of the account, as IAM keeps it. */
export interface IamUser {
  /** The `user_id` of MetaStudio. */
  readonly id: string
  readonly name: string
  /** @default "" */
  readonly description?: string
  /** @default true */
  readonly enabled?: boolean
  /** Whether this is the account itself. @default false */
  readonly root?: boolean
  /** In milliseconds since 1970. Default: a year before the end of the invented data. */
  readonly createdAt?: number
}

// Version 5 of IAM documents names of letters, digits, `_`, `-`, `.` and spaces, without naming the script of
// the letters. Consoles show Chinese ones.
const chinese = [
  "王伟",
  "李娜",
  "张敏",
  "刘静",
  "陈磊",
  "杨洋",
  "赵思远",
  "周雨桐",
  "吴子涵",
  "徐浩然"
] as const
const pinyin = ["wang.wei", "li.na", "zhang_min", "liu-jing", "chenlei", "yang.yang"] as const
const english = ["alice.chen", "brian.smith", "chloe.wong", "daniel.tan", "emma.lim", "felix.clark"] as const
type Names = readonly [string, ...ReadonlyArray<string>]
const scripts: readonly [Names, Names, Names] = [chinese, pinyin, english]
const jobs = ["视频组", "直播运营", "marketing", "教研", ""] as const

/** The account itself, every sub-account, and one more user plus one for every ten sub-accounts. */
export const inventPeople = (
  seed: number,
  root: string,
  userIds: ReadonlyArray<string>
): ReadonlyArray<IamUser> => {
  const others = Array.from({ length: 1 + Math.ceil(userIds.length / 10) }, (_, index) =>
    inventId(`${seed}/person/${index}`)
  )
  const taken = new Map<string, number>()
  const people = [...userIds, ...others].map((id): IamUser => {
    const key = `${seed}/person/${id}`
    const name = pick(`${key}/name`, pick(`${key}/script`, scripts))
    const times = (taken.get(name) ?? 0) + 1
    taken.set(name, times)
    return {
      id,
      name: times === 1 ? name : `${name}${times}`,
      description: pick(`${key}/job`, jobs),
      enabled: draw(`${key}/enabled`, 20) > 0,
      createdAt: seedTime - (30 + draw(`${key}/since`, 700)) * day
    }
  })
  return [{ id: inventId(root), name: root, root: true, createdAt: seedTime - 800 * day }, ...people]
}
