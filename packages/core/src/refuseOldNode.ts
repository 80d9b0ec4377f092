/**
 * Imported first by every entry module: an old Node fails in one sentence instead of
 * somewhere deep inside undici.
 */
const oldest = [22, 19] as const
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  throw new Error(
    `cloud-quota needs Node ${oldest.join(".")} or newer, and this is Node ${process.versions.node}: install a newer Node and run again.`
  )
}
