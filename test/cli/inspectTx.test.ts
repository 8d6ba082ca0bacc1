import { describe, expect, test } from 'vitest'
import { inspectTxLine } from '../../src/cli/inspect/inspectTx.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { decodeTx, isTxDefect } from '../../src/tx/decodeTx.ts'
import { encodeTx } from '../../src/tx/encodeTx.ts'
import { signedTransfer, testAccount, TEST_CHAIN_ID } from '../builders/tx.ts'

const LATEST = { chainId: TEST_CHAIN_ID, fork: 'osaka' } as const

function lineOf(changes: Parameters<typeof signedTransfer>[0] = {}): string {
  return bytesToHex(signedTransfer(changes).raw)
}

describe('a line with a transaction', () => {
  test('is answered with what the transaction is, quantities as in JSON-RPC', () => {
    const tx = signedTransfer({ nonce: 16n, data: Uint8Array.of(0, 1), gasLimit: 30_000n })
    expect(inspectTxLine(bytesToHex(tx.raw), LATEST)).toEqual({
      hash: tx.hash,
      sender: testAccount().address,
      type: '0x2',
      intrinsicGas: '0x521c',
      floorGas: '0x523a',
      nonce: '0x10',
      gasLimit: '0x7530',
      to: tx.to,
      value: '0x1',
      maxFeePerGas: '0x77359400',
      maxPriorityFeePerGas: '0x3b9aca00',
      chainId: '0x539',
      size: `0x${tx.raw.length.toString(16)}`,
      dataSize: '0x2',
    })
  })

  test('needs no 0x and minds neither case nor blanks around it', () => {
    const line = lineOf()
    const answer = inspectTxLine(line, LATEST)
    expect(answer).toHaveProperty('hash')
    expect(inspectTxLine(line.slice(2), LATEST)).toEqual(answer)
    expect(inspectTxLine(`  0x${line.slice(2).toUpperCase()}\r`, LATEST)).toEqual(answer)
  })

  test('is judged by consensus: legacy without chain id is valid, which is then null', () => {
    const line = lineOf({ type: 0, chainId: undefined })
    expect(inspectTxLine(line, LATEST)).toMatchObject({ type: '0x0', chainId: null })
  })

  test('says of a creation that it has no recipient', () => {
    const line = lineOf({ to: undefined, gasLimit: 60_000n })
    expect(inspectTxLine(line, LATEST)).toMatchObject({ to: null, intrinsicGas: '0xcf08' })
  })

  test('names the floor price of data from Prague on only', () => {
    const line = lineOf()
    expect(inspectTxLine(line, { ...LATEST, fork: 'prague' })).toHaveProperty('floorGas', '0x5208')
    expect(inspectTxLine(line, { ...LATEST, fork: 'cancun' })).not.toHaveProperty('floorGas')
  })

  test('names the blobs and the authorizations', () => {
    expect(inspectTxLine(lineOf({ type: 3 }), LATEST)).toMatchObject({
      type: '0x3',
      maxFeePerBlobGas: '0x3b9aca00',
      blobVersionedHashes: [expect.stringMatching(/^0x01/)],
    })
    expect(inspectTxLine(lineOf({ type: 4 }), LATEST)).toMatchObject({ authorizations: '0x1' })
  })
})

describe('a line is refused', () => {
  test.each([
    ['', 'empty'],
    ['0x', 'empty'],
    ['0x0', 'not-hex'],
    ['transaction', 'not-hex'],
    ['0x02', 'wrong-field-count'],
    ['{"jsonrpc":"2.0"}', 'not-hex'],
    [`${lineOf()}00`, 'rlp-trailing-bytes'],
    [lineOf({ chainId: 1n }), 'wrong-chain-id'],
    [lineOf({ gasLimit: 20_999n }), 'gas-below-intrinsic'],
  ])('%j for the reason %s', (line, reason) => {
    expect(inspectTxLine(line, LATEST)).toEqual({
      error: { reason, message: expect.stringMatching(/\w+ \w+/) },
    })
  })

  test('whose signature no key can have made', () => {
    const tx = decodeTx(encodeTx(signedTransfer(), { r: 5n, s: 1n, yParity: 0 }))
    if (isTxDefect(tx)) throw new Error(tx.message)
    expect(inspectTxLine(bytesToHex(tx.raw), LATEST)).toMatchObject({
      error: { reason: 'bad-signature' },
    })
  })
})
