/**
 * `npm run test:interop`: peers of other implementations, built from test/interop, in networks of ours. Needs `go` and
 * `cargo`; without one of them its tests are skipped, and fail with CI=true. Arguments go to vitest.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { runSuite } from './runSuite.mjs'
import { root } from './setup.mjs'

const OUT = join(root, '.interop')
const SOURCES = join(root, 'test', 'interop')

/** How each program is built, and where it is then. */
const PROGRAMS = [
  {
    name: 'GO_PEER',
    tool: 'go',
    args: ['build', '-C', join(SOURCES, 'go'), '-o', join(OUT, 'go-peer'), '.'],
    file: join(OUT, 'go-peer'),
  },
  {
    name: 'GO_SCRIPTED',
    tool: 'go',
    args: ['build', '-C', join(SOURCES, 'go'), '-o', join(OUT, 'go-scripted'), './scripted'],
    file: join(OUT, 'go-scripted'),
  },
  {
    name: 'RUST_PEER',
    tool: 'cargo',
    args: ['build', '--locked', '--manifest-path', join(SOURCES, 'rust', 'Cargo.toml')],
    env: { CARGO_TARGET_DIR: join(OUT, 'cargo') },
    file: join(OUT, 'cargo', 'debug', 'rust-peer'),
  },
]

mkdirSync(OUT, { recursive: true })
await runSuite(
  'vitest.interop.config.ts',
  process.argv.slice(2),
  Object.fromEntries(PROGRAMS.map((program) => [`INTEROP_${program.name}`, built(program)])),
)

/**
 * The file of the program, or nothing where the machine lacks its tool. A build that fails ends the run. Go and Cargo know
 * by themselves what is up to date, and then take a moment.
 */
function built({ tool, args, env, file }) {
  const startMs = performance.now()
  const { error, status } = spawnSync(tool, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  if (error?.code === 'ENOENT') return ''
  if (status !== 0) {
    process.stderr.write(`test:interop: "${tool} ${args.join(' ')}" failed\n`)
    process.exit(1)
  }
  const tookS = (performance.now() - startMs) / 1000
  process.stdout.write(`test:interop: ${relative(root, file)} built in ${tookS.toFixed(1)} s\n`)
  return file
}
