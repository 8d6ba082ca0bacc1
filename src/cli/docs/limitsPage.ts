/** The page of limits: every bound with its unit, and the reason where the data gives one. */
import { POOL_LIMITS, type PoolLimit } from '../../mempool/limits.ts'
import type { Limit } from '../../p2p/limit.ts'
import { LIMITS } from '../../p2p/limits.ts'
import { allLimits, type LimitRow } from './limitsTable.ts'
import { code, page, table, type Page } from './markdown.ts'

/** Folders whose limits do not stand in a file of their name. */
const FILES: Readonly<Record<string, string>> = {
  own: 'mempool/ownTxLimits.ts',
  router: 'p2p/router/routerDefaults.ts',
  reconciliation: 'sync/reconcile/reconcileLimits.ts',
}

/** Makes `docs/limits.md`. */
export function limitsPage(): Page {
  const limits = allLimits()
  const folders = [...new Set(limits.map(({ folder }) => folder))]
  return page('limits.md', 'Limits', 'the file named at each table', [
    'What others can make a node keep, take in or wait for is bounded. `grapevine config --limits` prints the same numbers.',
    '',
    '## Pool (`mempool`)',
    '',
    sourceOf('mempool'),
    '',
    poolTable(),
    '',
    '## Peer-to-peer layer (`p2p`)',
    '',
    `${sourceOf('p2p')} The devnet profile differs where its column has a value.`,
    '',
    networkTable(),
    ...folders
      .filter((folder) => folder !== 'mempool' && folder !== 'p2p')
      .flatMap((folder) => [
        '',
        `## ${code(folder)}`,
        '',
        `${sourceOf(folder)} The file gives the reasons.`,
        '',
        plainTable(limits.filter((limit) => limit.folder === folder)),
      ]),
  ])
}

function sourceOf(folder: string): string {
  const file = FILES[folder] ?? `${folder}/limits.ts`
  return `From [src/${file}](../src/${file}).`
}

function poolTable(): string {
  const rows = Object.entries<PoolLimit>(POOL_LIMITS).map(([name, { value, unit, why }]) => [
    code(name),
    amount(value, unit),
    capitalised(why),
  ])
  return table(['Limit', 'Value', 'Reason'], rows)
}

function networkTable(): string {
  const rows = Object.entries<Limit>(LIMITS).map(([name, { value, devnet, unit, why }]) => [
    code(name),
    amount(value, unit),
    devnet === undefined ? '' : amount(devnet, unit),
    why,
  ])
  return table(['Limit', 'Value', 'Devnet', 'Reason'], rows)
}

/** By name: the exports of a module have no order of their own. */
function plainTable(rows: readonly LimitRow[]): string {
  return table(
    ['Limit', 'Value'],
    rows
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, value }) => [code(name), plainAmount(name, value)]),
  )
}

/** A value whose unit stands last in its name. */
function plainAmount(name: string, value: string): string {
  if (!/^\d+$/.test(value)) return value.replaceAll(',', ', ')
  if (/(?:Ms|_MS)$/.test(name)) return amount(Number(value), 'ms')
  if (/(?:Bytes|_BYTES)$/.test(name)) return amount(Number(value), 'bytes')
  return name.endsWith('PerSecond') ? amount(Number(value), 'perSecond') : grouped(Number(value))
}

const UNIT_WORDS: Readonly<Record<string, string>> = {
  count: '',
  perSecond: ' per second',
  bytesPerSecond: ' bytes per second',
  percent: ' %',
}

/** `8,388,608 bytes (8 MiB)` */
function amount(value: number, unit: string): string {
  return `${grouped(value)}${UNIT_WORDS[unit] ?? ` ${unit}`}${rounded(value, unit)}`
}

function rounded(value: number, unit: string): string {
  const scale = unit === 'ms' ? TIMES : unit.startsWith('bytes') ? SIZES : []
  const found = scale.find(([factor]) => value >= factor && value % factor === 0)
  return found === undefined ? '' : ` (${grouped(value / found[0])} ${found[1]})`
}

const TIMES: readonly (readonly [number, string])[] = [
  [3_600_000, 'h'],
  [60_000, 'min'],
]

const SIZES: readonly (readonly [number, string])[] = [
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
]

function grouped(value: number): string {
  return value.toLocaleString('en')
}

function capitalised(sentence: string): string {
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`
}
