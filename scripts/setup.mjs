/**
 * What a fresh clone needs before anything runs: the locked dependencies and the build.
 * Plain JavaScript without imports from npm, because it runs before there are any. Does nothing when all is in place.
 */
import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

const stampFile = join(root, 'node_modules', '.grapevine-lock')

/** Installs from the lock file if it changed since the last time, then builds `dist/` incrementally. */
export function setUp() {
  requireNode(20, 19)
  if (lockChanged()) install()
  build()
}

/** Runs `grapevine` in this process with `args`, after the set-up. */
export async function grapevine(args) {
  setUp()
  process.argv = [process.argv[0], join(root, 'dist', 'cli', 'main.js'), ...args]
  await import('../dist/cli/main.js')
}

function requireNode(major, minor) {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split('.').map(Number)
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return
  fail(`grapevine needs Node ${major}.${minor} or newer; this is ${process.versions.node}.`)
}

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}

function lockChanged() {
  return !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== lockDigest()
}

function install() {
  say('installing the locked dependencies (once) ...')
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, lockDigest())
}

function build() {
  if (!existsSync(join(root, 'dist', 'cli', 'main.js'))) say('building ...')
  run(process.execPath, [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.build.json',
  ])
}

/** Output goes to standard error: standard output belongs to the command that follows. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error !== undefined) fail(`cannot run ${command}: ${error.message}`)
  if (status !== 0) fail(`"${[command, ...args].join(' ')}" failed; see above.`)
}

function say(line) {
  process.stderr.write(`grapevine: ${line}\n`)
}

function fail(line) {
  say(line)
  process.exit(1)
}
