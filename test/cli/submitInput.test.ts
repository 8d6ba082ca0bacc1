import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planRaw, rawTransactions } from '../../src/cli/submit/submitInput.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { peerPort } from '../builders/port.ts'
import { signedTransfer } from '../builders/tx.ts'

const targets = ['a', 'b'].map((name) => peerPort({ name }))

describe('raw transactions', () => {
  let folder = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'grapevine-submit-'))
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function fileWith(text: string): string {
    const file = join(folder, 'txs')
    writeFileSync(file, text)
    return file
  }

  test('come from the command line and then from the lines of a file', () => {
    expect(rawTransactions(['0x01'], fileWith('0x02\n\n  0x03 \r\n'))).toEqual([
      '0x01',
      '0x02',
      '0x03',
    ])
  })

  test.each([
    [['12'], '', 'not a raw transaction in 0x-prefixed hex: 12 (the command line)'],
    [['0x'], '', 'not a raw transaction in 0x-prefixed hex: 0x (the command line)'],
    [[], '0x01\n\n0x1', 'not a raw transaction in 0x-prefixed hex: 0x1 (line 3 of '],
    [[], '\n', 'holds no transaction'],
  ])('that are none are told where they stand: %j %j', (given, lines, message) => {
    const file = given.length > 0 ? undefined : fileWith(lines)
    expect(() => rawTransactions(given, file)).toThrow(message)
  })

  test('of one sender go to one peer in their order, senders take the peers in turn', () => {
    const raw = [0n, 1n].flatMap((nonce) =>
      [0, 1, 2].map((from) => bytesToHex(signedTransfer({ nonce, from }).raw)),
    )
    const plan = planRaw([...raw, '0x00'], targets, 10)
    expect(plan.map(({ target }) => target.name)).toEqual(['a', 'b', 'a', 'a', 'b', 'a', 'b'])
    expect(plan.map(({ sender }) => sender)).toEqual([0, 1, 2, 0, 1, 2, 3])
    expect(plan.map(({ dueMs }) => dueMs)).toEqual([0, 100, 200, 300, 400, 500, 600])
  })
})
