/**
 * Plots as SVG text, made by Vega-Lite without a browser. Colours are the custom properties of the
 * page's style sheet, so that one drawing serves light, dark and print.
 */
import { parse, View } from 'vega'
import { compile, type Config, type TopLevelSpec } from 'vega-lite'
import { html, trusted, type Html } from './html.ts'
import { DARK, LIGHT } from './style.ts'

/** What Vega-Lite is given. */
export type PlotSpec = TopLevelSpec
/** One of several drawings in a row. */
export type PlotPart = Extract<PlotSpec, { readonly hconcat: unknown }>['hconcat'][number]

/** Plots scale up with the page so far and no farther. */
const MAX_SCALE = 1.25

/** A plot with its title and caption. */
export interface Figure {
  readonly title: string
  /** What is drawn, what the marks mean; a sentence or two under the plot. */
  readonly caption: Html
  readonly spec: PlotSpec
  /** Over the whole width of the page: a narrow screen scrolls it sideways. */
  readonly isWide?: boolean
}

/** The colours of marks, by what they stand for. */
export const COLOURS = {
  transactions: 'var(--tx)',
  blocks: 'var(--block)',
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  fault: 'var(--fault)',
} as const

/** Width of a plot in half of the page and in all of it, CSS pixels, axes not counted. */
export const HALF_WIDTH = 340
/** Width of a plot that takes all of the page, CSS pixels, axes not counted. */
export const FULL_WIDTH = 950
/** Height of most plots, CSS pixels, axes not counted. */
export const PLOT_HEIGHT = 190

/** The vertical axis of a curve or of bars whose field `share` is a part of all. */
export function shareAxis(title: string) {
  return {
    field: 'share',
    type: 'quantitative' as const,
    title,
    axis: { format: '.0%', tickCount: 5 },
  }
}

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'

const THEME: Config = {
  font: FONT,
  background: 'transparent',
  padding: 2,
  aria: false,
  view: { stroke: null },
  axis: {
    labelColor: COLOURS.muted,
    titleColor: COLOURS.muted,
    gridColor: 'var(--grid)',
    domainColor: 'var(--line)',
    tickColor: 'var(--line)',
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal',
    titlePadding: 8,
    tickSize: 4,
  },
  axisY: { domain: false, ticks: false, labelPadding: 6 },
  axisX: { grid: false },
  legend: {
    orient: 'top',
    direction: 'horizontal',
    title: null,
    labelColor: COLOURS.ink,
    labelFontSize: 11,
    labelLimit: 0,
    symbolSize: 90,
    offset: 6,
  },
  text: { color: COLOURS.ink, fontSize: 11 },
  rule: { color: COLOURS.muted },
}

/** One figure of the page. */
export async function renderFigure({ title, caption, spec, isWide }: Figure): Promise<Html> {
  const svg = await renderPlot(spec, title)
  return html`<figure>
    <h3>${title}</h3>
    ${isWide === true ? html`<div class="scroll wide" tabindex="0" role="group" aria-label="${title}: plot">${svg}</div>` : svg}
    <figcaption>${caption}</figcaption>
  </figure>`
}

/** The plot scales to the width it is given; `label` is what a screen reader says. */
export async function renderPlot(spec: PlotSpec, label: string): Promise<Html> {
  const { width, viewBox, marks } = await drawn(spec)
  return html`<svg
    class="plot"
    viewBox="${viewBox}"
    style="max-width: ${Math.round(Number(width) * MAX_SCALE)}px"
    role="img"
    aria-label="${label}"
  >
    ${trusted(marks)}
  </svg>`
}

/** The plot as a file of its own, on paper of its own, light or dark as the reader's screen is. */
export async function plotFile(spec: PlotSpec, label: string): Promise<string> {
  const { width, height, viewBox, marks } = await drawn(spec)
  const style = `:root { ${LIGHT} } @media (prefers-color-scheme: dark) { :root { ${DARK} } }`
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    xmlns:xlink="http://www.w3.org/1999/xlink"
    width="${width}"
    height="${height}"
    viewBox="${viewBox}"
    role="img"
    aria-label="${label}"
  >
    <style>
      ${trusted(style)}
    </style>
    <rect width="100%" height="100%" fill="var(--paper)" />
    ${trusted(marks)}
  </svg> `.html
}

interface Drawn {
  readonly width: string
  readonly height: string
  readonly viewBox: string
  readonly marks: string
}

async function drawn(spec: PlotSpec): Promise<Drawn> {
  const view = new View(parse(compile(spec, { config: THEME }).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  const parts = /<svg[^>]* width="(\d+)" height="(\d+)" viewBox="([^"]*)"[^>]*>(.*)<\/svg>/s.exec(
    svg,
  )
  if (parts === null) throw new Error('Vega drew no SVG with a size')
  const [, width = '', height = '', viewBox = '', marks = ''] = parts
  return { width, height, viewBox, marks: marks.replace(ARIA, '') }
}

/** Vega names every part of a drawing; a plot has one name and no parts for a screen reader. */
const ARIA = / (?:role|aria-[a-z]+)="[^"]*"/g
