/**
 * Runs in each worker before its test file: tells the recorder which file that is, and what is printed by
 * `console`, since Vitest carries that to its own process by another way than stdout.
 */
import { channel } from "node:diagnostics_channel"
import { format } from "node:util"
import { expect } from "vitest"
import { type Heard, saidChannel, testVariable } from "./Recording.ts"

process.env[testVariable] = expect.getState().testPath

const printed = channel(saidChannel)
for (const name of ["debug", "error", "info", "log", "warn"] as const) {
  const print = console[name]
  console[name] = (...values: ReadonlyArray<unknown>) => {
    const heard: Heard = ["output", format(...values)]
    printed.publish(heard)
    print(...values)
  }
}
