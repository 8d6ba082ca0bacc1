import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SharedProcess } from '../../src/devnet/sharedProcess.ts'
import { systemClock } from '../../src/lib/clock.ts'

test('a process of peers that cannot start says why, for its log goes with the folder of the network', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-process-'))
  const program = join(dir, 'main.js')
  writeFileSync(program, "process.stderr.write('no room left\\n')\nprocess.exit(1)\n")
  const { signal } = new AbortController()
  const options = {
    program,
    dir,
    name: 'process-0',
    clock: systemClock,
    signal,
    loadPerCore: () => 0,
  }
  await expect(SharedProcess.start(options)).rejects.toThrow(
    'a process of peers did not start: no room left',
  )
  rmSync(dir, { recursive: true })
})
