/**
 * Makes one file of the modules that a peer runs, beside them in `dist/bundle/`: see src/cli/main.ts. Packages that are
 * not ES modules, or bring machine code, stay where they are. Run by itself: `node scripts/setUp/bundle.mjs`.
 */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist')
const ENTRIES = ['cli/peerMain.js', 'crypto/verifierWorker.js']
/** Found in node_modules when the bundle runs. */
const EXTERNAL = [/^node:/, 'classic-level', 'commander', 'pino', 'prom-client', 'secp256k1', 'ws']

if (existsSync(join(dist, ENTRIES[0]))) await bundle()

/** The folder appears whole or not at all. */
async function bundle() {
  const { rolldown } = await import('rolldown')
  const made = join(dist, '.bundle')
  const place = join(dist, 'bundle')
  const build = await rolldown({
    input: ENTRIES.map((entry) => join(dist, entry)),
    platform: 'node',
    external: EXTERNAL,
    logLevel: 'warn',
  })
  rmSync(made, { recursive: true, force: true })
  await build.write({ dir: made, format: 'esm', entryFileNames: '[name].js' })
  await build.close()
  rmSync(place, { recursive: true, force: true })
  renameSync(made, place)
}
