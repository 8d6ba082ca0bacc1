import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataDirError } from '../../src/chain/store/dataDirError.ts'
import { lockDataDir } from '../../src/chain/store/dataLock.ts'

let dataDir = ''

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'grapevine-lock-'))
})

afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

test('a data directory has one owner at a time, named to the second', async () => {
  const lock = await lockDataDir(dataDir)
  const second = lockDataDir(dataDir)
  await expect(second).rejects.toThrow(DataDirError)
  await expect(second).rejects.toThrow(`${dataDir} is in use by process ${process.pid}: end it`)
  await lock.release()
  await (await lockDataDir(dataDir)).release()
})

test('of many who ask at once one gets it', async () => {
  const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(dataDir)))
  const owners = asked.filter((one) => one.status === 'fulfilled')
  expect(owners).toHaveLength(1)
  await owners[0]?.value.release()
})

test('is made where there is none, and mended where its lock is damaged', async () => {
  const fresh = join(dataDir, 'a', 'b')
  await (await lockDataDir(fresh)).release()
  for (const name of readdirSync(join(fresh, 'lock')))
    writeFileSync(join(fresh, 'lock', name), 'rubbish')
  const mended = await lockDataDir(fresh)
  await expect(lockDataDir(fresh)).rejects.toThrow('is in use')
  await mended.release()
})

test('a path that is a file is an error, not a wait', async () => {
  const file = join(dataDir, 'file')
  writeFileSync(file, '')
  await expect(lockDataDir(file)).rejects.toThrow('is not a directory')
  await expect(lockDataDir(join(file, 'below'))).rejects.toThrow('ENOTDIR')
})

test('the lock of a process that was killed is free', async () => {
  const module = fileURLToPath(new URL('../../dist/chain/store/dataLock.js', import.meta.url))
  const script = `
    const { lockDataDir } = await import(${JSON.stringify(module)})
    await lockDataDir(process.argv[1])
    process.stdout.write('locked')
    setInterval(() => {}, 1000)`
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script, '--', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(owner, 'exit')
  await once(owner.stdout, 'data')
  await expect(lockDataDir(dataDir)).rejects.toThrow(`process ${owner.pid}`)
  owner.kill('SIGKILL')
  await exited
  await (await lockDataDir(dataDir)).release()
})
