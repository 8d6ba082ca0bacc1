/**
 * Runs a script of the program with the code that was compiled from it when it was built. V8
 * refuses code that another version of it made, or that was made under other flags, and compiles
 * anew.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Script } from 'node:vm'
import { fileURLToPath } from 'node:url'

/** A script that is ready to run. */
export interface CompiledScript {
  /** Resolves when the module that the script was made of would have run. */
  run(): Promise<void>
  /** What is compiled of it by now. */
  code(): Buffer
}

/** The function that a script consists of: see scripts/setUp/script.mjs. */
type ProgramOf = (require: NodeJS.Require, meta: { readonly url: string }) => Promise<void>

/** Compiles a script, with the code that is kept in a file where there is one. */
export function compiledScript(file: URL, cacheFile?: URL): CompiledScript {
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: fileURLToPath(file),
    ...(cacheFile !== undefined && { cachedData: readFileSync(cacheFile) }),
  })
  return {
    run: () => {
      const program = script.runInThisContext() as ProgramOf
      return program(createRequire(file), { url: file.href })
    },
    code: () => script.createCachedData(),
  }
}

/** The file of the code of a script for a Node.js, beside the script. */
export function cacheOf(
  name: string,
  { version, arch }: Pick<NodeJS.Process, 'version' | 'arch'>,
): string {
  return `${name}.${version}-${arch}.cache`
}
