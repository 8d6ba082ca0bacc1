import { describe, expect, test } from 'vitest'
import { compareReports } from '../../src/measure/compare/compare.ts'
import { comparisonPage } from '../../src/measure/html/comparisonPage.ts'
import { boundFigures } from '../../src/measure/html/boundFigure.ts'
import { bandOf, coverageFigures } from '../../src/measure/html/coverageFigure.ts'
import { html, scriptJson, trusted } from '../../src/measure/html/html.ts'
import { carriedKinds, type KindData } from '../../src/measure/html/kinds.ts'
import { histogramFigures } from '../../src/measure/html/latencyFigures.ts'
import { logAxis } from '../../src/measure/html/logAxis.ts'
import { messageData } from '../../src/measure/html/messageData.ts'
import type { Report } from '../../src/measure/report.ts'
import { PLACES, reportOfPlan } from '../builders/report.ts'
import { pageOf } from '../builders/reportPage.ts'

const report = reportOfPlan({ nodes: 20, transactions: 30 })
/** Three nodes never hear of a transaction. */
const DEAF = reportOfPlan({ nodes: 20, transactions: 30, deaf: [4, 5, 6] })

describe('html', () => {
  test('escapes what is put in, and only that', () => {
    const page = html`<p title="${'"'}">${'<b> & </b>'}${trusted('<i>')}${null}${[1, '>']}</p>`
    expect(page.html).toBe('<p title="&quot;">&lt;b&gt; &amp; &lt;/b&gt;<i>1&gt;</p>')
  })

  test('lets no value end a script', () => {
    expect(scriptJson('</script>').html).toBe('"\\u003c/script>"')
  })
})

