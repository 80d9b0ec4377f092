/**
 * Around all tests: has every process recorded, and fails the run if one of them said a secret.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { find, type Leak } from "./Leaks.ts"
import { optionsFor, read } from "./Recording.ts"

/** More would say the same again. */
const most = 50

/** Vitest's global setup. What it gives is called when all tests are over; if that throws, the run fails. */
export const setup = (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), "cloud-quota-recording-"))
  const before = process.env["NODE_OPTIONS"] ?? ""
  process.env["NODE_OPTIONS"] = `${before} ${optionsFor(folder)}`.trim()
  return () => {
    process.env["NODE_OPTIONS"] = before
    try {
      const { said, secrets } = read(folder)
      const leaks = find(said, secrets)
      if (leaks.length > 0) throw new Error(describe(leaks))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}

const describe = (leaks: ReadonlyArray<Leak>): string => {
  const lines = leaks.slice(0, most).map(({ kind, secret, test, text }) => {
    return `${relative(process.cwd(), test)}, ${kind}: ${secret} in ${JSON.stringify(text)}`
  })
  return [`secrets were said, ${leaks.length} times:`, ...lines].join("\n")
}
