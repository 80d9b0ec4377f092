/**
 * Tables and bars for a terminal. Chinese characters are two columns wide.
 */
import { Quantity, Quota, type Report } from "@cloud-quota/core"
import stringWidth from "string-width"
import type { Finding } from "../low-on-quota.ts"

const pad = (text: string, width: number, side: "left" | "right"): string => {
  const space = " ".repeat(Math.max(0, width - stringWidth(text)))
  return side === "left" ? space + text : text + space
}

/** Rows under headings; columns of amounts are aligned to the right. */
export const table = (
  headings: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  right: ReadonlySet<number>
): string => {
  const widths = headings.map((heading, column) =>
    Math.max(stringWidth(heading), ...rows.map((row) => stringWidth(row[column] ?? "")))
  )
  const line = (cells: ReadonlyArray<string>) =>
    `  ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, right.has(column) ? "left" : "right")).join("  ")}`.trimEnd()
  return [line(headings), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)].join("\n")
}

/** The name of a member, or the beginning of its id where the cloud tells no names. */
const nameOf = (names: ReadonlyMap<string, string>, id: string): string =>
  names.get(id) ?? (id.length > 12 ? `${id.slice(0, 8)}…` : id)

/** How full a ceiling is: `█████░░░░░  52 %`. Nothing for a balance, which has no share. */
export const bar = (state: Quota.QuotaState): string => {
  const share = Quota.share(state)
  if (share === undefined) return ""
  if (state.limit._tag === "Unlimited") return "unlimited"
  const full = Math.min(10, Math.round(share * 10))
  return `${"█".repeat(full)}${"░".repeat(10 - full)} ${pad(Number.isFinite(share) ? `${Math.round(share * 100)} %` : "over", 5, "left")}`
}

/** The quotas of an account, the lowest first. */
export const quotaTable = ({ low, names, quotas }: Finding, most: number): string => {
  const shown = [...low, ...quotas.filter((state) => !low.includes(state))].slice(0, most)
  const rows = shown.map((state) => [
    low.includes(state) ? "low" : "",
    nameOf(names, state.member),
    state.metric.id,
    `${state.limit}`,
    `${state.used ?? ""}`,
    `${state.available ?? ""}`,
    bar(state)
  ])
  const more = quotas.length - shown.length
  const text = table(
    ["", "member", "metric", "limit", "used", "available", "share"],
    rows,
    new Set([3, 4, 5])
  )
  return more > 0 ? `${text}\n  … and ${more} more` : text
}

/** What became of each change. */
export const reportTable = (
  report: Report.Report,
  names: ReadonlyMap<string, string>,
  most: number
): string => {
  const shown = report.results.slice(0, most)
  const rows = shown.map(({ before, delta, member, metric, money, next, outcome, target }) => [
    nameOf(names, member),
    metric,
    `${before?.limit ?? ""} → ${target ?? before?.limit ?? ""}`,
    delta === undefined ? "" : `${Quantity.isPositive(delta) ? "+" : ""}${delta}`,
    outcome._tag,
    money,
    next
  ])
  const more = report.results.length - shown.length
  const text = table(
    ["member", "metric", "limit", "difference", "outcome", "money", "next"],
    rows,
    new Set([3])
  )
  return more > 0 ? `${text}\n  … and ${more} more` : text
}
