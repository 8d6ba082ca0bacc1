import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeTemporaryFolder } from '../../src/devnet/temporaryFolder.ts'

/** A folder such as a network of process `owner` leaves behind. */
function folderOf(parent: string, name: string, owner: string | undefined): string {
  const folder = join(parent, name)
  mkdirSync(folder)
  if (owner !== undefined) writeFileSync(join(folder, 'owner'), owner)
  return folder
}

test('a new folder takes the place of those whose processes have ended, and of no other', () => {
  const parent = mkdtempSync(join(tmpdir(), 'grapevine-folders-'))
  onTestFinished(() => rmSync(parent, { recursive: true }))
  const { pid } = spawnSync(process.execPath, ['--version'])
  const abandoned = folderOf(parent, 'grapevine-devnet-a', String(pid))
  const kept = [
    folderOf(parent, 'grapevine-devnet-b', String(process.pid)),
    folderOf(parent, 'grapevine-devnet-c', undefined),
    folderOf(parent, 'grapevine-devnet-d', 'nobody'),
    folderOf(parent, 'other', String(pid)),
    makeTemporaryFolder(parent),
  ]
  const made = makeTemporaryFolder(parent)
  expect(existsSync(abandoned)).toBe(false)
  expect([...kept, made].filter((folder) => !existsSync(folder))).toEqual([])
})
