/** Tests that need a program which a machine may lack. */
import { describe, test } from 'vitest'

/**
 * Describes tests that need something; `missing` is empty where it is there, else says what is missing and how to get it.
 * They are then skipped, with that sentence. In continuous integration (`CI=true`), where a skipped test is one
 * that nobody runs, they fail instead.
 */
export function describeNeeding(missing: string, name: string, body: () => void): void {
  if (missing === '') describe(name, body)
  else if (process.env['CI'] !== 'true') describe.skip(`${name} (skipped: ${missing})`, body)
  else
    test(`${name}: cannot run here`, () => {
      throw new Error(`${missing}; with CI=true this is a failure`)
    })
}
