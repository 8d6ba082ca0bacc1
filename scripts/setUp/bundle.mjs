/**
 * Makes one file of the modules that a peer runs, beside them in `dist/bundle/`, and scripts: see
 * src/cli/main.ts. Packages that are not ES modules, or bring machine code, stay where they are.
 * Run by itself: `node scripts/setUp/bundle.mjs`.
 */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { forScripts, makeCodeCache, scriptOf } from './script.mjs'

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist')
const ENTRIES = ['cli/peerMain.js', 'crypto/verifierWorker.js']
/** What is made a script of, too: a peer, and the program with all its commands. */
const SCRIPTS = ['peerMain', 'wholeMain']
/** Found in node_modules when the bundle runs. */
const PACKAGES = ['classic-level', 'commander', 'pino', 'prom-client', 'secp256k1', 'ws']
const FORM = {
  format: 'esm',
  entryFileNames: '[name].js',
  comments: false,
  // Names stay as they are: they stand in stack traces.
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
}

if (existsSync(join(dist, ENTRIES[0]))) await bundle()

/** The folder appears whole or not at all. */
async function bundle() {
  const { rolldown } = await import('rolldown')
  const made = join(dist, '.bundle')
  const place = join(dist, 'bundle')
  rmSync(made, { recursive: true, force: true })
  const modules = await rolldown({
    input: ENTRIES.map((entry) => join(dist, entry)),
    platform: 'node',
    external: [/^node:/, ...PACKAGES],
    plugins: [inAscii()],
    logLevel: 'warn',
  })
  await modules.write({ ...FORM, dir: made })
  await modules.close()
  await Promise.all(SCRIPTS.map((name) => makeScript(made, name)))
  rmSync(place, { recursive: true, force: true })
  renameSync(made, place)
}

async function makeScript(made, name) {
  const { rolldown } = await import('rolldown')
  const modules = await rolldown({
    input: join(dist, 'cli', `${name}.js`),
    platform: 'node',
    external: [/^node:/, 'secp256k1'],
    plugins: [...forScripts(made, PACKAGES), inAscii()],
    logLevel: 'warn',
  })
  const { output } = await modules.generate({ ...FORM, codeSplitting: false })
  await modules.close()
  writeFileSync(join(made, `${name}.cjs`), scriptOf(output[0].code))
  await makeCodeCache(made, name)
}

/**
 * A module with a single character beyond Latin-1 takes twice its length in memory, and longer to
 * read.
 */
function inAscii() {
  return {
    name: 'in-ascii',
    generateBundle(_options, chunks) {
      for (const chunk of Object.values(chunks))
        if (chunk.type === 'chunk') chunk.code = escaped(chunk.code)
    },
  }
}

function escaped(code) {
  return code.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
