/**
 * `npm run test:interop`: peers of other implementations, built from test/interop, in networks of
 * ours, and clients in other languages on them. Needs `go`, `cargo` and `python3`; without one of
 * them its tests are skipped, and fail with CI=true. Arguments go to vitest.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
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

/**
 * Clients that package managers install, each into a folder of its own: the command that is there
 * then.
 */
const CAST = join(OUT, 'cast-1.7.1')
const PYTHON = join(OUT, 'python', 'bin')
const QUIET = ['--silent', '--no-audit', '--no-fund']
const CLIENTS = {
  INTEROP_CAST: {
    file: join(CAST, 'node_modules', '.bin', 'cast'),
    steps: [['npm', 'install', ...QUIET, '--prefix', CAST, '@foundry-rs/cast@1.7.1']],
  },
  INTEROP_PYTHON: {
    file: join(PYTHON, 'python'),
    steps: [
      ['python3', '-m', 'venv', join(OUT, 'python')],
      [join(PYTHON, 'pip'), 'install', '--quiet', '-r', join(SOURCES, 'requirements.txt')],
    ],
  },
}

mkdirSync(OUT, { recursive: true })
await runSuite('vitest.interop.config.ts', process.argv.slice(2), {
  ...Object.fromEntries(PROGRAMS.map((program) => [`INTEROP_${program.name}`, built(program)])),
  ...Object.fromEntries(Object.entries(CLIENTS).map(([name, one]) => [name, installed(one)])),
})

/**
 * The command, or nothing where it cannot be installed. An installation that was cut off is made
 * again.
 */
function installed({ file, steps }) {
  const stamp = `${file}.installed`
  if (existsSync(stamp)) return file
  for (const [tool, ...args] of steps) {
    const { status } = spawnSync(tool, args, { stdio: ['ignore', 'inherit', 'inherit'] })
    if (status !== 0) return ''
  }
  writeFileSync(stamp, '')
  return file
}

/**
 * The file of the program, or nothing where the machine lacks its tool. A build that fails ends the
 * run. Go and Cargo know by themselves what is up to date, and then take a moment.
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
