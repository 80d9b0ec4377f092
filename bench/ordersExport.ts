/**
 * One export of orders, in a process of its own: `node ordersExport.ts FORMAT ORIGIN [heap]`. Prints what it took
 * as JSON. With `heap`, garbage is collected now and then to see what is in use.
 */
import { CompShare } from "@cloud-quota/compshare"
import { Account, type Billing, type CloudQuotaError, Export, Focus, Period, Tables } from "@cloud-quota/core"
import { Effect, Stream } from "effect"
import { open } from "node:fs/promises"
import { devNull } from "node:os"
import { Pool } from "undici"
import { compshareParams, postForm, signedForm } from "./clients/byHand.ts"
import { compshareOptions } from "./clients/ours.ts"

export interface Exported {
  readonly rows: number
  /** Microseconds of each row. */
  readonly cpu: number
  readonly wall: number
  /** The most that was in use after collecting garbage, in bytes. 0 without `heap`. */
  readonly heap: number
}

const zone = "Asia/Shanghai"
const period = Period.between("2025-11-01", "2029-11-30", { zone })

type Orders = Stream.Stream<Billing.Order, CloudQuotaError.CloudQuotaError>

const formats: Readonly<Record<string, (orders: Orders) => Stream.Stream<string, unknown>>> = {
  csv: Export.csv(Tables.orders),
  ndjson: Export.ndjson(Tables.orders),
  focus: (orders) =>
    orders.pipe(
      Focus.rows({
        zone,
        serviceProviderName: "UCloud",
        serviceName: "CompShare",
        serviceCategory: "Compute",
        billingAccountId: "1001",
        usageChargeTypes: ["Dynamic", "Postpay", "Spot"]
      }),
      Export.csv(Focus.table)
    )
}

const [format = "", origin = "", heap] = process.argv.slice(2)
const file = await open(devNull, "w")
let rows = 0

/** What a person would write: one page after the other, a line for each row. */
const loop = async () => {
  const pool = new Pool(origin, { connections: 1 })
  for (let offset = 0; ; offset += 100) {
    const params = compshareParams("DescribeTeamMemberOrder", {
      TeamId: "1001",
      VirtualCompanyId: "60000",
      Limit: "100",
      Offset: `${offset}`
    })
    const answer = await postForm(pool, signedForm(params))
    const page = answer !== null && typeof answer === "object" && "OrderInfos" in answer && answer.OrderInfos
    if (!Array.isArray(page) || page.length === 0) break
    rows += page.length
    await file.write(page.map((row) => `${JSON.stringify(row)}\n`).join(""))
  }
  await pool.close()
}

const stream = (encode: (orders: Orders) => Stream.Stream<string, unknown>) =>
  Effect.gen(function* () {
    const { billing } = yield* Account.Account
    yield* billing.orders({ period }).pipe(
      Stream.mapArray((some) => {
        rows += some.length
        return some
      }),
      encode,
      Stream.runForEach((text) => Effect.promise(() => file.write(text)))
    )
  }).pipe(Effect.provide(CompShare.layer({ ...compshareOptions(origin), teamId: 1001 })))

const inUse = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

let most = 0
const sampling =
  heap === undefined
    ? undefined
    : setInterval(() => {
        most = Math.max(most, inUse())
      }, 500)
const before = process.cpuUsage()
const began = performance.now()
const encode = formats[format]
if (format === "loop") await loop()
else if (encode === undefined) throw new Error(`there is no format ${format}`)
else await Effect.runPromise(stream(encode))
const wall = (performance.now() - began) * 1000
const { system, user } = process.cpuUsage(before)
clearInterval(sampling)
const exported: Exported = { rows, cpu: (user + system) / rows, wall: wall / rows, heap: most }
await file.close()
console.log(JSON.stringify(exported))
