/**
 * A terminal's text as a picture (SVG). Each line is given its length in pixels, so that columns
 * stand under each other whatever fixed-width font the viewer has.
 */
import { maxOf } from '../../lib/extremes.ts'
const CELL_WIDTH = 8
const LINE_HEIGHT = 18
const FONT_SIZE = 13
const MARGIN = 16
const TITLE_HEIGHT = 28

const COLOURS = {
  paper: '#16191d',
  bar: '#262b31',
  title: '#9aa4af',
  text: '#cdd5dd',
  heading: '#ffffff',
  command: '#8ccf7e',
} as const

/**
 * `title` stands in the window's bar. Lines that begin with `$` are commands; unindented ones are
 * headings.
 */
export function terminalPicture(title: string, text: string): string {
  const lines = text.trimEnd().split('\n')
  const columns = maxOf(lines.map((line) => line.length))
  const width = columns * CELL_WIDTH + 2 * MARGIN
  const height = TITLE_HEIGHT + lines.length * LINE_HEIGHT + 2 * MARGIN
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${COLOURS.paper}"/>`,
    `<path d="M0 ${TITLE_HEIGHT}V8a8 8 0 0 1 8-8H${width - 8}a8 8 0 0 1 8 8V${TITLE_HEIGHT}Z" fill="${COLOURS.bar}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">`,
    `<text x="${width / 2}" y="19" text-anchor="middle" fill="${COLOURS.title}">${escaped(title)}</text>`,
    ...lines.flatMap(lineOf),
    '</g>',
    '</svg>',
  ].join('\n')}\n`
}

function lineOf(line: string, index: number): string[] {
  const text = line.trimStart()
  if (text === '') return []
  const x = MARGIN + (line.length - text.length) * CELL_WIDTH
  const y = TITLE_HEIGHT + MARGIN + index * LINE_HEIGHT + FONT_SIZE
  const length = text.length * CELL_WIDTH
  // Chromium takes neither of the two from a group around the text.
  const spaces = 'xml:space="preserve" style="white-space: pre"'
  return [
    `<text x="${x}" y="${y}" textLength="${length}" fill="${colourOf(line)}" ${spaces}>${escaped(text)}</text>`,
  ]
}

function colourOf(line: string): string {
  if (line.startsWith('$')) return COLOURS.command
  return line.startsWith(' ') ? COLOURS.text : COLOURS.heading
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
