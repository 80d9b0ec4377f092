// Runs before every script of this repository. Plain JavaScript, so that an old Node can read it
// and say what is wrong in one sentence.
const oldest = [22, 19]
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  console.error(
    `cloud-quota needs Node ${oldest.join(".")} or newer, and this is Node ${process.versions.node}: run "npx --yes pnpm@12 install", which brings one, and look at what it says.`
  )
  process.exit(1)
}
