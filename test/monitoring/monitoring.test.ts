import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { allVerdictRules } from '../../src/gossip/rules/verdictTable.ts'
import { NODE_SERIES } from '../../src/node/series.ts'
import { genesisFile, startPeer, stopPeers } from '../builders/runningPeer.ts'
import { describeNeeding } from '../builders/needs.ts'
import { selectorsOf, type Selector } from '../builders/promql.ts'

const root = fileURLToPath(new URL('../../monitoring/', import.meta.url))

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly annotations?: Readonly<Record<string, string>>
}

interface Panel {
  readonly id: number
  readonly title: string
  readonly type: string
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly targets?: readonly { readonly expr: string }[]
}

interface Board {
  readonly title: string
  readonly uid: string
  readonly panels: readonly Panel[]
}

function rulesOf(file: string): Rule[] {
  const { groups } = parse(readFileSync(join(root, 'prometheus', file), 'utf8')) as {
    groups: { rules: Rule[] }[]
  }
  return groups.flatMap(({ rules }) => rules)
}

const recordings = rulesOf('recording.rules.yml')
const alerts = rulesOf('alerting.rules.yml')
const boards = readdirSync(join(root, 'grafana')).map(
  (file) => JSON.parse(readFileSync(join(root, 'grafana', file), 'utf8')) as Board,
)
/** Everything that is asked of Prometheus, by what asks it. */
const expressions = [
  ...[...recordings, ...alerts].map(({ record, alert, expr }) => [record ?? alert ?? '', expr]),
  ...boards.flatMap(({ title, panels }) =>
    panels.flatMap((panel) =>
      (panel.targets ?? []).map(({ expr }) => [`${title}, ${panel.title}`, expr]),
    ),
  ),
] as [string, string][]

/** Made by Prometheus itself. */
const OWN_SERIES = ['up', 'ALERTS']

