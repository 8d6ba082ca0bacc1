import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/**
 * The layers, top to bottom. A folder may import itself and every folder on a line below its own;
 * nothing upward, nothing sideways.
 */
const LAYERS: readonly (readonly string[])[] = [
  ['cli', 'index.ts'],
  ['library'],
  ['dashboard', 'sim'],
  ['devnet'],
  ['instrument'],
  ['peer', 'interop'],
  ['p2p', 'node'],
  ['rpc'],
  ['search'],
  ['membership', 'aggregate'],
  ['sync'],
  ['gossip'],
  ['mempool', 'finality', 'telemetry'],
  ['chain'],
  ['block'],
  ['tx', 'trace', 'measure', 'scenario'],
  ['crypto'],
  ['item', 'rehearsal'],
  ['lib'],
]

interface Ban {
  readonly what: RegExp
  readonly allowedIn: readonly string[]
  readonly instead: string
}

const BANS: readonly Ban[] = [
  {
    what: /\bDate\.now\b|\bnew Date\(\)/,
    allowedIn: ['lib', 'sim/time', 'sim/launch.ts'],
    instead: 'a Clock passed in',
  },
  {
    what: /\bperformance\b/,
    allowedIn: ['lib', 'sim/time', 'chain/store/dataLock.ts'],
    instead: 'a Clock passed in',
  },
  {
    what: /\bMath\.(max|min)\((?:[^()]*, )?\.\.\.|\.push\(\.\.\.\w+\)/,
    allowedIn: ['dashboard/client'],
    instead: 'maxOf and minOf, and a loop: many arguments find no room on the stack',
  },
  { what: /\bMath\.random\b/, allowedIn: ['lib', 'sim/time'], instead: 'a Random passed in' },
  {
    what: /\brandomBytes\b/,
    allowedIn: ['lib', 'sim/time', 'dashboard/server/dashboard.ts'],
    instead: 'a Random passed in; what must be secret has a place of its own in this list',
  },
  {
    what: /\b(setTimeout|setInterval)\b/,
    allowedIn: ['lib', 'sim/time'],
    instead: 'Clock.after or Clock.every',
  },
  {
    what: /\bPromise\.race\(\[[^\]]*\bsleep\(/,
    allowedIn: [],
    instead: 'endsWithin, which leaves no timer behind',
  },
  {
    what: /\bAbortSignal\.timeout\b/,
    allowedIn: ['rpc/client/rpcClient.ts', 'sim/time'],
    instead: 'withDeadline on a Clock',
  },
  { what: /\bsetImmediate\b/, allowedIn: ['lib', 'sim/time'], instead: 'nextTurn or Turns' },
  {
    what: /\b(queueMicrotask|nextTick)\b/,
    allowedIn: ['lib', 'sim', 'crypto/verifier.ts', 'p2p/links', 'p2p/router/turnBatches.ts'],
    instead: 'TurnBatches, or a promise',
  },
  {
    what: /\bprocess\.env\b/,
    allowedIn: ['node/settings/resolvedSettings.ts', 'cli/main.ts'],
    instead: 'a setting in node/settings/settings.ts',
  },
  {
    what: /\bprocess\.argv\b/,
    allowedIn: ['cli'],
    instead: 'a parameter from the command line layer',
  },
  {
    what: /from '(@libp2p\/|libp2p|@chainsafe\/|@multiformats\/)/,
    allowedIn: ['p2p', 'sim'],
    instead: 'the Network interface',
  },
  { what: /\b(TODO|FIXME|XXX)\b/, allowedIn: [], instead: 'doing it, or an issue' },
  { what: /\bexport default\b/, allowedIn: [], instead: 'a named export' },
  { what: /@ts-(ignore|expect-error)|\bas any\b|: any\b/, allowedIn: [], instead: 'a type' },
]

const MAX_LINES = 400
const MAX_FILES = 25
/** As the formatter holds code to. */
const MAX_WIDTH = 100

/**
 * Files that are started or imported from outside, or made for who builds on the product: virtual
 * time for tests, the docs' tables.
 */
const ENTRIES = [
  'cli/main.ts',
  'cli/docs/docs.ts',
  'crypto/verifierWorker.ts',
  'index.ts',
  'lib/manualClock.ts',
  'sim/main.ts',
  'sim/threads/threadMain.ts',
]

const src = join(dirname(fileURLToPath(import.meta.url)), '..', 'src')
const architecture = readFileSync(join(src, '..', 'ARCHITECTURE.md'), 'utf8')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(src, name), 'utf8') }))

