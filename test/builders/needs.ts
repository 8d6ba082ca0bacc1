/** Tests that need a program which a machine may lack. */
import { beforeAll, describe } from 'vitest'

const IS_CI = process.env['CI'] === 'true'

/**
 * Describes tests that need something; `missing` is empty where it is there, else says what is
 * missing and how to get it. They are then skipped, with that sentence. In continuous integration
 * (`CI=true`), where a skipped test is one that nobody runs, they fail instead.
 */
export function describeNeeding(missing: string, name: string, body: () => void): void {
  const note = missing === '' ? '' : ` (${missing})`
  describe.skipIf(missing !== '' && !IS_CI)(`${name}${note}`, () => {
    beforeAll(() => {
      if (missing !== '') throw new Error(`${missing}: with CI=true nothing is skipped`)
    })
    body()
  })
}
