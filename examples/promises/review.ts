/**
 * What needs a person, on every account: conflicts, answers that are still awaited, limits that somebody
 * else changed. Exit code 4 if there is any.
 */
import { connect } from "@cloud-quota/core/promise"

await using cloud = await connect()

for await (const { account, change, message } of cloud.review()) {
  console.log(`${account} ${change ?? ""}: ${message}`)
  process.exitCode = 4
}
