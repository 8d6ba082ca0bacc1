/**
 * `npm run bench`: sets up if needed, compiles test/bench beside the sources it measures, and runs
 * it.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, setUp } from './setup.mjs'

await setUp()
run([join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.bench.json'])
// A node says its version, which stands there.
copyFileSync(join(root, 'package.json'), join(root, 'dist', 'bench', 'package.json'))
const main = join(root, 'dist', 'bench', 'test', 'bench', 'main.js')
run(['--expose-gc', main, ...process.argv.slice(2)])

function run(args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
