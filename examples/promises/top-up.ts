/**
 * A monthly top-up of everybody in the account `gpu`, for 100,000 yuan at the most. It only says what it
 * would do, unless it is run with `--yes`. Killed half-way? Run it again, with the same month.
 */
import { connect } from "@cloud-quota/core/promise"

const [month = "2026-12", ...flags] = process.argv.slice(2)
await using cloud = await connect()

const { members, quotas } = cloud.account("gpu")
const report = await quotas.change(
  members.list({ status: "active" }),
  { allowance: { topUpTo: "500 CNY" } },
  { run: `topup/${month}`, cap: "100000 CNY", preview: !flags.includes("--yes") }
)
for (const result of report.attention) console.log(`${result}`)
console.log(report.summary)
process.exitCode = report.exitCode
