/**
 * Whether `node_modules` holds what the lock file says, whoever installed it and however that
 * ended.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** What is wrong with the installed packages, as a few words; `undefined` if nothing is. */
export function installFault(root) {
  const wanted = packagesOf(join(root, 'package-lock.json')) ?? {}
  const installed = packagesOf(hiddenLock(root))
  if (installed === undefined) return 'no complete installation'
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    const fault = packageFault(root, path, entry, installed[path])
    if (fault !== undefined) return fault
  }
  return undefined
}

/**
 * npm writes this file last, so an installation that was cut short has none; ours is marked as
 * incomplete first.
 */
export function markIncomplete(root) {
  rmSync(hiddenLock(root), { force: true })
}

function hiddenLock(root) {
  return join(root, 'node_modules', '.package-lock.json')
}

/** An optional package that npm left out is one for another system. */
function packageFault(root, path, wanted, installed) {
  if (installed === undefined) return wanted.optional ? undefined : `${path} is missing`
  if (installed.version !== wanted.version || installed.integrity !== wanted.integrity)
    return `${path} is not the one that is locked`
  if (wanted.link) return undefined
  const version = versionAt(join(root, path, 'package.json'))
  return version === wanted.version ? undefined : `${path} is damaged`
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

function versionAt(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).version
  } catch {
    return undefined
  }
}
