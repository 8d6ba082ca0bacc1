import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Quarantine } from '../../src/chain/store/quarantine.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { ManualClock } from '../../src/lib/manualClock.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { Journal, type JournalSync } from '../../src/mempool/journal.ts'
import {
  JOURNAL_HEADER,
  MAX_PAYLOAD_BYTES,
  readJournal,
  RecordPiece,
} from '../../src/mempool/journalFile.ts'

const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 12 })

function fileOf(records: readonly Uint8Array[]): Buffer {
  const piece = new RecordPiece()
  for (const record of records) piece.add(record)
  return Buffer.concat([JOURNAL_HEADER, piece.bytes])
}

describe('the file of a journal', () => {
  test('gives back what was written, in order', () => {
    fc.assert(
      fc.property(payloads, (records) => {
        const file = fileOf(records)
        expect(readJournal(file)).toEqual({ payloads: records, goodBytes: file.length })
      }),
    )
  })

  test('has the length, the CRC-32 of length and payload, and the payload of each record', () => {
    const [header, record] = [fileOf([]).length, Buffer.from('00000001a83ef6ca01', 'hex')]
    expect(fileOf([Uint8Array.of(1)]).subarray(header)).toEqual(record)
  })

  test('truncated anywhere, gives the records that are whole', () => {
    fc.assert(
      fc.property(payloads, fc.nat(), (records, cut) => {
        const file = fileOf(records)
        const length = cut % (file.length + 1)
        let whole = 0
        while (whole < records.length && fileOf(records.slice(0, whole + 1)).length <= length)
          whole++
        const expected = records.slice(0, whole)
        const hasHeader = length >= JOURNAL_HEADER.length
        const goodBytes = hasHeader ? fileOf(expected).length : 0
        expect(readJournal(file.subarray(0, length))).toEqual({ payloads: expected, goodBytes })
      }),
    )
  })

  test('with one bit flipped anywhere, gives exactly the records before it', () => {
    fc.assert(
      fc.property(payloads, fc.nat(), fc.integer({ min: 0, max: 7 }), (records, place, bit) => {
        const file = fileOf(records)
        const at = place % file.length
        file[at] = (file[at] ?? 0) ^ (1 << bit)
        let before = 0
        while (before < records.length && fileOf(records.slice(0, before + 1)).length <= at)
          before++
        const expected = at < JOURNAL_HEADER.length ? [] : records.slice(0, before)
        expect(readJournal(file).payloads).toEqual(expected)
      }),
    )
  })

  test('of any bytes at all is read without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const garbage = readJournal(Buffer.concat([JOURNAL_HEADER, bytes]))
        expect(garbage.goodBytes).toBeLessThanOrEqual(JOURNAL_HEADER.length + bytes.length)
        expect(readJournal(bytes).goodBytes).toBe(0)
      }),
    )
  })

  test('claims no record longer than a transaction can be', () => {
    const file = fileOf([new Uint8Array(MAX_PAYLOAD_BYTES), new Uint8Array(MAX_PAYLOAD_BYTES + 1)])
    expect(readJournal(file).payloads).toHaveLength(1)
  })
})

