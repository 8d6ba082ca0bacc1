/** Drawings of lines through points, side by side: figures beside what theory says of them. */
import { plotFile, type PlotPart } from './plot.ts'

/** One line. */
export interface PlottedLine {
  readonly name: string
  readonly colour: string
  /** Theory is dashed. */
  readonly isDashed: boolean
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

/** One drawing. */
export interface LinesPanel {
  readonly x: string
  readonly y: string
  readonly isLogX: boolean
  readonly isLogY: boolean
  readonly lines: readonly PlottedLine[]
}

const WIDTH = 330
const HEIGHT = 220
const DASH = [4, 3]

/** A whole SVG file; `label` is what a screen reader says. */
export function linesPlot(panels: readonly LinesPanel[], label: string): Promise<string> {
  const resolve = { scale: { color: 'independent' as const, strokeDash: 'independent' as const } }
  return plotFile({ padding: 12, spacing: 30, hconcat: panels.map(drawing), resolve }, label)
}

function drawing({ x, y, isLogX, isLogY, lines }: LinesPanel): PlotPart {
  const values = lines.flatMap(({ name, points }) => points.map((point) => ({ ...point, name })))
  const names = lines.map(({ name }) => name)
  const ticks = [...new Set(values.map((value) => value.x))]
  const encoding = {
    x: {
      field: 'x',
      type: 'quantitative' as const,
      title: x,
      axis: { values: ticks, format: '~s' },
      scale: isLogX
        ? { type: 'log' as const, nice: false, padding: 14 }
        : { zero: false, nice: false, padding: 14 },
    },
    y: {
      field: 'y',
      type: 'quantitative' as const,
      title: y,
      ...(isLogY ? { scale: { type: 'log' as const }, axis: { tickCount: 5, format: '~%' } } : {}),
    },
    color: {
      field: 'name',
      type: 'nominal' as const,
      scale: { domain: names, range: lines.map(({ colour }) => colour) },
      legend: { symbolType: 'stroke' as const, columns: 3 },
    },
    strokeDash: {
      field: 'name',
      type: 'nominal' as const,
      scale: { domain: names, range: lines.map(({ isDashed }) => (isDashed ? DASH : [])) },
    },
  }
  return {
    width: WIDTH,
    height: HEIGHT,
    data: { values },
    layer: [
      { mark: { type: 'line' as const }, encoding },
      {
        transform: [
          {
            filter: {
              field: 'name',
              oneOf: lines.filter(({ isDashed }) => !isDashed).map(({ name }) => name),
            },
          },
        ],
        mark: { type: 'point' as const, filled: true, size: 40, opacity: 1 },
        encoding: { x: encoding.x, y: encoding.y, color: encoding.color },
      },
    ],
  }
}
