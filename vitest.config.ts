import { defineConfig } from "vitest/config"

// Tests import the packages by name and read their sources, so no build is needed first.
const conditions = ["@cloud-quota/source", "node", "import", "module", "default"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "examples/**/*.test.ts", "test/**/*.test.ts"],
    // Around all tests: no process may say a secret.
    globalSetup: ["test/secrets/global.ts"],
    setupFiles: ["test/secrets/setup.ts"],
    // Only to end a test that hangs: processes start slowly on a busy machine.
    testTimeout: 240_000,
    execArgv: ["--conditions=@cloud-quota/source"]
  }
})
