/**
 * What the command line writes: answers on standard output, everything said to a person on standard
 * error.
 */
import { withoutControl } from '../../lib/plainText.ts'

/** One line of JSON on standard output. Bigints are written as decimal text. */
export function writeJson(value: unknown): void {
  process.stdout.write(
    `${JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part))}\n`,
  )
}

/** Text on standard output, without control characters that a file or a peer put into it. */
export function writeText(text: string): void {
  process.stdout.write(withoutControl(text))
}

/** The names by which a file can be standard output. */
const OUTPUT_NAMES = new Set(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'])

/**
 * Whether a file that is to be written is standard output. It is never opened a second time: that
 * would empty it, and two who write would write over each other.
 */
export function isStandardOutput(file: string): boolean {
  return OUTPUT_NAMES.has(file)
}

/**
 * Bytes on standard output, as fast as they are read. Ends where they cannot be written, which the
 * end of the program tells, and answers whether all were.
 */
export async function writeBytes(pieces: Iterable<Uint8Array>): Promise<boolean> {
  for (const piece of pieces) if (!(await isWritten(piece))) return false
  return true
}

function isWritten(piece: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdout.write(piece, (error) => resolve(!error))
  })
}

/** A line for the person who watches, on standard error, without control characters. */
export function say(line: string): void {
  clearProgress()
  process.stderr.write(`${withoutControl(line)}\n`)
}

/** The logger's lines; on a terminal a bar that is shown makes room for them. */
export const logLine: ((line: string) => void) | undefined = process.stderr.isTTY
  ? (line) => {
      clearProgress()
      process.stderr.write(line)
    }
  : undefined

/** Whether a person watches standard error, so that a bar makes sense. */
export function isWatched(): boolean {
  return process.stderr.isTTY
}

let progressShown = false

/**
 * Shows where long work stands: on a terminal one line that is written over, elsewhere nothing but
 * what `say` says.
 */
export function showProgress(line: string): void {
  if (!isWatched()) return
  const width = Math.max(20, (process.stderr.columns || 80) - 1)
  process.stderr.write(`\r\u001b[2K${withoutControl(line).slice(0, width)}`)
  progressShown = true
}

/** Removes the line of progress from the terminal, if one is shown. */
export function clearProgress(): void {
  if (!progressShown) return
  process.stderr.write('\r\u001b[2K')
  progressShown = false
}

const BAR_CELLS = 24

/** `[########........]  33 %` */
export function bar(done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const full = Math.round(share * BAR_CELLS)
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)}] ${String(Math.round(share * 100)).padStart(3)} %`
}
