/**
 * Who is low on quota, on every account of `cloud-quota.yaml`: more than 80 % of a ceiling used, or less
 * than 100 yuan left to spend; the lowest first.
 */
import { connect } from "@cloud-quota/core/promise"

await using cloud = await connect()

for await (const quota of cloud.quotas({ above: "80%", below: "100 CNY", sort: "available" })) {
  console.log(`${quota}`)
}
