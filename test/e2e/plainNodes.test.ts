/**
 * A network made by hand: a genesis, a key, two plain nodes that seal in turn; and a devnet with
 * accounts of its own.
 */
import { isRecord } from '../../src/lib/records.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rpcClient } from '../../src/rpc/client/rpcClient.ts'
import { grapevine, type Running } from '../builders/program.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'grapevine-plain-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function started(args: readonly string[], cwd: string): Running {
  const running = grapevine(args, { cwd })
  onTestFinished(async () => {
    running.child.kill('SIGTERM')
    await running.finished
  })
  return running
}

const ready = (running: Running) => running.event(({ event }) => event === 'ready')

describe('two plain nodes', () => {
  test('seal blocks in turn from a genesis file and a key that the program made', async () => {
    const folder = temporaryFolder()
    const genesis = ['genesis', '--signers', '2', '--period', '1', '--out', 'genesis.json']
    const made = await grapevine(genesis, { cwd: folder }).finished
    const keys = [...made.stderr.matchAll(/0x[0-9a-f]{64}/g)].map(([key]) => key)
    expect(made.code).toBe(0)
    const shown = await grapevine(['key', '--data-dir', 'a', '--json'], { cwd: folder }).finished
    const { peerId } = JSON.parse(shown.stdout) as { peerId: string }

    const flags = ['node', '--json', '--log-level', 'warn', '--genesis', 'genesis.json']
    const first = started([...flags, '--data-dir', 'a', '--signer-key', keys[0] ?? ''], folder)
    const a = await ready(first)
    expect(a['peerId']).toBe(peerId)
    const address = Array.isArray(a['multiaddrs']) ? String(a['multiaddrs'][0]) : ''
    const second = started(
      [...flags, '--data-dir', 'b', '--signer-key', keys[1] ?? '', '--bootnodes', address],
      folder,
    )
    const rpc = rpcClient(String((await ready(second))['rpcUrl']))
    await expect
      .poll(async () => Number(await rpc.call('eth_blockNumber')), { timeout: 20_000 })
      .toBeGreaterThanOrEqual(3)
  })
})

describe('a devnet', () => {
  const WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow'

  test('funds the accounts that were asked for', async () => {
    const flags = ['devnet', '--json', '--nodes', '1', '--accounts', '2', '--balance', '7']
    const network = started([...flags, '--mnemonic', WORDS], temporaryFolder())
    const { accounts, peers } = await ready(network)
    expect(accounts).toHaveLength(2)
    const [account] = Array.isArray(accounts) ? accounts : []
    const [peer] = Array.isArray(peers) ? peers : []
    const rpc = rpcClient(String(isRecord(peer) && peer['rpcUrl']))
    const balance = await rpc.call('eth_getBalance', [
      isRecord(account) && account['address'],
      'latest',
    ])
    expect(BigInt(String(balance))).toBe(7n * 10n ** 18n)
  })

  test('shows every funded account with its key', async () => {
    const flags = ['devnet', '--nodes', '1', '--accounts', '3', '--log-level', 'warn']
    const network = grapevine(flags, { cwd: temporaryFolder() })
    await new Promise<void>((resolve) => {
      let text = ''
      network.child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.includes('Mnemonic: ')) resolve()
      })
    })
    network.child.kill('SIGINT')
    const { stdout } = await network.finished
    expect(stdout).toContain('(0) 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 (10000 ETH)')
    expect(stdout).toContain(
      '(2) 0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
    )
    expect(stdout).not.toContain('(3)')
  })

  test('of one seed has the same peers each time, without a scenario too', async () => {
    const idOf = async (seed: string): Promise<unknown> => {
      const network = grapevine(['devnet', '--json', '--nodes', '1', '--seed', seed])
      const { peers } = await ready(network)
      network.child.kill('SIGINT')
      await network.finished
      const [peer] = Array.isArray(peers) ? peers : []
      return isRecord(peer) ? peer['peerId'] : undefined
    }
    const [first, again, other] = [await idOf('7'), await idOf('7'), await idOf('8')]
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })
})
