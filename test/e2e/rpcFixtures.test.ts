/**
 * The recorded answers of execution-apis, from the program as its users run it: import, then a node
 * without peers.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeTx, isTxDefect } from '../../src/tx/decodeTx.ts'
import { signTx } from '../../src/tx/signTx.ts'
import { hexToBytes } from '../../src/lib/bytes.ts'
import { grapevine, type Running } from '../builders/program.ts'
import { essence, FIXTURES, rpcFixtures } from '../builders/rpcFixtures.ts'
import { testAccount, transferFields } from '../builders/tx.ts'

const CHAIN_ID = 3_503_995_874_084_926n

describe('a node of a chain that it does not execute', () => {
  let folder = ''
  let node: Running
  let url = ''

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'grapevine-fixtures-'))
    const genesis = fileURLToPath(new URL('genesis.json', FIXTURES))
    const file = fileURLToPath(new URL('chain.rlp', FIXTURES))
    const place = ['--data-dir', join(folder, 'data'), '--genesis', genesis, '--ledger', 'none']
    await grapevine(['import', ...place, file], { cwd: folder }).finished
    const flags = ['--rpc-port', '0', '--log-level', 'silent', '--json']
    node = grapevine(['node', ...place, ...flags], { cwd: folder })
    const ready = await node.event(({ event }) => event === 'ready')
    url = String(ready['rpcUrl'])
  })

  afterAll(async () => {
    node.child.kill('SIGTERM')
    await node.finished
    rmSync(folder, { recursive: true, force: true })
  })

  async function post(body: string): Promise<string> {
    const headers = { 'content-type': 'application/json' }
    return (await fetch(url, { method: 'POST', headers, body })).text()
  }

  async function ask(method: string, ...params: unknown[]): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    return (JSON.parse(await post(body)) as { result?: unknown }).result
  }

  test.each(rpcFixtures().map((fixture) => [fixture.name, fixture] as const))(
    'answers %s as recorded',
    async (_, fixture) => {
      expect(fixture.calls.length).toBeGreaterThan(0)
      for (const { request, answer } of fixture.calls)
        expect(essence(await post(request), fixture)).toEqual(essence(answer, fixture))
    },
  )

  test('queues a transaction whose nonce lies ahead of what is known, however far, and answers its hash', async () => {
    for (const nonce of [3n, 5_000n]) {
      const raw = signedFor(nonce)
      expect(await ask('eth_sendRawTransaction', raw.hex)).toBe(raw.hash)
      expect(await ask('eth_getTransactionByHash', raw.hash)).toMatchObject({ blockHash: null })
    }
    expect(await ask('txpool_status')).toEqual({ pending: '0x0', queued: '0x2' })
  })

  test('a transaction of a block answers its bytes, and its sender', async () => {
    const block = (await ask('eth_getBlockByNumber', 'latest', true)) as {
      transactions: { hash: string; from: string }[]
    }
    for (const { hash, from } of block.transactions) {
      const raw = String(await ask('debug_getRawTransaction', hash))
      const tx = decodeTx(hexToBytes(raw))
      expect(isTxDefect(tx) ? tx : tx.hash).toBe(hash)
      expect(from).toMatch(/^0x[0-9a-f]{40}$/)
      expect(Number(await ask('eth_getTransactionCount', from, 'latest'))).toBeGreaterThan(0)
    }
  })
})

function signedFor(nonce: bigint): { readonly hex: string; readonly hash: string } {
  const fields = transferFields({ nonce, chainId: CHAIN_ID, maxFeePerGas: 10n ** 10n })
  const { raw, hash } = signTx(fields, testAccount(0).privateKey)
  return { hex: `0x${Buffer.from(raw).toString('hex')}`, hash }
}
