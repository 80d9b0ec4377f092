/** The entry: answers `--version` itself, and loads everything else when it is needed. */
import { enableCompileCache } from "./compileCache.ts"

const args = process.argv.slice(2)

if (args.length === 1 && args[0] === "--version") {
  const { version } = await import("./Version.ts")
  process.stdout.write(`${version}\n`)
} else {
  enableCompileCache()
  const { run } = await import("./program.ts")
  await run(args)
}
