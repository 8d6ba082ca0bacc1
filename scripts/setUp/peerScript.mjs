/**
 * The peer as one script beside the bundle, and the code that V8 compiles from it. With that code a
 * peer starts with a quarter less processor time: V8 keeps code of scripts, but Node 20 not that of
 * ES modules. A process runs the script only where the code is made by the same Node.js
 * (src/cli/main.ts).
 */
import { fork } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAKER = fileURLToPath(new URL('./codeCache.mjs', import.meta.url))
const MAX_MAKING_MS = 60_000
/** How an import from outside looks in what rolldown writes. */
const IMPORT = /^import (?:([\w$]+)(?:, )?)?(\{.*\})? from ("[^"]+");$/gm

const require = createRequire(import.meta.url)

/**
 * Makes the code of packages that stay outside load when the module that needs them does: a script
 * has no imports of its own.
 *
 * @param {readonly string[]} packages Each a CommonJS module.
 */
export function requiredPackages(packages) {
  const PREFIX = '\0required:'
  return {
    name: 'required-packages',
    resolveId: (id) => (packages.includes(id) ? PREFIX + id : undefined),
    load: (id) => (id.startsWith(PREFIX) ? requiring(id.slice(PREFIX.length)) : undefined),
  }
}

function requiring(name) {
  const exported = Object.keys(require(name)).filter((one) => /^[A-Za-z_$][\w$]*$/.test(one))
  return [
    "import { createRequire } from 'node:module'",
    `const outside = createRequire(import.meta.url)(${JSON.stringify(name)})`,
    'export default outside',
    ...exported
      .filter((one) => one !== 'default')
      .map((one) => `export const ${one} = outside.${one}`),
  ].join('\n')
}

/**
 * A function of `require` and `meta` (instead of `import.meta`) from a module that imports nothing
 * but what belongs to Node.js; it resolves when the module has run.
 */
export function scriptOf(code) {
  const body = code
    .replace(IMPORT, (_, whole, names, from) => required(whole, names, from))
    .replace(/^export \{\};$/m, '')
    .replaceAll('import.meta', 'meta')
  const left = /^(import|export)\b.*|\bimport\(["'`].*/m.exec(body)
  if (left !== null) throw new Error(`a script cannot have "${left[0]}"`)
  return `(async (require, meta) => {"use strict";${body}\n})`
}

function required(whole, names, from) {
  const named = names?.replaceAll(' as ', ': ')
  return [whole, named]
    .filter((left) => left !== undefined)
    .map((left) => `const ${left} = require(${from});`)
    .join(' ')
}

/**
 * Writes the code beside the script of this folder. Without it a peer starts from the bundle, so
 * what keeps it from being made is said, and no more.
 */
export async function makeCodeCache(folder) {
  const maker = fork(MAKER, [folder], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    timeout: MAX_MAKING_MS,
    killSignal: 'SIGKILL',
  })
  await new Promise((resolve) => {
    maker.once('error', resolve)
    maker.once('close', resolve)
  })
  if (!readdirSync(folder).some((file) => file.endsWith('.cache')))
    console.error('no compiled code of a peer could be kept: peers start more slowly')
}

/** Writes a script of this folder. */
export function writeScript(folder, name, code) {
  writeFileSync(join(folder, name), scriptOf(code))
}
