/** Lines of hex in, lines of JSON out: one answer for each line, however long or many they are. */
import type { Readable, Writable } from 'node:stream'
import type { VerdictReason } from '../../gossip/rules/reasons.ts'
import { parseHex } from '../../lib/bytes.ts'

/** The word of a line that is not accepted. */
export type LineReason = VerdictReason | 'not-hex' | 'line-too-long'

/** A refusal as it is printed. */
export interface PrintedRefusal {
  readonly error: { readonly reason: LineReason; readonly message: string }
}

/** Answers one line; the object becomes a line of JSON. */
export type LineJudge = (line: string) => object

/** Hex digits of a line that are read; a longer line is refused without being kept. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024

const NEWLINE = 0x0a
/** Answers are written together once they are so many characters. */
const WRITE_CHARACTERS = 64 * 1024

/** The answer to a line that is refused. */
export function refusal(reason: LineReason, message: string): PrintedRefusal {
  return { error: { reason, message } }
}

/** Whether an answer is a refusal. */
export function isRefusal(answer: object): answer is PrintedRefusal {
  return 'error' in answer
}

/**
 * Bytes of a line of hex, with or without 0x, blanks around it ignored; `undefined` for anything
 * else.
 */
export function parseHexLine(line: string): Uint8Array | undefined {
  const text = line.trim()
  return parseHex(text.startsWith('0x') ? text : `0x${text}`)
}

/** The answer to a line that is not hex. */
export const NOT_HEX = refusal('not-hex', 'the line is not hex of whole bytes')

const TOO_LONG = refusal('line-too-long', `the line has over ${MAX_LINE_BYTES} characters`)

/**
 * Cuts chunks into lines. A last line needs no newline, and a newline at the very end begins no
 * further line; `undefined` stands for a line over `maxBytes`.
 */
export class LineSplitter {
  readonly #maxBytes: number
  #parts: Uint8Array[] = []
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines that `chunk` completes. */
  *push(chunk: Uint8Array): Generator<string | undefined> {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end))
      yield this.#take()
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
  }

  /** The last line, if there is one without a newline. */
  *end(): Generator<string | undefined> {
    if (this.#length > 0) yield this.#take()
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length
    if (this.#length > this.#maxBytes) this.#parts = []
    else if (part.length > 0) this.#parts.push(part)
  }

  #take(): string | undefined {
    const line =
      this.#length > this.#maxBytes ? undefined : Buffer.concat(this.#parts).toString('latin1')
    this.#parts = []
    this.#length = 0
    return line
  }
}

/**
 * Judges every line of `input` and writes the answers to `output`, waiting where the reader of
 * `output` is slow. Answers whether any line was refused. A reader that goes away ends the work.
 */
export async function judgeLines(
  input: Readable,
  output: Writable,
  judge: LineJudge,
): Promise<boolean> {
  const writer = new AnswerWriter(output)
  const splitter = new LineSplitter(MAX_LINE_BYTES)
  for await (const chunk of input as AsyncIterable<Uint8Array>) {
    for (const line of splitter.push(chunk)) await writer.write(answer(judge, line))
    if (writer.isGone) break
  }
  for (const line of splitter.end()) await writer.write(answer(judge, line))
  await writer.flush()
  return writer.anyRefused
}

function answer(judge: LineJudge, line: string | undefined): object {
  return line === undefined ? TOO_LONG : judge(line)
}

/** Gathers answers and writes them with back pressure. */
class AnswerWriter {
  anyRefused = false
  /** Whether whoever read the answers has gone away. */
  isGone = false
  readonly #output: Writable
  #text = ''

  constructor(output: Writable) {
    this.#output = output
    output.on('error', () => {
      this.isGone = true
    })
  }

  async write(answer: object): Promise<void> {
    if (isRefusal(answer)) this.anyRefused = true
    this.#text += `${JSON.stringify(answer)}\n`
    if (this.#text.length >= WRITE_CHARACTERS) await this.flush()
  }

  async flush(): Promise<void> {
    const text = this.#text
    this.#text = ''
    if (this.isGone || text === '') return
    await new Promise<void>((resolve) => {
      this.#output.write(text, () => resolve())
    })
  }
}
