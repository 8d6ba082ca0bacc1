#!/usr/bin/env node
/**
 * `grapevine`: chooses what is loaded for the command that is asked for. It imports nothing itself.
 *
 * A peer consists of 780 modules, and finding and linking them was more than half of its start and
 * a sixth of its memory. So the build makes one file of them, which is used unless the modules were
 * compiled anew after it.
 */
import { statSync } from 'node:fs'

const PEER_COMMANDS: readonly (string | undefined)[] = ['node', 'peers', 'interop']
const BUNDLE = new URL('../bundle/peerMain.js', import.meta.url)
/** The same as one script, and what V8 compiled from it: see ./start/cachedPeer.ts. */
const SCRIPT = new URL('../bundle/peerMain.cjs', import.meta.url)
const CACHE = new URL(
  `../bundle/peerMain.${process.version}-${process.arch}.cache`,
  import.meta.url,
)
/** Written by each compilation; a package that was installed has none. */
const BUILD_INFO = new URL('../.tsbuildinfo', import.meta.url)

function hasBundle(): boolean {
  const madeMs = writtenMs(BUNDLE)
  return madeMs !== undefined && madeMs >= (writtenMs(BUILD_INFO) ?? 0)
}

/** V8 takes code only under the flags under which it was compiled. */
function hasCache(): boolean {
  return process.execArgv.length === 0 && writtenMs(CACHE) !== undefined
}

async function runCached(): Promise<void> {
  const { compiledPeer } = await import('./start/cachedPeer.ts')
  await compiledPeer(SCRIPT, CACHE).run()
}

function writtenMs(file: URL): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs
}

if (!PEER_COMMANDS.includes(process.argv[2])) await import('./wholeMain.ts')
else if (!hasBundle()) await import('./peerMain.ts')
else if (hasCache()) await runCached()
else await import(BUNDLE.href)
