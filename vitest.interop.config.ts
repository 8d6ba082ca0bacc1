import { defineConfig } from 'vitest/config'

/**
 * The suite with peers of other implementations. Started by scripts/interop.mjs, which builds them.
 */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.suite.ts'],
    globalSetup: ['scripts/testSetUp.mjs'],
    setupFiles: ['src/lib/polyfill.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
  },
})
