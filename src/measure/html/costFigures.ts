/**
 * What it cost: bytes on the gossip streams, control messages, time to judge, links of the mesh.
 */
import { CONTROL_KINDS } from '../../item/controlKinds.ts'
import { FOLLOWED_KINDS, ITEM_KINDS } from '../../item/itemKinds.ts'
import { numberText } from '../numberText.ts'
import { percentile } from '../percentile.ts'
import type { PeerTraffic, Report } from '../report.ts'
import { html } from './html.ts'
import { logAxis, onLogAxis } from './logAxis.ts'
import { kindColour, type KindData } from './kinds.ts'
import { COLOURS, FULL_WIDTH, HALF_WIDTH, PLOT_HEIGHT, type Figure, shareAxis } from './plot.ts'

/** What the bytes received are made of, in the order in which they are stacked. */
const PARTS: readonly { name: string; colour: string; of: (traffic: PeerTraffic) => number }[] = [
  { name: 'first copies', colour: 'var(--part-first)', of: (traffic) => traffic.payloadBytes },
  { name: 'duplicates', colour: 'var(--part-again)', of: (traffic) => traffic.duplicateBytes },
  { name: 'refused', colour: 'var(--fault)', of: (traffic) => traffic.refusedBytes },
  { name: 'without a verdict', colour: 'var(--muted)', of: (traffic) => traffic.openBytes },
  {
    name: 'control and framing',
    colour: 'var(--part-control)',
    of: (traffic) => traffic.otherBytes,
  },
]

const QUANTILES = Array.from({ length: 100 }, (_, at) => at + 1)

/** What the bytes received were made of, per byte of first copies. */
export function bytesFigure({ traffic }: Report): Figure {
  const { total, amplification } = traffic
  const values = PARTS.map(({ name, of }) => ({
    name,
    bytes: of(total) / total.payloadBytes,
    label: (of(total) / total.payloadBytes).toFixed(2),
  }))
  const y = { field: 'name', type: 'nominal', sort: null, title: null } as const
  const x = { field: 'bytes', type: 'quantitative', title: 'bytes per byte delivered' } as const
  return {
    title: 'Bytes received per byte delivered',
    caption: html`All bytes on the gossip streams over the bytes of first copies:
      <b>${numberText(amplification)}</b>. One is the least that any way of spreading needs.`,
    spec: {
      width: HALF_WIDTH - 80,
      height: PLOT_HEIGHT - 40,
      data: { values },
      layer: [
        { mark: { type: 'bar', height: 22 }, encoding: { x, y, color: partColour() } },
        {
          mark: { type: 'text', align: 'left', dx: 4 },
          encoding: { x, y, text: { field: 'label', type: 'nominal' } },
        },
      ],
    },
  }
}

/** How many control messages of each kind all peers sent, and how many per delivery. */
export function controlFigure({ traffic, transactions, blocks }: Report): Figure {
  const deliveries = transactions.latencyMs.count + blocks.latencyMs.count
  const values = CONTROL_KINDS.map((kind) => {
    const count = traffic.total.controlSent[kind]
    const share = deliveries === 0 ? '-' : (count / deliveries).toFixed(3)
    return { kind: kind.toUpperCase(), count, label: `${count}  (${share})` }
  })
  const y = { field: 'kind', type: 'nominal', sort: null, title: null } as const
  const x = { field: 'count', type: 'quantitative', title: 'messages sent' } as const
  return {
    title: 'Control messages',
    caption: html`Entries sent by all peers during the run, and in brackets per delivery.`,
    spec: {
      width: HALF_WIDTH - 80,
      height: PLOT_HEIGHT - 40,
      data: { values },
      layer: [
        { mark: { type: 'bar', height: 18, color: 'var(--part-control)' }, encoding: { x, y } },
        {
          mark: { type: 'text', align: 'left', dx: 4 },
          encoding: { x, y, text: { field: 'label', type: 'nominal' } },
        },
      ],
    },
  }
}

/** What the bytes received by each peer were made of, kB. */
export function peerBytesFigure({ peers }: Report): Figure {
  const values = peers.flatMap(({ index, traffic }) =>
    traffic === null
      ? []
      : PARTS.map(({ name, of }, order) => ({ index, name, order, kilobytes: of(traffic) / 1000 })),
  )
  return {
    title: 'Bytes received by each peer',
    isWide: true,
    caption: html`On its gossip streams, by what they carried. Peers that did not answer at both
    ends of the run are missing.`,
    spec: {
      width: FULL_WIDTH,
      height: PLOT_HEIGHT - 40,
      data: { values },
      mark: { type: 'bar' },
      encoding: {
        x: {
          field: 'index',
          type: 'ordinal',
          title: 'peer',
          axis: { labelAngle: 0, labelOverlap: true },
        },
        y: { field: 'kilobytes', type: 'quantitative', title: 'kB' },
        color: { ...partColour(), legend: {} },
        order: { field: 'order' },
      },
    },
  }
}

