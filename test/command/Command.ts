/**
 * The command cloud-quota, for tests that start it: bundled as it is published, once for each test run, from
 * the sources as they are then. A process of the bundle starts several times as fast as one of the sources.
 */
import { basename, dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { type OutputOptions, build } from "rolldown"
import config from "../../packages/cli/rolldown.config.ts"

/** The variable with the place of the bundle, for the workers of a run. */
export const commandVariable = "CLOUD_QUOTA_TEST_COMMAND"

/** Where the bundle of this run is. */
export const command = (): string => {
  const file = process.env[commandVariable]
  if (file === undefined)
    throw new Error(`${commandVariable}: the global setup of the tests makes the bundle`)
  return file
}

/** Bundles a program, as the command is bundled. Its parts are beside the file. */
export const bundle = async (entry: URL, file: string): Promise<void> => {
  const { output } = config
  const options: OutputOptions = {
    ...(Array.isArray(output) ? {} : output),
    dir: dirname(file),
    cleanDir: false,
    entryFileNames: basename(file)
  }
  const cwd = fileURLToPath(new URL("../../packages/cli", import.meta.url))
  await build({ ...config, cwd, input: fileURLToPath(entry), output: options, logLevel: "silent" })
}
