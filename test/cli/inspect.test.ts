import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { inspectCommand, lineJudge } from '../../src/cli/inspect/inspect.ts'
import { UserError } from '../../src/lib/userError.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { signedTransfer } from '../builders/tx.ts'
import { vectorChainBytes } from '../builders/vectorChain.ts'

const GENESIS = fileURLToPath(new URL('../vectors/rpc/genesis.json', import.meta.url))
const line = bytesToHex(signedTransfer({ gasLimit: 2n ** 25n }).raw)

describe('the flags', () => {
  test.each([
    [{}, /--chain-id/],
    [{ chainId: '' }, /--chain-id/],
    [{ chainId: '0' }, /--chain-id 0/],
    [{ chainId: '-1' }, /--chain-id -1/],
    [{ chainId: '1.5' }, /--chain-id 1.5/],
    [{ chainId: 'mainnet' }, /--chain-id mainnet/],
    [{ chainId: '18446744073709551616' }, /2\^64-1/],
    [{ chainId: '1', fork: 'tokyo' }, /--fork tokyo: .*frontier, .*osaka/],
    [{ chainId: '1', fork: 'constructor' }, /--fork constructor/],
    [{ genesis: '/nowhere/genesis.json' }, /--genesis: cannot read \/nowhere/],
    [{ genesis: fileURLToPath(import.meta.url) }, /--genesis: .*JSON/],
  ])('%j are refused in one line', (flags, message) => {
    for (const subject of ['tx', 'block'] as const) {
      expect(() => lineJudge(subject, flags)).toThrow(UserError)
      expect(() => lineJudge(subject, flags)).toThrow(message)
      expect(() => lineJudge(subject, flags)).toThrow(/^[^\n]+$/)
    }
  })

  test('take the chain id in decimal and in hex, the fork in any case', () => {
    for (const chainId of ['1337', '0x539'])
      expect(lineJudge('tx', { chainId, fork: 'London' })(line)).toHaveProperty('hash')
  })

  test('default to the latest fork, which caps the gas of a transaction', () => {
    expect(lineJudge('tx', { chainId: '1337' })(line)).toMatchObject({
      error: { reason: 'gas-above-cap' },
    })
  })

  test('take the chain id and the fork of each block from a genesis file', () => {
    const judge = lineJudge('block', { genesis: GENESIS })
    for (const raw of vectorChainBytes()) expect(judge(bytesToHex(raw))).toHaveProperty('hash')
  })

  test('take the last fork of a genesis file for transactions', () => {
    const judge = lineJudge('tx', { genesis: GENESIS, chainId: '1337' })
    expect(judge(line)).not.toHaveProperty('error.reason', 'type-not-active')
  })
})

test('the command has a help text that names every fork for both subjects', () => {
  const [tx, block] = inspectCommand().commands
  expect([tx?.name(), block?.name()]).toEqual(['tx', 'block'])
  for (const command of [tx, block]) {
    let help = ''
    command?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
    expect(help).toMatch(/frontier, .*osaka/)
    expect(help).toMatch(/empty line/)
  }
})
