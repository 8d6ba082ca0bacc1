/**
 * Waits of tests that say, when the test fails, what had not come yet: a time-out alone tells
 * nothing.
 */
import { onTestFailed, TestRunner } from 'vitest'

/**
 * Begins a wait for what `what` says in the end; the answer ends it. A test that fails before says
 * on standard error what it waited for.
 */
export function beginWait(what: () => string): () => void {
  let isOver = false
  if (TestRunner.getCurrentTest() !== undefined)
    onTestFailed(() => {
      if (!isOver) process.stderr.write(`the test still waited for: ${what()}\n`)
    })
  return () => {
    isOver = true
  }
}
