/**
 * Whether `dist/` is what the sources compile to. TypeScript neither removes nor repairs what it
 * wrote once.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const BUILD_INFO = '.tsbuildinfo'
/** Holds the digest of the last build that ended well. */
const STAMP = '.built'
/** In `dist/` but not made from `src/` by the build. */
const OTHERS = /^((bench|bundle)[/\\]|\.)/

/** Whether a build has anything to do. */
export function isBuilt(root) {
  const stamp = join(root, 'dist', STAMP)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest(root) && !lacksFiles(root)
}

/**
 * To be called before a build: one that is cut short leaves no stamp, and missing files are all
 * written again.
 */
export function beginBuild(root) {
  rmSync(join(root, 'dist', STAMP), { force: true })
  if (lacksFiles(root)) rmSync(join(root, 'dist', BUILD_INFO), { force: true })
}

/** To be called after a build that succeeded. */
export function endBuild(root) {
  removeStale(root)
  writeFileSync(join(root, 'dist', STAMP), digest(root))
}

/** Removes files of sources that are gone: who imports one of them would run old code. */
export function removeStale(root) {
  const expected = outputs(root)
  for (const file of filesIn(join(root, 'dist')))
    if (!OTHERS.test(file) && !expected.has(file)) rmSync(join(root, 'dist', file), { force: true })
}

function lacksFiles(root) {
  const present = new Set(filesIn(join(root, 'dist')))
  return [...outputs(root)].some((file) => !present.has(file))
}

function outputs(root) {
  const names = filesIn(join(root, 'src')).filter((file) => /\.[jt]s$/.test(file))
  return new Set(
    names.flatMap((name) => {
      const output = name.replace(/\.[jt]s$/, '')
      return [`${output}.js`, `${output}.js.map`, `${output}.d.ts`]
    }),
  )
}

/**
 * Over all that a build reads, and over what TypeScript remembers of it: a build by hand is seen,
 * too.
 */
function digest(root) {
  const hash = createHash('sha256')
  const sources = filesIn(join(root, 'src')).map((file) => join('src', file))
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json']
  for (const file of [...sources, ...settings, join('dist', BUILD_INFO)]) {
    const bytes = existsSync(join(root, file)) ? readFileSync(join(root, file)) : ''
    hash.update(`${file}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

function filesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .toSorted()
}
