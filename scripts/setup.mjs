/**
 * What a checkout needs before anything runs: the locked dependencies and the build. Does nothing
 * when both are in place. What is in place is looked at, not remembered: an installation that was
 * cut short, damaged or made by hand is seen as what it is. Plain JavaScript without imports from
 * npm, because it runs before there are any.
 */
import { accessSync, constants, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beginBuild, endBuild, isBuilt, removeStale } from './setUp/built.mjs'
import { Children, Interrupted } from './setUp/child.mjs'
import { installFault, markIncomplete } from './setUp/installed.mjs'
import { Turns } from './setUp/turns.mjs'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * Set for processes below one that has set this checkout up and runs from it: they neither check
 * nor change it.
 */
const DONE = 'CHECKOUT_SET_UP'

/** Thrown for what a person can mend; its message is the line they see. */
class SetUpError extends Error {}

/**
 * Installs if what is installed is not what the lock file says, then builds `dist/` if the sources
 * changed. Ends the process with one line if that cannot be, and by the signal if one came. Without
 * `mayInstall`, a fault of the installation ends it too: for a process that runs from
 * `node_modules` already.
 */
export async function setUp({ mayInstall = true, isDone = process.env[DONE] === root } = {}) {
  if (isDone) return
  const children = new Children()
  children.listen()
  try {
    requireNode(20, 19)
    await inTurn(children, mayInstall)
    children.check()
  } catch (error) {
    children.unlisten()
    await endBy(error)
  }
  children.unlisten()
}

/** Tells the processes below this one that the set-up is done. */
export function markSetUp() {
  process.env[DONE] = root
}

/** Runs `grapevine` in this process with `args`, after the set-up. */
export async function grapevine(args) {
  await setUp()
  process.argv = [process.argv[0], join(root, 'dist', 'cli', 'main.js'), ...args]
  await import('../dist/cli/main.js')
}

async function inTurn(children, mayInstall) {
  const folder = join(root, '.grapevine', 'set-up')
  const readOnly = writeFault(folder)
  if (readOnly !== undefined) return requireSetUp(readOnly)
  const turns = new Turns(folder)
  try {
    await turns.take({
      onWait: (pid) => say(`waiting for the set-up of process ${pid} ...`),
      check: () => children.check(),
    })
    const run = (command, args) => runToEnd(children, turns, command, args)
    const fault = installFault(root)
    if (fault !== undefined) await install(run, turns, { fault, mayInstall })
    await build(run)
    turns.use()
  } finally {
    turns.release()
  }
}

/** Why nothing can be written there, as a word of the system; `undefined` if it can. */
function writeFault(folder) {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    return undefined
  } catch (error) {
    return error.code
  }
}

/** A checkout that this process cannot write runs as it is, if it is set up. */
function requireSetUp(readOnly) {
  const fault =
    installFault(root) ?? (isBuilt(root) ? undefined : 'dist/ is not what the sources compile to')
  if (fault === undefined) return
  throw new SetUpError(
    `${fault}, and this process may not write to ${root} (${readOnly}): let who may run "npm start" once`,
  )
}

async function install(run, turns, { fault, mayInstall }) {
  if (!mayInstall) throw new SetUpError(`node_modules: ${fault}: run "npm ci" first`)
  const [user] = turns.users()
  if (user !== undefined)
    throw new SetUpError(
      `node_modules: ${fault}, but process ${user} runs from it: end that first, then try again`,
    )
  say(`installing the locked dependencies (${fault}) ...`)
  markIncomplete(root)
  await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  const left = installFault(root)
  if (left !== undefined) throw new SetUpError(`"npm ci" succeeded, but ${left}`)
}

async function build(run) {
  if (isBuilt(root)) return removeStale(root)
  say('building ...')
  beginBuild(root)
  await run(process.execPath, [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.build.json',
  ])
  await run(process.execPath, [join(root, 'scripts', 'setUp', 'bundle.mjs')])
  endBuild(root)
}

async function runToEnd(children, turns, command, args) {
  const { code, error } = await children.run(command, args, {
    cwd: root,
    onStart: (pid) => turns.share(pid),
  })
  if (error !== undefined) throw new SetUpError(`cannot run ${command}: ${error.message}`)
  if (code !== 0) throw new SetUpError(`"${[command, ...args].join(' ')}" failed; see above.`)
}

function requireNode(major, minor) {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split('.').map(Number)
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return
  throw new SetUpError(
    `Node ${major}.${minor} or newer is needed; this is ${process.versions.node}.`,
  )
}

/** Never returns: a process that ends by a signal needs a moment for that. */
async function endBy(error) {
  if (error instanceof Interrupted) {
    process.kill(process.pid, error.signal)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  if (!(error instanceof SetUpError || error instanceof Interrupted)) throw error
  say(error.message)
  process.exit(1)
}

function say(line) {
  process.stderr.write(`grapevine: ${line}\n`)
}
