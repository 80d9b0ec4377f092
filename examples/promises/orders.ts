/**
 * What was ordered last month, on every account: one line for each order. Both clouds tell orders; of another one,
 * `supports("orders")` of the account says whether it does.
 */
import { connect, Period } from "@cloud-quota/core/promise"

await using cloud = await connect()

for await (const { billing, name } of cloud) {
  for await (const order of billing.orders({ period: Period.lastMonth({ zone: "Asia/Shanghai" }) })) {
    const { createdAt, id, kind, paid } = order
    const who = order.person ?? order.name ?? order.member ?? ""
    console.log([name, createdAt.toISOString(), id, kind, who, paid ?? ""].join("\t"))
  }
}
