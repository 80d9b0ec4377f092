/**
 * Who is low on quota, on every account of `cloud-quota.yaml`: more than 80 % of a ceiling used, or less
 * than 100 yuan left to spend.
 */
import { connect } from "@cloud-quota/core/promise"

await using cloud = await connect()

for await (const quota of cloud.quotas()) {
  const { available, metric, share } = quota
  const isLow = metric.kind === "ceiling" ? (share ?? 0) > 0.8 : available?.lessThan("100 CNY")
  if (isLow) console.log(`${quota}`)
}
