#!/usr/bin/env node
/**
 * `grapevine`: chooses what is loaded for the command that is asked for. It imports nothing itself.
 *
 * A peer consists of 780 modules, and finding and linking them was more than half of its start and
 * a sixth of its memory. So the build makes one file of them, which is used unless the modules were
 * compiled anew after it. The build also makes two scripts, one of a peer and one of the whole
 * program, and keeps the code that V8 compiles from them. Only the same Node.js takes that code.
 */
import { statSync } from 'node:fs'

const PEER_COMMANDS: readonly (string | undefined)[] = ['node', 'peers', 'interop']
const BUNDLE = inBundle('peerMain.js')
/** Written by each compilation; a package that was installed has none. */
const BUILD_INFO = new URL('../.tsbuildinfo', import.meta.url)

/** V8 takes code only under the flags under which it was compiled: none. */
function hasCode(name: string): boolean {
  const hasFlags = process.execArgv.length > 0 || (process.env['NODE_OPTIONS'] ?? '') !== ''
  return !hasFlags && isFresh(codeOf(name))
}

/** Named as by `cacheOf`, which is loaded only where there is code. */
function codeOf(name: string): URL {
  return inBundle(`${name}.${process.version}-${process.arch}.cache`)
}

async function runScript(name: string): Promise<void> {
  const { compiledScript } = await import('./start/compiledScript.ts')
  await compiledScript(inBundle(`${name}.cjs`), codeOf(name)).run()
}

/** Whether it was made after the modules. */
function isFresh(file: URL): boolean {
  const madeMs = writtenMs(file)
  return madeMs !== undefined && madeMs >= (writtenMs(BUILD_INFO) ?? 0)
}

function inBundle(file: string): URL {
  return new URL(`../bundle/${file}`, import.meta.url)
}

function writtenMs(file: URL): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs
}

const isPeer = PEER_COMMANDS.includes(process.argv[2])
const script = isPeer ? 'peerMain' : 'wholeMain'
if (hasCode(script)) await runScript(script)
else if (!isPeer) await import('./wholeMain.ts')
else if (isFresh(BUNDLE)) await import(BUNDLE.href)
else await import('./peerMain.ts')
