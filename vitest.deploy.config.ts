import { defineConfig } from 'vitest/config'

/**
 * Networks of several hosts and the files that start them: needs root and tools of Linux. Started
 * by scripts/deploy.mjs.
 */
export default defineConfig({
  test: {
    include: ['test/deploy/**/*.suite.ts'],
    globalSetup: ['scripts/testSetUp.mjs'],
    setupFiles: ['src/lib/polyfill.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    disableConsoleIntercept: true,
  },
})
