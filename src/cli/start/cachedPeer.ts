/**
 * Runs the script of a peer with the code that was compiled from it when it was built. V8 refuses
 * code that another version of it made, or that was made under other flags, and compiles anew.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Script } from 'node:vm'
import { fileURLToPath } from 'node:url'

/** The script of a peer, ready to run. */
export interface CompiledPeer {
  /** Resolves when all of the script's first turn has run. */
  run(): Promise<void>
  /** What is compiled of it by now. */
  code(): Buffer
}

/** What the script answers: see scripts/setUp/peerScript.mjs. */
type PeerScript = (require: NodeJS.Require, meta: { readonly url: string }) => Promise<void>

/** Compiles a script, with the code that is kept in a file where there is one. */
export function compiledPeer(file: URL, cacheFile?: URL): CompiledPeer {
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: fileURLToPath(file),
    ...(cacheFile !== undefined && { cachedData: readFileSync(cacheFile) }),
  })
  return {
    run: () => {
      const peer = script.runInThisContext() as PeerScript
      return peer(createRequire(file), { url: file.href })
    },
    code: () => script.createCachedData(),
  }
}

/** The file of the code for a Node.js, beside the script. */
export function cacheOf({ version, arch }: Pick<NodeJS.Process, 'version' | 'arch'>): string {
  return `peerMain.${version}-${arch}.cache`
}
