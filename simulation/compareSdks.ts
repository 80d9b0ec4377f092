/**
 * `pnpm compare-sdks`
 *
 * One allocation, everything that may go wrong with it, and what becomes of the money under the
 * retry rules of the vendor's official SDKs and under this library. Exits with 1 if this library ever
 * allocates twice or tells its caller something wrong.
 */
import {
  compare,
  type Ending,
  isDouble,
  isFalseFailure,
  isFalseSuccess,
  isWrong,
  situations,
  type Table
} from "./comparison.ts"
import { allocation, clients, type QuotaClient } from "./quotaClients.ts"

const legend = `One allocation of ${allocation.text}, on the emulator and in virtual time.
The SDKs are represented by their retry rules. What goes wrong is the request that moves the money;
readings are answered, and only a refused connection may meet one.

  once, always   the trouble strikes the first request only, or every one
  stops, again   after an error the caller leaves it at that, or makes the same call once more
  sent           requests for the allocation that reached the provider
  came           how often the money came; ! marks more than once
  said           what the caller was told last; ✗ marks what is not so. An SDK says failed when it
                 raises an error, whichever, and done when it raises none. For FailedMembers it
                 raises none: its caller has to look there.`

const nameWidth = 22
const cellWidth = 19

const line = (name: string, cells: ReadonlyArray<string>): string =>
  `  ${name.padEnd(nameWidth)}${cells.map((text) => text.padEnd(cellWidth)).join("")}`.trimEnd()

const cell = (ending: Ending): string => {
  const { came, said, sent } = ending
  const numbers = `${sent}`.padStart(4) + `${came}`.padStart(5) + (isDouble(ending) ? "!" : " ")
  return `${numbers} ${said}${isWrong(ending) ? " ✗" : ""}`
}

const tableText = ({ rows, trouble }: Table): string =>
  [
    trouble,
    line(
      "",
      situations.map(({ caller, times }) => `${times}, ${caller}`)
    ),
    line(
      "",
      situations.map(() => "sent came  said")
    ),
    ...rows.map(({ client, endings }) => line(client.name, endings.map(cell)))
  ].join("\n")

const endingsOf = (tables: ReadonlyArray<Table>, client: QuotaClient): ReadonlyArray<Ending> =>
  tables.flatMap(({ rows }) => rows.filter((row) => row.client === client).flatMap(({ endings }) => endings))

const totalsText = (tables: ReadonlyArray<Table>): string => {
  const row = (name: string, cells: ReadonlyArray<string>) =>
    `  ${name.padEnd(nameWidth)}${cells.map((text) => text.padStart(17)).join("")}`
  const totals = Object.values(clients).map((client) => {
    const endings = endingsOf(tables, client)
    const count = (holds: (ending: Ending) => boolean) => `${endings.filter(holds).length}`
    const counts = [isDouble, isFalseFailure, isFalseSuccess, ({ said }: Ending) => said === "open"].map(
      count
    )
    return row(client.name, counts)
  })
  return [
    `Totals over ${tables.length * situations.length} cases for each`,
    row("", ["money came", "said failed,", "said done,", "left open"]),
    row("", ["too often", "and it came", "and it did not", ""]).trimEnd(),
    ...totals
  ].join("\n")
}

const tables = compare()
console.log([legend, ...tables.map(tableText), totalsText(tables)].join("\n\n"))
if (endingsOf(tables, clients.ours).some((ending) => isDouble(ending) || isWrong(ending)))
  process.exitCode = 1
