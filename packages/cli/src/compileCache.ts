/** Node's cache of compiled code, with which the command starts sooner. */
import { mkdirSync, statSync } from "node:fs"
import * as Module from "node:module"
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"

/**
 * Caches compiled code in `$XDG_CACHE_HOME/cloud-quota` or `~/.cache/cloud-quota`, unless `NODE_COMPILE_CACHE`
 * names another folder. Node's default is in the folder for temporary files, which other users may write to:
 * cached code is executed. A folder that cannot be used is no error.
 */
export const enableCompileCache = (): void => {
  if (Module.getCompileCacheDir() !== undefined) return
  try {
    const chosen = process.env["XDG_CACHE_HOME"]
    const caches = chosen !== undefined && isAbsolute(chosen) ? chosen : join(homedir(), ".cache")
    const folder = join(caches, "cloud-quota")
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (isOwn(folder)) Module.enableCompileCache(folder)
  } catch {
    // This user has no home, or may not write there.
  }
}

/** Whether no other user may write to the folder. Windows has no such bits, and homes that are private. */
const isOwn = (folder: string): boolean => {
  const { mode, uid } = statSync(folder)
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
}
