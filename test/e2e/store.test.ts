/** Nodes with a data directory, killed at any instant and started again. */
import { isRecord } from '../../src/lib/records.ts'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { devnetGenesis } from '../../src/chain/genesis/devnetGenesis.ts'
import { rpcClient, type RpcClient } from '../../src/rpc/client/rpcClient.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { account } from '../builders/keys.ts'
import { grapevine, grapevineOnFullDisk, type Running } from '../builders/program.ts'
import { signedTransfer } from '../builders/tx.ts'
import { beginWait } from '../builders/waiting.ts'

let folder = ''
let running: Running[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'grapevine-store-e2e-'))
  const genesis = devnetGenesis({ signers: [account().address], periodS: 1 })
  writeFileSync(join(folder, 'genesis.json'), JSON.stringify(genesis))
})

afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL')
  await Promise.all(running.map(({ finished }) => finished))
  running = []
  rmSync(folder, { recursive: true, force: true })
})

interface UpNode {
  readonly process: Running
  readonly rpc: RpcClient
  readonly address: string
  readonly metricsUrl: string
  /** Where it says that it keeps its chain. */
  readonly dataDir: unknown
  /** Ends it without a warning. */
  kill(): Promise<void>
  stop(): Promise<number | null>
}

/** A node that seals a block a second if `seals`. No file of it can grow beyond `maxFileKiB`. */
async function up(
  name: string,
  seals: boolean,
  flags: readonly string[] = [],
  maxFileKiB?: number,
): Promise<UpNode> {
  const args = ['node', '--json', '--genesis', join(folder, 'genesis.json')]
  args.push('--data-dir', join(folder, name), ...flags)
  if (seals) args.push('--signer-key', bytesToHex(account().privateKey))
  const process = maxFileKiB === undefined ? grapevine(args) : grapevineOnFullDisk(args, maxFileKiB)
  running.push(process)
  const ready = await process.event(({ event }) => event === 'ready')
  const addresses = Array.isArray(ready['multiaddrs']) ? ready['multiaddrs'].map(String) : []
  return {
    process,
    rpc: rpcClient(String(ready['rpcUrl'])),
    address: addresses[0] ?? '',
    metricsUrl: String(ready['metricsUrl']),
    dataDir: ready['dataDir'],
    kill: async () => {
      process.child.kill('SIGKILL')
      await process.finished
    },
    stop: async () => {
      process.child.kill('SIGTERM')
      return (await process.finished).code
    },
  }
}

async function record(rpc: RpcClient, method: string, params: readonly unknown[]) {
  const answer = await rpc.call(method, params)
  return isRecord(answer) ? answer : undefined
}