function importsOf(file: { name: string; text: string }): string[] {
  const specifiers = [...file.text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
    (match) => match[1] ?? '',
  )
  return specifiers.map((specifier) => relative(src, resolve(src, dirname(file.name), specifier)))
}

/** In the paragraph on large folders: `p2p/{links,peers}` or `node/settings`. */
function foldersNamed(text: string): string[] {
  const [, paragraph = ''] = /(Large folders are divided by subject[^]*?)\n\n/.exec(text) ?? []
  const groups = [...paragraph.matchAll(/`(\w+)\/\{?([\w,]+)\}?`/g)]
  return groups
    .flatMap(([, folder = '', inner = '']) => inner.split(',').map((one) => `${folder}/${one}`))
    .toSorted()
}

/** Whatever is in them: scripts of pages count too. */
function innerFolders(): string[] {
  const inner = readdirSync(src, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const [folder = '', within = '', file] = name.split('/')
    return file === undefined ? [] : [`${folder}/${within}`]
  })
  return [...new Set(inner)].toSorted()
}

function folderOf(name: string): string {
  return name.split('/')[0] ?? ''
}

function layerOf(folder: string): number {
  return LAYERS.findIndex((line) => line.includes(folder))
}

function mayImport(from: string, to: string): boolean {
  return from === to || layerOf(from) < layerOf(to)
}

function isWideComment(line: string): boolean {
  const isComment = /^\s*(\/\/|\/?\*)/.test(line)
  return line.length > MAX_WIDTH && isComment && !/^\s*\* \||\S{60}/.test(line)
}

function isAllowed(name: string, places: readonly string[]): boolean {
  return places.some((place) => name === place || name.startsWith(`${place}/`))
}

