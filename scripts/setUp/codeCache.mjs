/**
 * Writes the code that V8 has compiled from a script when the program has started: a peer when its
 * node has met another one, the whole program when it has loaded all commands. By then V8 has
 * compiled what a start needs. The arguments are the folder of the script and its name.
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

/** Between two looks at the number of peers, ms. */
const LOOK_MS = 50
/** From the connection until both have told each other all they know, ms. */
const SETTLING_MS = 2_000
const QUIETLY = ['--json', '--log-level', 'silent']

// The build has ended early, and the next one may use the folder.
process.once('disconnect', () => process.exit(1))
const [, , folder, name] = process.argv
const { cacheOf, compiledScript } = await import(
  pathToFileURL(join(folder, '..', 'cli', 'start', 'compiledScript.js'))
)
const script = compiledScript(pathToFileURL(join(folder, `${name}.cjs`)))
// These nodes take no settings from the environment or from a .env file.
for (const setting of Object.keys(process.env))
  if (setting.startsWith('GRAPEVINE_')) delete process.env[setting]
process.chdir(tmpdir())
const first = firstLine()
if (name === 'wholeMain') {
  process.argv.splice(2, 2, '--help')
  process.once('exit', (code) => {
    if (code === 0) keep()
  })
  await script.run()
} else {
  process.argv.splice(2, 2, 'node', ...QUIETLY)
  await Promise.race([script.run(), meeting()])
}

function keep() {
  writeFileSync(join(folder, cacheOf(name, process)), script.code())
}

async function meeting() {
  const { multiaddrs, rpcUrl } = JSON.parse(await first)
  const other = spawn(
    process.execPath,
    [join(folder, 'peerMain.js'), 'node', ...QUIETLY, '--bootnodes', multiaddrs[0]],
    { stdio: 'ignore' },
  )
  process.once('exit', () => other.kill('SIGKILL'))
  while ((await peersOf(rpcUrl)) === 0) await after(LOOK_MS)
  await after(SETTLING_MS)
  keep()
  process.exit(0)
}

/** What the program writes first; nothing of it is shown. */
function firstLine() {
  return new Promise((resolve) => {
    process.stdout.write = (text, ...rest) => {
      resolve(String(text))
      const written = rest.at(-1)
      if (typeof written === 'function') written()
      return true
    }
  })
}

async function peersOf(url) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'net_peerCount', params: [] })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body })
  return Number((await answer.json()).result)
}