/** Asks until it is so; the test's own time limit ends the asking. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const endWait = beginWait(() => String(look))
  for (;;) {
    const found = await look()
    if (found !== undefined) {
      endWait()
      return found
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function headAt(rpc: RpcClient, number: number): Promise<string> {
  return until(async () => {
    const block = await record(rpc, 'eth_getBlockByNumber', [`0x${number.toString(16)}`, false])
    return block && String(block['hash'])
  })
}

function receiptOf(rpc: RpcClient, hash: unknown) {
  return until(() => record(rpc, 'eth_getTransactionReceipt', [hash]))
}

function submit(rpc: RpcClient, nonce: bigint): Promise<unknown> {
  return rpc.call('eth_sendRawTransaction', [bytesToHex(signedTransfer({ nonce }).raw)])
}

function quarantines(name: string): string[] {
  return readdirSync(join(folder, name)).filter((entry) => entry.startsWith('quarantine-'))
}

describe('a node with a data directory', () => {
  test('that is killed has the same blocks, receipts and own transactions when it is started again', async () => {
    const node = await up('a', true)
    const hash = await submit(node.rpc, 0n)
    const receipt = await receiptOf(node.rpc, hash)
    const waiting = [await submit(node.rpc, 5n), await submit(node.rpc, 6n)]
    const far = await submit(node.rpc, 60n)
    const number = Number(receipt['blockNumber'])
    const head = await headAt(node.rpc, number + 1)
    await node.kill()

    const again = await up('a', false)
    expect(await headAt(again.rpc, number + 1)).toBe(head)
    expect(await receiptOf(again.rpc, hash)).toEqual(receipt)
    for (const own of [...waiting, far])
      expect(await record(again.rpc, 'eth_getTransactionByHash', [own])).toMatchObject({
        hash: own,
        blockHash: null,
      })
    expect(await again.stop()).toBe(0)
    expect(quarantines('a')).toEqual([])
  })

  test('that is killed again and again never goes back', async () => {
    const seen: string[] = []
    for (let round = 1; round <= 4; round++) {
      const node = await up('a', true)
      const numbers = Array.from({ length: round }, (_, number) => number)
      const hashes = await Promise.all(numbers.map((number) => headAt(node.rpc, number)))
      expect(hashes).toEqual(expect.arrayContaining(seen))
      seen.push(await headAt(node.rpc, round))
      await headAt(node.rpc, round + 1)
      await node.kill()
    }
    expect(quarantines('a')).toEqual([])
  })

  test('is one process: a second is refused in one line, and the first goes on', async () => {
    const first = await up('a', false)
    const second = grapevine(['node', '--json', '--data-dir', join(folder, 'a')])
    const { code, stdout, stderr } = await second.finished
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain(`is in use by process ${first.process.child.pid}`)
    expect(await first.rpc.call('eth_chainId')).toBe('0x539')
    await first.kill()
    const third = await up('a', false)
    expect(await third.rpc.call('eth_chainId')).toBe('0x539')
  })

  test('of another chain is refused in one line', async () => {
    const node = await up('a', false)
    await node.stop()
    const other = devnetGenesis({ signers: [account(1).address], periodS: 1 })
    writeFileSync(join(folder, 'other.json'), JSON.stringify(other))
    const flags = ['--genesis', join(folder, 'other.json'), '--data-dir', join(folder, 'a')]
    const { code, stderr } = await grapevine(['node', ...flags]).finished
    expect(code).toBe(2)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain('holds the chain with genesis')
  })

  test('of another chain id is refused in one line, and is still there after it', async () => {
    const node = await up('a', false)
    await node.stop()
    const file = join(folder, 'a', 'genesis.json')
    const genesis = readFileSync(file, 'utf8')
    writeFileSync(join(folder, 'other.json'), genesis.replace(/"chainId":\s*1337/, '"chainId": 7'))
    const flags = ['--genesis', join(folder, 'other.json'), '--data-dir', join(folder, 'a')]
    const { code, stderr } = await grapevine(['node', ...flags]).finished
    expect(code).toBe(2)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain('holds a chain made with chainId 1337, not 7')
    expect(readdirSync(join(folder, 'a')).filter((name) => name.startsWith('quarantine'))).toEqual(
      [],
    )
    expect(readFileSync(file, 'utf8')).toBe(genesis)
    expect(await (await up('a', false)).rpc.call('eth_chainId')).toBe('0x539')
  })
})

describe('a damaged data directory', () => {
  test('does not keep a node from starting; what is lost comes again from a peer', async () => {
    const sealer = await up('sealer', true)
    const head = await headAt(sealer.rpc, 4)
    const join_ = ['--bootnodes', sealer.address]
    const node = await up('b', false, join_)
    expect(await headAt(node.rpc, 4)).toBe(head)
    await node.kill()

    const chain = join(folder, 'b', 'chain')
    for (const file of readdirSync(chain).filter((name) => /\.(log|ldb)$/.test(name)))
      truncateSync(join(chain, file), Math.floor(readFileSync(join(chain, file)).length / 2))
    const alone = await up('b', false)
    expect(await alone.rpc.call('eth_chainId')).toBe('0x539')
    await alone.kill()
    const again = await up('b', false, join_)
    expect(await headAt(again.rpc, 4)).toBe(head)
    await again.kill()

    for (const file of readdirSync(chain)) writeFileSync(join(chain, file), 'rubbish')
    const fresh = await up('b', false, join_)
    expect(await headAt(fresh.rpc, 4)).toBe(head)
    expect(quarantines('b').length).toBeGreaterThan(0)
  })

  test('with a journal cut in two brings back what stands before the cut', async () => {
    const node = await up('a', false)
    const hashes = [await submit(node.rpc, 0n), await submit(node.rpc, 1n)]
    await node.kill()
    const journal = join(folder, 'a', 'own.journal')
    truncateSync(journal, readFileSync(journal).length - 3)
    appendFileSync(journal, 'rubbish')
    const again = await up('a', false)
    const found = await Promise.all(
      hashes.map((hash) => record(again.rpc, 'eth_getTransactionByHash', [hash])),
    )
    expect(found.map((tx) => tx?.['hash'])).toEqual([hashes[0], undefined])
    expect(quarantines('a')).toHaveLength(1)
  })
})

test('a disk that is full is said once for each part, and the node goes on', async () => {
  const node = await up('full', true, ['--metrics'], 24)
  const data = new Uint8Array(12_000)
  const gasLimit = 1_000_000n
  for (let nonce = 0n; nonce < 4n; nonce++) {
    const { raw } = signedTransfer({ nonce, data, gasLimit })
    const hash = await node.rpc.call('eth_sendRawTransaction', [bytesToHex(raw)])
    expect(await receiptOf(node.rpc, hash)).toMatchObject({ status: '0x1' })
  }
  const metrics = await (await fetch(node.metricsUrl)).text()
  expect(metrics).toContain('grapevine_store_writable{part="chain"} 0')
  node.process.child.kill('SIGTERM')
  const { code, stderr } = await node.process.finished
  expect(code).toBe(0)
  for (const sentence of ['the chain is not kept on disk any more', 'are not kept on disk for now'])
    expect(stderr.split('\n').filter((line) => line.includes(sentence))).toHaveLength(1)
  const again = await up('full', false)
  expect(await again.rpc.call('eth_chainId')).toBe('0x539')
})

test.each([
  ['in a file', ['file', 'below']],
  ['in a system that makes none', [...Array<string>(12).fill('..'), 'proc', 'grapevine', 'data']],
])(
  'a data directory %s is said to be of no use, and the node relays from memory',
  async (_, way) => {
    writeFileSync(join(folder, 'file'), '')
    const node = await up(join(...way), true)
    expect(node.dataDir).toBeNull()
    const hash = await submit(node.rpc, 0n)
    expect(await receiptOf(node.rpc, hash)).toMatchObject({ status: '0x1' })
    node.process.child.kill('SIGTERM')
    const { code, stderr } = await node.process.finished
    expect(code).toBe(0)
    const lines = stderr.split('\n').filter((line) => line.includes('cannot be used'))
    expect(lines).toHaveLength(1)
    expect(existsSync(join(folder, ...way))).toBe(false)
  },
  60_000,
)