describe('a journal', () => {
  let dataDir = ''
  let path = ''
  const clock = new ManualClock()

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'grapevine-journal-'))
    path = join(dataDir, 'own.journal')
  })

  afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

  function openJournal(sync: JournalSync = 'interval', log = silentLogger) {
    const quarantine = new Quarantine(dataDir, clock)
    return Journal.open({ path, sync, quarantine, clock, log })
  }

  const one = Uint8Array.of(1)
  const two = Uint8Array.of(2, 2)
  const three = Uint8Array.of(3, 3, 3)

  test.each<JournalSync>(['always', 'interval', 'never'])(
    'with sync %s has what was appended once that is written',
    async (sync) => {
      const { journal, payloads: before } = await openJournal(sync)
      expect(before).toEqual([])
      journal.append(one)
      journal.append(two)
      await journal.written()
      expect(readFileSync(path)).toEqual(fileOf([one, two]))
      expect(journal.status).toEqual({ isWritable: true, bytes: fileOf([one, two]).length })
      clock.advance(1_000)
      await journal.close()
      const again = await openJournal(sync)
      expect(again.payloads).toEqual([one, two])
      await again.journal.close()
    },
  )

  test('has everything in order, written in however many pieces of whatever size', async () => {
    const pieces = fc.array(fc.array(fc.integer({ min: 1, max: 40_000 }), { maxLength: 6 }))
    await fc.assert(
      fc.asyncProperty(pieces, async (sizes) => {
        rmSync(path, { force: true })
        const { journal } = await openJournal('never')
        const records = sizes.map((piece, n) => piece.map((size) => new Uint8Array(size).fill(n)))
        for (const piece of records) {
          for (const record of piece) journal.append(record)
          if (piece.length % 2 === 0) await journal.written()
        }
        await journal.close()
        expect(readFileSync(path).equals(fileOf(records.flat()))).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  test('goes on after the last good record, and keeps the damaged end in quarantine', async () => {
    const whole = fileOf([one, two])
    const goodBytes = fileOf([one]).length
    writeFileSync(path, whole.subarray(0, goodBytes + 9))
    const { journal, payloads: kept } = await openJournal()
    expect(kept).toEqual([one])
    journal.append(three)
    await journal.close()
    expect(readJournal(readFileSync(path)).payloads).toEqual([one, three])
    const [quarantine = ''] = readdirSync(dataDir).filter((name) => name.startsWith('quarantine'))
    expect(readFileSync(join(dataDir, quarantine, 'own.journal'))).toEqual(
      whole.subarray(goodBytes, goodBytes + 9),
    )
  })

  test('that is no journal goes to quarantine whole', async () => {
    writeFileSync(path, 'something else')
    const { journal, payloads: kept } = await openJournal()
    expect(kept).toEqual([])
    journal.append(one)
    await journal.close()
    expect(readFileSync(path)).toEqual(fileOf([one]))
  })

  test('rewritten has what still matters, then what was appended meanwhile', async () => {
    const { journal } = await openJournal()
    journal.append(one)
    journal.append(two)
    const rewritten = journal.rewrite(() => [two])
    journal.append(three)
    await rewritten
    await journal.written()
    expect(readFileSync(path)).toEqual(fileOf([two, three]))
    expect(journal.status.bytes).toBe(fileOf([two, three]).length)
    await journal.close()
    expect(readdirSync(dataDir)).toEqual(['own.journal'])
  })

  test('says once that it cannot write, does not hold anybody up, and comes back', async () => {
    const lines: string[] = []
    const { journal } = await openJournal('always', {
      ...silentLogger,
      error: (line) => void lines.push(line),
    })
    mkdirSync(`${path}.new`)
    await journal.rewrite(() => [])
    journal.append(one)
    await journal.written()
    await journal.rewrite(() => [])
    expect(lines).toEqual(['own transactions are not kept on disk for now'])
    expect(journal.status.isWritable).toBe(false)
    rmSync(`${path}.new`, { recursive: true })
    await journal.rewrite(() => [one])
    journal.append(two)
    await journal.close()
    expect(journal.status.isWritable).toBe(true)
    expect(readFileSync(path)).toEqual(fileOf([one, two]))
  })

  test('of a writer that is killed at any instant has every record that was told to be written', async () => {
    const random = seededRandom(7)
    for (let round = 0; round < 10; round++) {
      rmSync(dataDir, { recursive: true, force: true })
      mkdirSync(dataDir)
      const told = await killedWriter(path, dataDir, 1 + random.int(400))
      const { payloads: read } = readJournal(readFileSync(path))
      const numbers = read.map((payload) => Buffer.from(payload).readUInt32BE(0))
      const distinct = [...new Set(numbers)]
      expect(distinct).toEqual(distinct.map((_, index) => index))
      expect(distinct.length).toBeGreaterThan(told)
      const { journal } = await openJournal()
      await journal.close()
    }
  })
})

const program = fileURLToPath(new URL('../../dist/mempool/journal.js', import.meta.url))
const quarantineModule = fileURLToPath(
  new URL('../../dist/chain/store/quarantine.js', import.meta.url),
)
const clockModule = fileURLToPath(new URL('../../dist/lib/clock.js', import.meta.url))
const logModule = fileURLToPath(new URL('../../dist/lib/log.js', import.meta.url))

/**
 * Appends 0, 1, 2, ... and tells each when it is written; now and then the file is rewritten with
 * all of them.
 */
const WRITER = `
const { Journal } = await import(${JSON.stringify(program)})
const { Quarantine } = await import(${JSON.stringify(quarantineModule)})
const { systemClock } = await import(${JSON.stringify(clockModule)})
const { silentLogger } = await import(${JSON.stringify(logModule)})
const [path, dataDir] = process.argv.slice(1)
const quarantine = new Quarantine(dataDir, systemClock)
const { journal } = await Journal.open({ path, sync: 'interval', quarantine, clock: systemClock, log: silentLogger })
const all = []
for (let n = 0; ; n++) {
  const payload = Buffer.alloc(4 + (n * 37) % 300)
  payload.writeUInt32BE(n)
  all.push(payload)
  journal.append(payload)
  if (n % 97 === 96) void journal.rewrite(() => [...all])
  if (n % 3 !== 0) continue
  await journal.written()
  process.stdout.write(n + '\\n')
}
`

/**
 * Runs the writer until it has told so many, kills it, and answers the last number that it told.
 */
async function killedWriter(path: string, dataDir: string, lines: number): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', WRITER, '--', path, dataDir],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let told = -1
  let left = lines
  for await (const line of createInterface({ input: child.stdout })) {
    told = Number(line)
    if (--left === 0) child.kill('SIGKILL')
  }
  return told
}
