import { defineConfig } from 'vitest/config'

/**
 * The fault suite: long, over real processes, one rehearsal after another. Started by
 * scripts/faults.mjs.
 */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.suite.ts'],
    globalSetup: ['scripts/testSetUp.mjs'],
    setupFiles: ['src/lib/polyfill.ts'],
    pool: 'forks',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    disableConsoleIntercept: true,
  },
})
