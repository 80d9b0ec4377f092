/** The words of the team's operate log, for all its readers. Its free texts are not interpreted. */
import type { LogEntry } from "@cloud-quota/core/adapter/Driver"
import type { HistoryKind } from "@cloud-quota/core/History"

/**
 * The words of the vendor's pages and those of its API. `RemoveMember`, which the API also has, is not here:
 * it has no kind of its own, and its effect on an allowance is not documented.
 */
const kinds: ReadonlyMap<string, Exclude<HistoryKind, "other">> = new Map([
  ["创建团队", "team"],
  ["更新团队", "team"],
  ["分配金额", "grant"],
  ["allocateamount", "grant"],
  ["提取金额", "withdraw"],
  ["withdrawamount", "withdraw"],
  ["发送邀请", "invite"],
  ["invitemember", "invite"],
  ["取消邀请", "cancel-invite"],
  ["接受邀请", "join"],
  ["拒绝邀请", "decline"]
])

const outcomes: ReadonlyMap<string, LogEntry["outcome"]> = new Map([
  ["成功", "succeeded"],
  ["success", "succeeded"],
  ["succeeded", "succeeded"],
  ["失败", "failed"],
  ["fail", "failed"],
  ["failed", "failed"],
  ["failure", "failed"]
])

/**
 * Returns the kind of an operation, or `undefined` for an unknown word: such an operation may have moved
 * money.
 */
export const kindOf = (operateType: string): Exclude<HistoryKind, "other"> | undefined =>
  kinds.get(operateType.toLowerCase())

/** Returns the outcome of an operation, `unknown` for an unknown word. */
export const outcomeOf = (status: string): LogEntry["outcome"] =>
  outcomes.get(status.toLowerCase()) ?? "unknown"
