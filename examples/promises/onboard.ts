/**
 * A first quota for somebody new, on the accounts `gpu` and `studio`. Argument: the person, as the people of
 * `cloud-quota.yaml` have it. Run it again as often as you like: nobody is given anything twice.
 */
import { connect } from "@cloud-quota/core/promise"

const [who = "new-hire@example.com"] = process.argv.slice(2)
await using cloud = await connect()

const gpu = cloud.account("gpu")
const studio = cloud.account("studio")
const run = `onboard/${who}`
const reports = [
  await gpu.quotas.change(who, { allowance: { topUpTo: "500 CNY" } }, { run }),
  await studio.quotas.change(who, { "video-minutes": { set: "60 min" } }, { run })
]
for (const report of reports) {
  console.log(`${report}`)
  if (!report.complete) process.exitCode = report.exitCode
}