describe('the names that rules and dashboards use', () => {
  /** By series, the values of each label that a node served. */
  const served = new Map<string, Map<string, Set<string>>>()

  /** Series that have a sample. */
  const samples = new Set<string>()

  beforeAll(async () => {
    const host = await startPeer({ metrics: true, metricsPort: 0, genesis: genesisFile() })
    const page = await (await fetch(host.metrics?.url ?? '')).text()
    for (const [, name = ''] of page.matchAll(/^# TYPE (\S+)/gm)) served.set(name, new Map())
    for (const [, name = '', labels = ''] of page.matchAll(/^([a-z_\d]+)(?:\{(.*)\})? /gm)) {
      samples.add(name)
      const series = served.get(name) ?? new Map<string, Set<string>>()
      served.set(name, series)
      for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g))
        series.set(label, (series.get(label) ?? new Set()).add(value))
    }
  })

  afterAll(stopPeers)

  /** Histograms without a value yet are served by their base name alone. */
  const isServed = (metric: string): boolean =>
    served.has(metric) || served.has(metric.replace(/_(bucket|sum|count)$/, ''))

  test('are those of series that a node serves or a rule records', () => {
    const known = new Set([...OWN_SERIES, ...recordings.map(({ record }) => record)])
    const strangers = expressions.flatMap(([who, expr]) =>
      selectorsOf(expr)
        .filter(({ metric }) => !known.has(metric) && !isServed(metric))
        .map(({ metric }) => `${who}: ${metric}`),
    )
    expect(strangers).toEqual([])
    expect(expressions.length).toBeGreaterThan(60)
  })

  /**
   * Histograms, and what is told of peers, have nothing to draw on a node that is alone and new.
   */
  const NEEDS_PEERS = /^grapevine_peer_|_bucket$|_sum$|^ALERTS$|^up$/

  test('of each panel include one with a value before the first event', () => {
    const recorded = new Map(recordings.map(({ record = '', expr }) => [record, expr]))
    const hasSample = (expr: string): boolean =>
      selectorsOf(expr).some(({ metric }) => {
        const rule = recorded.get(metric)
        if (rule !== undefined) return hasSample(rule)
        return NEEDS_PEERS.test(metric) || samples.has(metric)
      })
    const empty = boards.flatMap(({ title, panels }) =>
      panels
        .filter(
          ({ targets = [] }) => targets.length > 0 && !targets.some(({ expr }) => hasSample(expr)),
        )
        .map((panel) => `${title}, ${panel.title}`),
    )
    expect(empty).toEqual([])
  })

  test('include every series of the node itself', () => {
    const used = new Set(
      expressions.flatMap(([, expr]) => selectorsOf(expr)).map((one) => one.metric),
    )
    expect(NODE_SERIES.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([])
  })

  test('select by labels and values that there are', () => {
    const wrong = expressions.flatMap(([who, expr]) =>
      selectorsOf(expr).flatMap((selector) =>
        wrongMatchers(selector).map((matcher) => `${who}: ${selector.metric}{${matcher}}`),
      ),
    )
    expect(wrong).toEqual([])
  })

  function wrongMatchers({ metric, matchers }: Selector): string[] {
    const labels = NODE_SERIES.find(({ name }) => name === metric)?.labels
    const values = served.get(metric)
    if (labels === undefined && (values === undefined || values.size === 0)) return []
    return matchers
      .filter(({ label }) => label !== 'job' && label !== 'instance')
      .filter(({ label, isPattern, values: wanted }) => {
        const there = valuesOf(label) ?? values?.get(label)
        if (there === undefined) return labels?.includes(label) !== true
        return wanted.some((value) => !isThere(value, isPattern, there))
      })
      .map(({ label, values: wanted }) => `${label}: ${wanted.join(' or ')}`)
  }

  function isThere(value: string, isPattern: boolean, there: ReadonlySet<string>): boolean {
    if (value === '' || there.has(value)) return true
    return isPattern && [...there].some((one) => new RegExp(`^(?:${value})$`).test(one))
  }

  /** Of labels whose values come only with messages. */
  function valuesOf(label: string): ReadonlySet<string> | undefined {
    const rules = allVerdictRules()
    if (label === 'reason') return new Set(rules.map(({ reason }) => reason))
    if (label === 'action') return new Set(['accept', 'duplicate', 'ignore', 'reject', 'hold'])
    return label === 'topic' ? new Set(['tx', 'block']) : undefined
  }
})

test('the example scrapes no address by itself: one that nobody serves would be a node that is down', () => {
  const text = readFileSync(join(root, 'prometheus', 'prometheus.yml'), 'utf8')
  const { scrape_configs: jobs } = parse(text) as {
    scrape_configs: { static_configs?: { targets: string[] }[] }[]
  }
  const fixed = jobs.flatMap(({ static_configs = [] }) => static_configs)
  expect(fixed).toEqual([{ targets: [] }])
})

describe('alerts', () => {
  test('say what is wrong and what to do, and have names of their own', () => {
    for (const { annotations } of alerts) {
      expect(annotations?.['summary']).toMatch(/\S/)
      expect(annotations?.['action']).toMatch(/\.$/)
    }
    const names = alerts.map(({ alert }) => alert)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe.each(boards)('the dashboard "$title"', ({ panels, uid }) => {
  test('has panels with ids of their own that cover no other', () => {
    expect(uid).toMatch(/^grapevine-/)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
  })

  test('asks for something in each panel', () => {
    const empty = panels.filter(({ type, targets = [] }) => type !== 'row' && targets.length === 0)
    expect(empty).toEqual([])
  })
})

const hasPromtool = spawnSync('promtool', ['--version']).status === 0
const NO_PROMTOOL = hasPromtool
  ? ''
  : 'promtool is not installed (Debian: apt-get install prometheus)'

describeNeeding(NO_PROMTOOL, 'promtool', () => {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-rules-'))

  afterAll(() => rmSync(dir, { recursive: true }))

  function promtool(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' })
    expect(`${status} ${stderr}`).toBe('0 ')
    return stdout
  }

  const fileOf = (name: string): string => join(root, 'prometheus', name)

  test('takes the rules', () => {
    const said = promtool(
      'check',
      'rules',
      fileOf('recording.rules.yml'),
      fileOf('alerting.rules.yml'),
    )
    expect(said).toContain(`SUCCESS: ${alerts.length} rules found`)
  })

  test('takes the configuration', () => {
    expect(promtool('check', 'config', fileOf('prometheus.yml'))).toContain('is valid')
  })

  test('finds the rules to do what their tests say', () => {
    expect(promtool('test', 'rules', fileOf('rules.test.yml'))).toContain('SUCCESS')
  })

  test('takes the expression of every panel', () => {
    const rules = expressions.map(([, expr], at) => ({ record: `panel:${at}`, expr }))
    const file = join(dir, 'panels.json')
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }))
    expect(promtool('check', 'rules', file)).toContain(`SUCCESS: ${rules.length} rules found`)
  })
})
