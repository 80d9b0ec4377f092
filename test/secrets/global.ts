/**
 * Around all tests: has every process recorded, and fails the run if one of them said a secret.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import type { TestProject } from "vitest/node"
import { bundle, commandVariable } from "../command/Command.ts"
import { find, type Leak } from "./Leaks.ts"
import { optionsFor, read } from "./Recording.ts"

/** More would say the same again. */
const most = 50

/**
 * Vitest's global setup, which also makes the bundle of the command. What it gives is called when all tests
 * are over; if that throws, the run fails.
 */
export const setup = async (project: TestProject): Promise<() => void> => {
  const folder = mkdtempSync(join(tmpdir(), "cloud-quota-tests-"))
  const recordings = join(folder, "recordings")
  mkdirSync(recordings)
  const command = join(folder, "command", "cloud-quota.mjs")
  const makeCommand = () => bundle(new URL("../command/entry.ts", import.meta.url), command)
  await makeCommand()
  project.onTestsRerun(makeCommand)

  const variables = {
    NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} ${optionsFor(recordings, [command])}`.trim(),
    // Halves the time in which a process starts that is not the first one to load a module.
    NODE_COMPILE_CACHE: join(folder, "compiled"),
    [commandVariable]: command
  }
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    try {
      const { said, secrets } = read(recordings)
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
