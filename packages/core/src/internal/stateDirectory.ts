/**
 * Where a program keeps what has to outlive it, per user and system.
 */
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"

/**
 * `$XDG_STATE_HOME/cloud-quota`, or `~/.local/state/cloud-quota`; on Windows
 * `%LOCALAPPDATA%\cloud-quota`. A relative path in the environment does not count, as the XDG
 * specification has it: the journal must not depend on where a program was started.
 */
export const stateDirectory = (
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir()
): string => {
  const [chosen, usual] =
    platform === "win32"
      ? [env["LOCALAPPDATA"], join(home, "AppData", "Local")]
      : [env["XDG_STATE_HOME"], join(home, ".local", "state")]
  return join(chosen !== undefined && isAbsolute(chosen) ? chosen : usual, "cloud-quota")
}

/** File systems on which a lock of this host says nothing about other hosts, by `statfs` type on Linux. */
const networkTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x01021997, "9p"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"]
])

/** The name of the network file system that a `statfs` type stands for, if it is one. */
export const networkFileSystem = (
  type: number,
  platform: NodeJS.Platform = process.platform
): string | undefined => (platform === "linux" ? networkTypes.get(type) : undefined)
