/**
 * The program as scripts, and the code that V8 compiles from them. With that code a peer starts with
 * a third less processor time, and other commands with half of it or less. It takes scripts, because
 * Node 20 cannot keep the code of ES modules. A process runs a script only where the code was made by
 * the same Node.js (src/cli/main.ts).
 */
import { fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAKER = fileURLToPath(new URL('./codeCache.mjs', import.meta.url))
const MAX_MAKING_MS = 60_000
/** The form of an import from outside in what rolldown writes. */
const IMPORT = /^import (?:([\w$]+)(?:, )?)?(\{.*\})? from ("[^"]+");$/gm

const require = createRequire(import.meta.url)

/** Plugins of rolldown that change what a script cannot have as it is. */
export function forScripts(folder, packages) {
  return [requiredPackages(packages), ownPlaces(folder), withoutCanvas()]
}

/** The library of charts tries to load `canvas`, and works without it. */
function withoutCanvas() {
  const ABSENT = '\0canvas'
  return {
    name: 'without-canvas',
    resolveId: (id) => (id === 'canvas' ? ABSENT : undefined),
    load: (id) => (id === ABSENT ? 'export default null' : undefined),
  }
}

/** This module starts a worker from a file that the bundle has beside the scripts. */
const BESIDE = /[/\\]verifierThread\.js$/

/** Each module finds its files from its own place, not from that of the script. */
function ownPlaces(folder) {
  const place = (id) => JSON.stringify(relative(folder, id).replaceAll(sep, '/'))
  return {
    name: 'own-places',
    transform: (code, id) =>
      id.startsWith('\0') || BESIDE.test(id) || !code.includes('import.meta.url')
        ? undefined
        : code.replaceAll('import.meta.url', `new URL(${place(id)}, import.meta.url).href`),
  }
}

/**
 * Loads each package that stays outside when the module that needs it runs: a script has no imports
 * of its own.
 *
 * @param {readonly string[]} packages Each a CommonJS module.
 */
function requiredPackages(packages) {
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
 * Makes a script of a module that imports only parts of Node.js. The script is a function of
 * `require` and `meta`, which replaces `import.meta`. It resolves when the module has run.
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
 * Writes the code beside a script. Without it the program starts from modules, so what keeps it from
 * being made is said, and no more.
 */
export async function makeCodeCache(folder, name) {
  const { NODE_OPTIONS: _, ...env } = process.env
  const maker = fork(MAKER, [folder, name], {
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    timeout: MAX_MAKING_MS,
    killSignal: 'SIGKILL',
  })
  await new Promise((resolve) => {
    maker.once('error', resolve)
    maker.once('close', resolve)
  })
  if (!readdirSync(folder).some((file) => file.startsWith(name) && file.endsWith('.cache')))
    console.error(`no compiled code of ${name} could be kept: it starts more slowly`)
}
