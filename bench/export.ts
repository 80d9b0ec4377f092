/**
 * A year of orders of a team of 300, exported as CSV, NDJSON and FOCUS in constant memory: ten times the rows
 * take no more of it.
 *
 *     node --conditions=@cloud-quota/source bench/export.ts
 *
 * Each export is a process of its own, and so is the emulated cloud that it reads over HTTP, so that the
 * memory of one is not counted with the other's.
 */
import { CompShare } from "@cloud-quota/compshare"
import { CompShareEmulator } from "@cloud-quota/compshare/testing"
import { Account, type Billing, type CloudQuotaError, Export, Focus, Period, Tables } from "@cloud-quota/core"
import { Effect, Redacted, Stream } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { open } from "node:fs/promises"
import { devNull } from "node:os"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const members = 300
const sizes = [10_000, 100_000]
const zone = "Asia/Shanghai"
/** The year that the emulator's orders are from. */
const year = Period.between("2025-11-01", "2026-11-02", { zone })

type Orders = Stream.Stream<Billing.Order, CloudQuotaError.CloudQuotaError>

/** The one place that knows where the orders come from: a real account over HTTP, everybody's. */
const withOrders = (origin: string, use: (orders: Orders) => Effect.Effect<void, unknown>) =>
  Effect.gen(function* () {
    const { billing } = yield* Account.Account
    yield* use(billing.orders({ period: year }))
  }).pipe(
    Effect.provide(
      CompShare.layer({
        endpoint: origin,
        teamId: 1001,
        publicKey: CompShareEmulator.publicKey,
        privateKey: Redacted.make(CompShareEmulator.privateKey)
      })
    )
  )

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

/** What one export took. Bytes of memory. */
interface Measured {
  readonly orders: number
  readonly characters: number
  readonly seconds: number
  readonly peakRss: number
  /** What is in use after collecting garbage, at most, beyond what was before the export began. */
  readonly peakHeap: number
}

const liveHeap = (): number => {
  if (global.gc === undefined) throw new Error("run with --expose-gc")
  global.gc()
  return process.memoryUsage().heapUsed
}

const exportOrders = Effect.fnUntraced(function* (origin: string, format: string) {
  const encode = formats[format]
  if (encode === undefined) return yield* Effect.die(`there is no format ${format}`)
  const file = yield* Effect.promise(() => open(devNull, "w"))
  let orders = 0
  let characters = 0
  const baseline = liveHeap()
  let peak = baseline
  const sampling = setInterval(() => {
    peak = Math.max(peak, liveHeap())
  }, 200)
  const began = performance.now()
  yield* withOrders(origin, (source) =>
    source.pipe(
      Stream.tap(() => Effect.sync(() => orders++)),
      encode,
      Stream.runForEach((text) =>
        Effect.promise(async () => {
          characters += text.length
          await file.write(text)
        })
      )
    )
  )
  const seconds = (performance.now() - began) / 1000
  clearInterval(sampling)
  const peakRss = process.resourceUsage().maxRSS * 1024
  const measured: Measured = { orders, characters, seconds, peakRss, peakHeap: peak - baseline }
  yield* Effect.promise(() => file.close())
  console.log(JSON.stringify(measured))
})

const serve = (orderCount: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const cloud = yield* CompShareEmulator.make({ size: members, orderCount })
      console.log((yield* cloud.serve()).origin)
      return yield* Effect.never
    })
  )

/** Starts this file in another role, and gives the first line that it says. */
const start = async (...role: ReadonlyArray<string>): Promise<readonly [ChildProcess, string]> => {
  const flags = ["--conditions=@cloud-quota/source", "--expose-gc"]
  const child = spawn(process.execPath, [...flags, fileURLToPath(import.meta.url), ...role], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const lines = createInterface({ input: child.stdout })
  const [line] = await Promise.race([
    once(lines, "line"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`${role.join(" ")} ended with ${code}`)))
  ])
  return [child, line]
}

const measure = async (size: number, format: string, origin: string): Promise<Measured> => {
  const [child, line] = await start("export", origin, format)
  if (child.exitCode === null) await once(child, "exit")
  const measured: Measured = JSON.parse(line)
  if (measured.orders !== size) throw new Error(`${size} orders were made, and ${measured.orders} came out`)
  return measured
}

const compare = async () => {
  const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
  console.log(`A year of orders of ${members} members, read over HTTP and written to ${devNull}`)
  console.table(
    Object.fromEntries(
      await sizes.reduce<Promise<ReadonlyArray<readonly [string, object]>>>(async (before, size) => {
        const rows = [...(await before)]
        const [emulator, origin] = await start("emulate", `${size}`)
        try {
          for (const format of Object.keys(formats)) {
            const { characters, peakHeap, peakRss, seconds } = await measure(size, format, origin)
            rows.push([
              `${format} ${size}`,
              {
                seconds: seconds.toFixed(1),
                "rows/s": Math.round(size / seconds),
                "million characters": (characters / 1e6).toFixed(1),
                "peak RSS": megabytes(peakRss),
                "peak heap over baseline": megabytes(peakHeap)
              }
            ])
          }
        } finally {
          emulator.kill()
        }
        return rows
      }, Promise.resolve([]))
    )
  )
}

const [role, ...args] = process.argv.slice(2)
if (role === "emulate") await Effect.runPromise(serve(Number(args[0])))
else if (role === "export") await Effect.runPromise(exportOrders(args[0] ?? "", args[1] ?? ""))
else await compare()
