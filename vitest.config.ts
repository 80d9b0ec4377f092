import { availableParallelism } from "node:os"
import { defaultExclude, defineConfig } from "vitest/config"

// Tests import the packages by name and read their sources, so no build is needed first.
const conditions = ["@cloud-quota/source", "node", "import", "module", "default"]

/** What takes long, and is run by `pnpm prove`: in the mode `prove`. Everything else is run by `pnpm test`. */
const proofs = "**/*.proof.test.ts"

export default defineConfig(({ mode }) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    ...(mode === "prove"
      ? { include: [proofs] }
      : {
          include: ["packages/*/test/**/*.test.ts", "examples/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...defaultExclude, proofs]
        }),
    // Much of the time of a test goes by in the processes that it has started.
    maxWorkers: availableParallelism() + 1,
    // Around all tests: no process may say a secret.
    globalSetup: ["test/secrets/global.ts"],
    setupFiles: ["test/secrets/setup.ts"],
    // Only to end a test that hangs: processes start slowly on a busy machine.
    testTimeout: 240_000,
    execArgv: ["--conditions=@cloud-quota/source"]
  }
}))
