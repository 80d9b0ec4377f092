/** The directory for data that outlives a program, per user and system. */
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"
import { JournalError } from "./contract.ts"

/**
 * Returns `$XDG_STATE_HOME/cloud-quota`, or `~/.local/state/cloud-quota`; on Windows
 * `%LOCALAPPDATA%\cloud-quota`. A relative path in the environment is ignored, as the XDG specification
 * requires: the journal must not depend on where a program was started. Throws a `JournalError` if neither is
 * known.
 */
export const stateDirectory = (
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string | undefined = homeFolder()
): string => {
  const [variable, usual] =
    platform === "win32"
      ? ["LOCALAPPDATA", ["AppData", "Local"]]
      : (["XDG_STATE_HOME", [".local", "state"]] as const)
  const chosen = env[variable]
  if (chosen !== undefined && isAbsolute(chosen)) return join(chosen, "cloud-quota")
  if (home !== undefined && isAbsolute(home)) return join(home, ...usual, "cloud-quota")
  throw new JournalError({
    kind: "failed",
    message: `this user has no home folder, so there is no place for the default journal: set HOME or ${variable} to an absolute path, or choose a journal (CLOUD_QUOTA_JOURNAL)`
  })
}

/** Returns the user's home folder, or `undefined` if neither the environment nor the system has one. */
export const homeFolder = (): string | undefined => {
  try {
    return homedir() || undefined
  } catch {
    return undefined
  }
}
