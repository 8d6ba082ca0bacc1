import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Makes a directory and those above it, unless they are there. Throws the system's error where that
 * cannot be.
 *
 * One level at a time: `recursive` of Node 20 never comes back where a file system answers "not
 * found" to making a directory whose parent is there, as /proc does.
 */
export function makeDirectory(path: string): void {
  const missing: string[] = []
  let at = resolve(path)
  for (; !isThere(at); at = dirname(at)) missing.push(at)
  for (const one of missing.reverse()) makeOne(one)
  if (missing.length === 0 && !statSync(at).isDirectory())
    throw new Error(`${path} is not a directory`)
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

/** Another process may make the same one. */
function makeOne(path: string): void {
  try {
    mkdirSync(path)
  } catch (error) {
    if (!isThere(path)) throw error
  }
}
