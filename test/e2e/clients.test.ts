import { JsonRpcProvider, Wallet, WebSocketProvider, parseEther as etherOf } from 'ethers'
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
  parseEther,
  webSocket,
  type Hash,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { grapevine, type Running } from '../builders/program.ts'

interface Ready {
  readonly peers: readonly { readonly rpcUrl: string }[]
  readonly accounts: readonly {
    readonly address: `0x${string}`
    readonly privateKey: `0x${string}`
  }[]
}

const FRESH = '0x00000000000000000000000000000000000f4e54'

const chain = defineChain({
  id: 1337,
  name: 'devnet',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [] } },
})

describe('Ethereum clients work unchanged', () => {
  let program: Running
  let ready: Ready

  beforeAll(async () => {
    program = grapevine(['devnet', '--nodes', '2', '--period', '1', '--json'])
    ready = (await program.event((one) => one['event'] === 'ready')) as unknown as Ready
  })

  afterAll(async () => {
    program.child.kill('SIGTERM')
    await program.finished
  })

  function urlOf(index: number): string {
    const url = ready.peers[index]?.rpcUrl
    if (url === undefined) throw new Error(`there is no peer ${index}`)
    return url
  }

  function keyOf(index: number): `0x${string}` {
    const key = ready.accounts[index]?.privateKey
    if (key === undefined) throw new Error(`there is no account ${index}`)
    return key
  }

  test('viem sends on one peer and finds the receipt on another', async () => {
    const account = privateKeyToAccount(keyOf(0))
    const wallet = createWalletClient({ account, chain, transport: http(urlOf(0)) })
    const other = createPublicClient({ chain, transport: http(urlOf(1)), pollingInterval: 1_000 })
    const hash = await wallet.sendTransaction({ to: FRESH, value: parseEther('1') })
    const receipt = await other.waitForTransactionReceipt({ hash })
    expect(receipt).toMatchObject({
      status: 'success',
      gasUsed: 21_000n,
      type: 'eip1559',
      transactionHash: hash,
    })
    expect(await other.getBalance({ address: FRESH })).toBe(parseEther('1'))
    const block = await other.getBlock({ blockHash: receipt.blockHash, includeTransactions: true })
    expect(block.transactions.map((tx) => tx.hash)).toContain(hash)
    expect(await other.getTransactionCount({ address: account.address })).toBe(1)
  })

  test('viem watches blocks and pending transactions over WebSocket', async () => {
    const client = createPublicClient({ transport: webSocket(urlOf(1).replace('http', 'ws')) })
    const wallet = createWalletClient({
      account: privateKeyToAccount(keyOf(1)),
      chain,
      transport: http(urlOf(0)),
    })
    const seen = new Set<Hash>()
    const ends: (() => void)[] = []
    const block = new Promise<bigint | null>((resolve, reject) => {
      ends.push(client.watchBlocks({ onBlock: (one) => resolve(one.number), onError: reject }))
    })
    const pending = new Promise<Hash>((resolve, reject) => {
      const onTransactions = (hashes: Hash[]): void => {
        for (const hash of hashes) seen.add(hash)
        if (hashes[0] !== undefined) resolve(hashes[0])
      }
      ends.push(client.watchPendingTransactions({ onTransactions, onError: reject }))
    })
    await client.getChainId()
    const hash = await wallet.sendTransaction({
      to: FRESH,
      value: 1n,
      type: 'legacy',
    })
    expect(await pending).toBe(hash)
    expect(await block).toBeTypeOf('bigint')
    for (const end of ends) end()
  })

  test('viem reports a refusal with the message it knows', async () => {
    const wallet = createWalletClient({
      account: privateKeyToAccount(keyOf(2)),
      chain,
      transport: http(urlOf(0)),
    })
    const tooMuch = wallet.sendTransaction({
      to: FRESH,
      value: parseEther('20000'),
      gas: 21_000n,
    })
    await expect(tooMuch).rejects.toThrow(/insufficient funds/i)
  })

  test('ethers sends, waits and reads back', async () => {
    const provider = new JsonRpcProvider(urlOf(1), undefined, { pollingInterval: 1_000 })
    try {
      const wallet = new Wallet(keyOf(3), provider)
      const sent = await wallet.sendTransaction({ to: FRESH, value: etherOf('0.5') })
      const receipt = await sent.wait()
      expect(receipt?.status).toBe(1)
      expect(await provider.getTransaction(sent.hash)).toMatchObject({
        from: wallet.address,
        blockHash: receipt?.blockHash,
      })
      expect((await provider.getFeeData()).maxFeePerGas).toBeTypeOf('bigint')
      expect((await provider.getNetwork()).chainId).toBe(1337n)
    } finally {
      provider.destroy()
    }
  })

  test('ethers subscribes over WebSocket', async () => {
    const provider = new WebSocketProvider(urlOf(0).replace('http', 'ws'))
    try {
      const number = await new Promise<unknown>((resolve, reject) => {
        provider.once('block', resolve).catch(reject)
      })
      expect(number).toBeTypeOf('number')
    } finally {
      await provider.destroy()
    }
  })
})
