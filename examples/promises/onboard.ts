/**
 * A first quota for somebody new, on the accounts `gpu` and `studio`. Arguments: the person, as the people of
 * `cloud-quota.yaml` have it, and their user id on the team's cloud, by which an invitation goes. Run it again as
 * often as you like: nobody is invited, or given anything, twice.
 */
import { connect } from "@cloud-quota/core/promise"

const [who = "new-hire@example.com", user = ""] = process.argv.slice(2)
await using cloud = await connect()

const gpu = cloud.account("gpu")
const studio = cloud.account("studio")
const run = `onboard/${who}`
if ((await gpu.members.find(who)) === undefined) console.log(`${await gpu.members.invite(user)}`)
else console.log(`${await gpu.quotas.change(who, { allowance: { topUpTo: "500 CNY" } }, { run })}`)
console.log(`${await studio.quotas.change(who, { "video-minutes": { set: "60 min" } }, { run })}`)
