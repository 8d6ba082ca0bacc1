/**
 * The package as npm would publish it, unpacked beside the dependencies of this checkout: what
 * others would import.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A folder in which `grapevine` is installed from its tarball. */
export interface PackedProject {
  readonly dir: string
  readonly tarball: string
}

/**
 * Packs what is built, and lays out a project that has it in `node_modules`. The caller removes
 * `dir`.
 */
export function packedProject(): PackedProject {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-packed-'))
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', dir]
  const [{ filename } = { filename: '' }] = JSON.parse(
    execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 }),
  ) as { readonly filename: string }[]
  const tarball = join(dir, filename)
  const modules = join(dir, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  execFileSync('tar', ['-xzf', tarball, '-C', dir])
  renameSync(join(dir, 'package'), join(modules, 'grapevine'))
  return { dir, tarball }
}
