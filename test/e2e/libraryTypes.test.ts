/**
 * A user's project that imports the library compiles with the types of Node alone, and with all
 * declarations checked.
 */
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { packedProject } from '../builders/packed.ts'

const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))

const PROGRAM = `import * as grapevine from 'grapevine'
const devnet = await grapevine.startDevnet({ nodes: 2 })
const { arrivals } = await devnet.waitForAll(await devnet.transfer())
await devnet[Symbol.asyncDispose]()
const firstPeer: number | undefined = arrivals[0]?.peer
const report: grapevine.Report = await grapevine.simulate('star', { engine: 'router' })
const judged: grapevine.Judged = grapevine.judge('0x')
export const used = [firstPeer, report, judged, grapevine.grapevineActions(), grapevine.compareReports]
`

const { dir } = packedProject()
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('the types of Node suffice, with every declaration checked', { timeout: 180_000 }, () => {
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'user', type: 'module' }))
  writeFileSync(join(dir, 'program.ts'), PROGRAM)
  const how = { target: 'ES2022', module: 'NodeNext', strict: true, noEmit: true }
  const checked = { skipLibCheck: false, lib: ['ES2023'], types: ['node'] }
  const config = { compilerOptions: { ...how, ...checked }, files: ['program.ts'] }
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config))
  const { status, stdout } = spawnSync(process.execPath, [TSC, '-p', dir], { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
})
