/**
 * Writes the code that V8 has compiled from the script of a peer when a node of it has started and
 * met another one: by then it has compiled what a start needs. Its one argument is the folder of
 * the script.
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

// Who builds has ended: the folder may soon be another's.
process.once('disconnect', () => process.exit(1))
const [, , folder] = process.argv
const { cacheOf, compiledPeer } = await import(
  pathToFileURL(join(folder, '..', 'cli', 'start', 'cachedPeer.js'))
)
const peer = compiledPeer(pathToFileURL(join(folder, 'peerMain.cjs')))
// Neither settings of the environment nor a .env file say how these nodes run.
for (const name of Object.keys(process.env))
  if (name.startsWith('GRAPEVINE_')) delete process.env[name]
process.chdir(tmpdir())
const ready = firstLine()
process.argv.splice(2, 1, 'node', ...QUIETLY)
await Promise.race([peer.run(), meeting()])

async function meeting() {
  const { multiaddrs, rpcUrl } = JSON.parse(await ready)
  const other = spawn(
    process.execPath,
    [join(folder, 'peerMain.js'), 'node', ...QUIETLY, '--bootnodes', multiaddrs[0]],
    { stdio: 'ignore' },
  )
  process.once('exit', () => other.kill('SIGKILL'))
  while ((await peersOf(rpcUrl)) === 0) await after(LOOK_MS)
  await after(SETTLING_MS)
  writeFileSync(join(folder, cacheOf(process)), peer.code())
  process.exit(0)
}

/** What the node of this process writes when it is ready; nothing of it is shown. */
function firstLine() {
  return new Promise((resolve) => {
    process.stdout.write = (text) => {
      resolve(String(text))
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
