/**
 * What was ordered last month, on every account: one line for each order.
 */
import { connect, Period } from "@cloud-quota/core/promise"

await using cloud = await connect()

for (const { billing, name } of cloud.accounts) {
  for await (const order of billing.orders({ period: Period.lastMonth({ zone: "Asia/Shanghai" }) })) {
    const { createdAt, id, kind, member, paid, person } = order
    console.log([name, createdAt.toISOString(), id, kind, person ?? member ?? "", paid ?? ""].join("\t"))
  }
}
