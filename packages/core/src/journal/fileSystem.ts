/** Knows the file systems of local disks. There, every process that uses a file sees its locks. */

/** The local file systems, by `statfs` type on Linux. Any other may be shared with other machines. */
const localTypes: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xca451a4e, // bcachefs
  0xf2f52010, // F2FS
  0x3153464a, // JFS
  0x52654973, // ReiserFS
  0x3434, // NILFS2
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x794c7630, // overlayfs, as in containers
  0x61756673, // AUFS
  0x4253584e, // APFS
  0x4244, // HFS
  0x482b, // HFS+
  0x4858, // HFSX
  0x5346544e, // NTFS
  0x7366746e, // NTFS3
  0x4d44, // FAT
  0x2011bab0 // exFAT
])

/** The names of other file systems, for messages only. */
const names: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x01021997, "9p"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x19830326, "BeeGFS"],
  [0x65735546, "FUSE"],
  [0x01161970, "GFS2"],
  [0x7461636f, "OCFS2"],
  [0x786f4256, "a folder that VirtualBox shares"],
  [0x9fa0, "proc"]
])

/**
 * Returns the name of a file system that is not known to be a local disk, by its `statfs` type; `undefined`
 * for a local disk. Only the numbers of Linux distinguish them: on other systems the choice of the folder is
 * trusted.
 */
export const unknownFileSystem = (
  type: number,
  platform: NodeJS.Platform = process.platform
): string | undefined => {
  if (platform !== "linux" || localTypes.has(type)) return undefined
  const number = `type 0x${type.toString(16)}`
  const name = names.get(type)
  return name === undefined ? number : `${name}, ${number}`
}
