import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { UserError } from '../../../src/lib/userError.ts'
import { writeError } from '../../../src/lib/files/writeError.ts'
import { writeBlockFile } from '../../../src/node/blockFile.ts'

/** The error of writing to a file of this name. */
function errorOf(file: string): Error {
  try {
    writeFileSync(file, 'x')
  } catch (error) {
    return writeError(file, error)
  }
  throw new Error(`${file} was written`)
}

test('a disk that is full is a failure, and a name that cannot be opened is the user to mend', () => {
  expect(errorOf('/dev/full')).not.toBeInstanceOf(UserError)
  expect(errorOf('/dev/full').message).toMatch(/^cannot write \/dev\/full: ENOSPC/)
  expect(errorOf('/dev/null/inside')).toBeInstanceOf(UserError)
  expect(errorOf('/no-such-folder/file')).toBeInstanceOf(UserError)
})

test('blocks that a full disk does not take are a failure', async () => {
  const writing = writeBlockFile('/dev/full', [Uint8Array.of(1)])
  await expect(writing).rejects.toThrow('cannot write /dev/full: ENOSPC')
  await expect(writing).rejects.not.toBeInstanceOf(UserError)
})