/** How long first copies took to be judged, ms. */
export function judgingFigure(kinds: readonly KindData[]): Figure {
  const values = kinds.flatMap(({ name, spreads }) => {
    const copies = spreads.flatMap(({ first }) => [...first.values()])
    const judging = copies.map((copy) => copy.judgedMs - copy.receivedMs)
    const waiting = copies.map(({ queuedMs }) => queuedMs)
    return [
      ...quantiles(judging).map((point) => ({ ...point, kind: name, part: 'judging' })),
      ...(waiting.every((ms) => ms === 0) ? [] : quantiles(waiting)).map((point) => ({
        ...point,
        kind: name,
        part: 'wait for the verifier',
      })),
    ]
  })
  return {
    title: 'Time to judge a first copy',
    caption: html`Share of first copies judged within a time: from its stamp to its verdict; dashed,
    until the verifier had checked its signature. A kind that never waited has no dashed line. Every
    hop takes this time before it forwards.`,
    spec: {
      width: HALF_WIDTH,
      height: PLOT_HEIGHT,
      data: { values },
      mark: { type: 'line', interpolate: 'step-after' },
      encoding: {
        x: {
          field: 'ms',
          type: 'quantitative',
          title: 'ms',
          ...logAxis(values.map(({ ms }) => ms)),
        },
        y: shareAxis('first copies'),
        color: { ...kindColour(kinds), legend: kinds.length > 1 ? {} : null },
        strokeDash: {
          field: 'part',
          sort: null,
          scale: { domain: ['judging', 'wait for the verifier'], range: [[], [4, 3]] },
          legend: { orient: 'bottom' },
        },
      },
    },
  }
}

/**
 * Of the least, the wanted and the greatest degree; the outer ones stand outside, so that close
 * ones do not collide.
 */
const DEGREE_LABELS = [
  ['Dlo', 'right'],
  ['D', 'center'],
  ['Dhi', 'left'],
] as const

/** How many mesh links the peers had. */
export function meshFigure({ peers, topics, settings }: Report): Figure {
  const values = FOLLOWED_KINDS.flatMap((kind, at) => {
    const degrees = peers.flatMap(({ mesh }) => mesh[topics[kind] ?? ''] ?? [])
    return countsOf(degrees).map(([degree, count]) => {
      const from = degree - 0.4 + at * 0.4
      return { from, to: from + 0.38, count, kind: ITEM_KINDS[kind].reportLabel }
    })
  })
  const marks = (['meshLow', 'meshDegree', 'meshHigh'] as const).flatMap((name, at) => {
    const degree = settings[name]
    const [label] = DEGREE_LABELS[at] ?? ['']
    return typeof degree === 'number' ? [{ from: degree, label }] : []
  })
  const x = {
    field: 'from',
    type: 'quantitative' as const,
    title: 'mesh peers',
    axis: { tickMinStep: 1, format: 'd' },
  }
  return {
    title: 'Mesh degree',
    caption: html`Peers by the number of mesh links they had at the end of the load. Dashed: the
    degree that the router wants (D), and those below and above which it adds and removes peers.`,
    spec: {
      width: HALF_WIDTH,
      height: PLOT_HEIGHT,
      layer: [
        {
          data: { values },
          mark: { type: 'bar' },
          encoding: {
            x,
            x2: { field: 'to' },
            y: {
              field: 'count',
              type: 'quantitative',
              title: 'peers',
              axis: { tickMinStep: 1, format: 'd' },
            },
            y2: { datum: 0 },
            color: {
              field: 'kind',
              type: 'nominal',
              legend: { orient: 'bottom' },
              scale: {
                domain: ['transactions', 'blocks'],
                range: [COLOURS.transactions, COLOURS.blocks],
              },
            },
          },
        },
        {
          data: { values: marks },
          mark: { type: 'rule', strokeDash: [3, 3], color: COLOURS.ink },
          encoding: { x },
        },
        ...DEGREE_LABELS.map(([label, align]) => ({
          data: { values: marks.filter((mark) => mark.label === label) },
          mark: { type: 'text' as const, y: -6, align },
          encoding: { x, text: { field: 'label', type: 'nominal' as const } },
        })),
      ],
    },
  }
}

function quantiles(values: readonly number[]): { ms: number; share: number }[] {
  const ascending = values.toSorted((a, b) => a - b)
  return QUANTILES.map((percent) => ({
    ms: onLogAxis(percentile(ascending, percent) ?? 0),
    share: percent / 100,
  }))
}

function countsOf(values: readonly number[]): [number, number][] {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts]
}

function partColour() {
  return {
    field: 'name',
    type: 'nominal' as const,
    scale: { domain: PARTS.map(({ name }) => name), range: PARTS.map(({ colour }) => colour) },
    legend: null,
  }
}