describe('architecture', () => {
  test('every folder of src stands on a layer', () => {
    const strangers = files
      .map((file) => folderOf(file.name))
      .filter((folder) => layerOf(folder) === -1)
    expect([...new Set(strangers)]).toEqual([])
  })

  test('ARCHITECTURE.md names the folders within folders that there are', () => {
    expect(foldersNamed(architecture)).toEqual(innerFolders())
  })

  test('imports go downward only', () => {
    const upward = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => !mayImport(folderOf(file.name), folderOf(target)))
        .map((target) => `${file.name} imports ${target}`),
    )
    expect(upward).toEqual([])
  })

  test('what only computes reads no file and knows no process: measure, scenario, trace', () => {
    const pure = files.filter(({ name }) => /^(measure|scenario|trace)\//.test(name))
    const impure = pure.filter(({ text }) => /from 'node:|\bprocess\./.test(codeOf(text)))
    expect(pure.length).toBeGreaterThan(50)
    expect(impure.map(({ name }) => name)).toEqual([])
  })

  test('no file imports itself by way of others, not even for types', () => {
    expect(circlesOf(new Map(files.map((file) => [file.name, importsOf(file)])))).toEqual([])
  })

  test('a circle is found however long it is, and once', () => {
    const imports = {
      'a.ts': ['b.ts'],
      'b.ts': ['c.ts', 'd.ts'],
      'c.ts': ['b.ts'],
      'd.ts': ['a.ts'],
    }
    expect(circlesOf(new Map(Object.entries(imports)))).toEqual(['a.ts b.ts c.ts d.ts'])
    expect(circlesOf(new Map([['a.ts', ['a.ts']]]))).toEqual(['a.ts'])
    expect(circlesOf(new Map([['a.ts', ['b.ts']]]))).toEqual([])
  })

  test('banned words stand only where they belong', () => {
    const found = files.flatMap((file) =>
      BANS.filter(
        (ban) => ban.what.test(codeOf(file.text)) && !isAllowed(file.name, ban.allowedIn),
      ).map((ban) => `${file.name}: ${ban.what.source}: use ${ban.instead}`),
    )
    expect(found).toEqual([])
  })

  test(`no file is longer than ${MAX_LINES} lines`, () => {
    const long = files.filter((file) => file.text.split('\n').length > MAX_LINES + 1)
    expect(long.map((file) => file.name)).toEqual([])
  })

  test(`no line of a comment is wider than code, ${MAX_WIDTH} columns`, () => {
    const wide = files.flatMap(({ name, text }) =>
      text.split('\n').flatMap((line, at) => (isWideComment(line) ? [`${name}:${at + 1}`] : [])),
    )
    expect(wide).toEqual([])
  })

  test('a table or a long address in a comment may be wide', () => {
    const words = 'word '.repeat(30)
    const lines = [`// ${words}`, ` * ${words}`, ` * | ${words}|`, ` * https://${'a'.repeat(90)}`]
    expect(lines.map(isWideComment)).toEqual([true, true, false, false])
  })

  test(`no folder has more than ${MAX_FILES} files`, () => {
    const folders = files.map(({ name }) => dirname(name))
    const large = [...new Set(folders)].filter(
      (folder) => folders.filter((one) => one === folder).length > MAX_FILES,
    )
    expect(large).toEqual([])
  })

  test('every exported name says what it is for', () => {
    const bare = files.flatMap(({ name, text }) =>
      undocumentedIn(text).map((what) => `${name}: ${what}`),
    )
    expect(bare).toEqual([])
  })

  test('an exported name counts as documented by the comment on the line above it', () => {
    const text = '/** What for. */\nexport const A = 1\nexport const B = 2\nconst C = 3\n'
    expect(undocumentedIn(text)).toEqual(['B'])
  })

  test('no two files export one name, so that a name has one meaning', () => {
    expect(exportedTwice(files)).toEqual([])
  })

  test('a name that two files export is found with both; overloads in one file are one name', () => {
    const two = [
      { name: 'a.ts', text: 'export function f(): void\nexport function f(a?: number): void {}\n' },
      { name: 'b.ts', text: 'export interface F {}\nexport type f = F\n' },
    ]
    expect(exportedTwice(two)).toEqual(['f: a.ts, b.ts'])
  })

  test('there are no barrel files but the door of the library', () => {
    const barrels = files.filter(
      (file) => /(^|\/)index\.ts$/.test(file.name) || /^export \* /m.test(file.text),
    )
    expect(barrels.map((file) => file.name)).toEqual(['index.ts'])
  })

  test('every file is imported by another or is an entry', () => {
    const imported = new Set(files.flatMap(importsOf))
    const dead = files
      .map((file) => file.name)
      .filter((name) => !imported.has(name) && !ENTRIES.includes(name))
    expect(dead).toEqual([])
  })
})

/**
 * The files that reach themselves by their imports; those that reach one another stand together.
 */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const reached = new Map([...imports.keys()].map((name) => [name, reachedFrom(name, imports)]))
  const circle = (name: string): string =>
    [...(reached.get(name) ?? [])]
      .filter((other) => reached.get(other)?.has(name))
      .sort()
      .join(' ')
  return [...new Set([...imports.keys()].map(circle))].filter((names) => names !== '')
}

function reachedFrom(
  start: string,
  imports: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const reached = new Set<string>()
  const open = [...(imports.get(start) ?? [])]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue
    reached.add(name)
    open.push(...(imports.get(name) ?? []))
  }
  return reached
}

const EXPORTED =
  /^export (?:abstract )?(?:async )?(?:function\*?|const|let|interface|type|class) (\w+)/

/**
 * The exported names without a doc comment on the line above; of an overloaded function the first
 * counts.
 */
function undocumentedIn(text: string): string[] {
  const lines = text.split('\n')
  const documented = new Set<string>()
  return lines.flatMap((line, at) => {
    const name = EXPORTED.exec(line)?.[1]
    if (name === undefined || documented.has(name)) return []
    documented.add(name)
    return lines[at - 1]?.trimEnd().endsWith('*/') ? [] : [name]
  })
}

/** The names that several files export, each with these files. */
function exportedTwice(of: readonly { name: string; text: string }[]): string[] {
  const homes = new Map<string, Set<string>>()
  for (const { name, text } of of)
    for (const line of text.split('\n')) {
      const exported = EXPORTED.exec(line)?.[1]
      if (exported !== undefined) homes.set(exported, (homes.get(exported) ?? new Set()).add(name))
    }
  return [...homes]
    .filter(([, at]) => at.size > 1)
    .map(([name, at]) => `${name}: ${[...at].join(', ')}`)
}

/** The text without comments, so that prose may name what code may not use. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
}
