/**
 * What the processes of a test run leave behind: one file each, one entry a line.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** The way in which something was said. */
export type Kind = "error" | "journal" | "log" | "output" | "span"

/** A text that left the program, and the test file that was running. */
export interface Said {
  readonly test: string
  readonly kind: Kind
  readonly text: string
}

/** One line of a recording. */
export type Entry =
  | readonly [type: "said", kind: Kind, text: string, test: string]
  | readonly [type: "secret", value: string]

/**
 * What `NODE_OPTIONS` has to hold for a process to take part, and all that it starts. The bundles are files
 * that have `recordEffect.ts` in them.
 */
export const optionsFor = (folder: string, bundles: ReadonlyArray<string> = []): string => {
  const recorder = new URL("record.ts", import.meta.url)
  recorder.searchParams.set("folder", folder)
  for (const bundle of bundles) recorder.searchParams.append("bundle", bundle)
  return `--import=${recorder.href}`
}

/** The variable with the test file that is running, for the processes that it starts. */
export const testVariable = "CLOUD_QUOTA_TEST_FILE"

/** The diagnostics channel of what is heard in a process, for the recorder to write down. */
export const saidChannel = "cloud-quota-test:said"
export type Heard = readonly [kind: Kind, text: string]

/** The diagnostics channel of secrets that are in use, each as a text. */
export const secretChannel = "cloud-quota-test:secret"

/** All that was said in a run, and all secrets that were in use in it, each once. */
export const read = (
  folder: string
): {
  readonly said: ReadonlyArray<Said>
  readonly secrets: ReadonlySet<string>
  readonly processes: number
} => {
  const said = new Map<string, Said>()
  const secrets = new Set<string>()
  const names = readdirSync(folder)
  for (const name of names) {
    for (const line of readFileSync(join(folder, name), "utf8").split("\n")) {
      // A process that was killed may have left half a line.
      const entry = line.endsWith("]") ? parse(line) : undefined
      if (entry === undefined) continue
      if (entry[0] === "secret") secrets.add(entry[1])
      else said.set(line, { kind: entry[1], text: entry[2], test: entry[3] })
    }
  }
  return { said: [...said.values()], secrets, processes: names.length }
}

const parse = (line: string): Entry | undefined => {
  try {
    return JSON.parse(line) as Entry
  } catch {
    return undefined
  }
}