describe('report.html', () => {
  test('draws every figure', async () => {
    const page = await pageOf(report)
    expect(page.match(/<svg\s+class="plot"/g)).toHaveLength(12)
    expect(page.match(/<path|<line|<rect/g)?.length).toBeGreaterThan(300)
  })

  test('says what its terms mean, what it was made with and how to cite it', async () => {
    const page = await pageOf(report)
    for (const term of Object.keys(report.definitions))
      expect(page).toContain(`<dt>${term.replaceAll('>', '&gt;')}</dt>`)
    expect(page).toContain('commit 0123456789abcdef0123456789abcdef01234567')
    expect(page).toContain('kernel 6.1.0')
    expect(page).toContain('grapevine measure --nodes 12')
    expect(page).toContain('@misc{grapevine-20260102T030405678Z,')
  })

  test('says of how many of all a figure is, and from below what never arrived', async () => {
    const page = await pageOf(DEAF)
    expect(page).toMatch(/\d+ of 570 arrived/)
    expect(page).toMatch(/<td>\d+ of 570<\/td>/)
    for (const { caption } of coverageFigures(carriedKinds(DEAF)))
      expect(caption.html).toMatch(/\d+ of \d+ arrived/)
    expect(page).toMatch(/<td>&gt;=\d+<\/td>/)
    expect(page.split('<script')[0]).not.toMatch(/NaN|undefined|Infinity/)
  })

  test('names nothing that would have to be loaded', async () => {
    const page = await pageOf(report)
    const addresses = [...page.matchAll(/(?:src|href)\s*=\s*"([^"]*)"/g)].map(([, to]) => to)
    expect(addresses.filter((to) => !to?.startsWith('#') && to !== 'data:,')).toEqual([])
    expect(page).not.toMatch(/@import|url\(|fetch\(|XMLHttpRequest/)
    expect(page).toContain("default-src 'none'")
  })

  test('is the same for the same report', async () => {
    expect(await pageOf(report)).toBe(await pageOf(report))
  })

  test('shows text of a report as text', async () => {
    const hostile: Report = {
      ...report,
      grapevine: '<script>alert(1)</script>',
      faults: [{ atMs: 1, kind: '</svg><b>', detail: '<img src=x>' }],
      settings: { '<u>': '<s>' },
    }
    const page = await pageOf(hostile)
    for (const tag of ['<script>alert', '<img', '<u>', '<s>']) expect(page).not.toContain(tag)
    expect(page).not.toContain('</svg><b>')
  })

  test.each<[string, Report]>([
    ['without items', reportOfPlan({ transactions: 0, blocks: 0 })],
    ['of two nodes', reportOfPlan({ nodes: 2, transactions: 2, blocks: 0 })],
    ['of items that reached nobody', reportOfPlan({ nodes: 20, deaf: [...Array(20).keys()] })],
    [
      'of peers that all went away',
      {
        ...report,
        peers: report.peers.map((peer) => ({ ...peer, traffic: null, mesh: {} })),
        traffic: {
          ...report.traffic,
          peers: 0,
          amplification: null,
          total: { ...report.traffic.total, payloadBytes: 0 },
        },
      },
    ],
  ])('is a page also for a report %s', async (_, odd) => {
    const page = await pageOf(odd)
    expect(page).toContain('</html>')
    expect(page.split('<script')[0]).not.toMatch(/NaN|undefined|Infinity/)
  })
})

describe('the messages in the page', () => {
  test('are the spreads in microseconds, arrivals by their gaps', () => {
    const [record] = report.spreads.transactions
    const [row] = messageData(report).messages
    let us = 0
    const arrivals = row?.[9].map((gap) => (us += gap))
    expect(row?.[1]).toBe(record?.hash)
    expect(arrivals).toEqual(record?.first.map(([, , ms]) => Math.round(ms * 1000)))
    expect(row?.[7]).toEqual(record?.first.map(([node]) => node))
  })

  test('are thinned where they are too many, and the rest is counted', () => {
    const [one] = report.spreads.transactions
    if (one === undefined) throw new Error('the report has transactions')
    const many = Array.from({ length: 10_000 }, (_, at) => ({ ...one, hash: `0x${at}` }))
    const data = messageData({ ...report, spreads: { transactions: many, blocks: [] } })
    expect(data.messages.length * one.first.length).toBeLessThanOrEqual(121_000)
    expect(data.messages.length * one.first.length).toBeGreaterThan(110_000)
    expect(data.left).toBe(10_000 - data.messages.length)
  })

  test('keep the messages that the text links to', () => {
    const { medianItem, worstItem } = report.transactions
    const hashes = messageData(report).messages.map(([, hash]) => hash)
    expect(hashes).toEqual(expect.arrayContaining([medianItem, worstItem]))
  })
})

describe('the plots of a report', () => {
  const away = reportOfPlan({ nodes: 20, transactions: 30, blocks: 6, slower: 40, places: PLACES })

  test('have the median inside the band of the middle 80 %, at every share of the nodes', () => {
    for (const kind of [...carriedKinds(report), ...carriedKinds(away)]) {
      const band = bandOf(kind)
      expect(band.length).toBeGreaterThan(40)
      for (const { fastMs, medianMs, slowMs } of band) {
        expect(medianMs).toBeGreaterThanOrEqual(fastMs)
        expect(medianMs).toBeLessThanOrEqual(slowMs)
      }
    }
  })

  test('have no band where fewer than nine tenths of the messages got', () => {
    const lost = carriedKinds(report).map((kind) => ({
      ...kind,
      spreads: kind.spreads.map((spread, at) => {
        const reached = [...spread.first].slice(0, 10)
        const missed = [...spread.first.keys()].slice(10)
        return at % 5 === 0 ? { ...spread, first: new Map(reached), missed } : spread
      }),
    }))
    for (const kind of lost) {
      const shares = bandOf(kind).map(({ share }) => share)
      expect(Math.max(...shares)).toBeLessThan(0.6)
    }
  })

  test.each([
    ['coverage', coverageFigures],
    ['latency', histogramFigures],
    ['shortest paths', (kinds: readonly KindData[]) => boundFigures(away, kinds)],
  ])('that stand in a pair have the same axes: %s', (_, figures) => {
    const scales = figures(carriedKinds(away)).map(({ spec }) => scalesIn(spec))
    expect(scales).toHaveLength(2)
    expect(scales[0]).toEqual(scales[1])
  })

  test('show the shortest paths as a curve, however much slower the network was', () => {
    const [figure] = boundFigures(away, carriedKinds(away))
    expect(JSON.stringify(figure?.spec)).toContain('"type":"log"')
  })

  /** Every scale of an axis, wherever it stands. */
  function scalesIn(spec: unknown): unknown[] {
    const found: unknown[] = []
    JSON.stringify(spec, (key, value: unknown) => {
      if (key === 'scale' && JSON.stringify(value).includes('"domain":[')) found.push(value)
      return value
    })
    return found
  }
})

describe('a logarithmic axis', () => {
  test.each([
    [
      [3, 40],
      [2, 50],
    ],
    [
      [0, 1],
      [0.01, 1],
    ],
    [
      [7, 7],
      [5, 10],
    ],
    [[], [1, 2]],
  ])('for %j reaches from and to round values %j', (values, domain) => {
    expect(logAxis(values).scale.domain).toEqual(domain)
  })

  test('labels steps between the decades as long as there is room for them', () => {
    expect(logAxis([3, 40]).axis.values).toEqual([2, 5, 10, 20, 50])
    expect(logAxis([1, 4_000]).axis.values).toEqual([1, 3, 10, 30, 100, 300, 1_000, 3_000])
  })

  test('has few ticks, however far it reaches', () => {
    expect(logAxis([0.01, 100_000]).axis.values).toEqual([
      0.01, 0.1, 1, 10, 100, 1_000, 10_000, 100_000,
    ])
  })
})

describe('the page of a comparison', () => {
  test('has both runs in one plot and a table of differences', async () => {
    const slower = reportOfPlan({ nodes: 20, transactions: 30, slower: 3 })
    const sides = [
      { file: 'run/a.json', report },
      { file: 'run/b<.json', report: slower },
    ]
    const comparison = compareReports(sides, { seed: 1, replicates: 100 })
    const page = await comparisonPage(sides, comparison)
    expect(page.match(/<svg\s+class="plot"/g)).toHaveLength(2)
    expect(page).toContain('b&lt;.json')
    expect(page).toContain('latency of a node, p50')
    expect(page).toContain('<small>570 of 570 deliveries</small>')
    expect(page).toContain('grapevine measure --nodes 12')
  })
})
