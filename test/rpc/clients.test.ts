/** The libraries people use, unchanged, against the server. */
import { JsonRpcProvider, parseEther, Wallet, WebSocketProvider } from 'ethers'
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
  parseGwei,
  webSocket,
  type Hash,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { closeServers, serve, type TestServer, PATIENT } from '../builders/rpcServer.ts'
import { RECIPIENT, testAccount } from '../builders/tx.ts'

afterEach(closeServers)

const SEAL_MS = 200
/** ethers stops polling for good if its first answer takes longer than this. */
const ETHERS_POLL_MS = 1_000

const KEY = bytesToHex(testAccount().privateKey)

/**
 * A served node that seals a block every so often, as a devnet does: clients wait for the next one.
 */
async function serveSealing(): Promise<TestServer> {
  const served = await serve()
  const timer = setInterval(() => served.node.seal(), SEAL_MS)
  onTestFinished(() => clearInterval(timer))
  return served
}

function viemChain({ server }: TestServer) {
  return defineChain({
    id: 1337,
    name: 'devnet',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [server.url], webSocket: [server.wsUrl] } },
  })
}

/** The wallet of the account with money. */
function walletOn(chain: ReturnType<typeof viemChain>) {
  return createWalletClient({ account: privateKeyToAccount(KEY), chain, transport: http() })
}

describe('viem', () => {
  test('sends a transaction, waits for its receipt and reads it back', async () => {
    const served = await serveSealing()
    const chain = viemChain(served)
    const wallet = walletOn(chain)
    const client = createPublicClient({ chain, transport: http(), pollingInterval: 20 })
    const hash = await wallet.sendTransaction({ to: RECIPIENT, value: 5n })
    const receipt = await client.waitForTransactionReceipt({ hash })
    expect(receipt).toMatchObject({ status: 'success', gasUsed: 21_000n })
    expect(await client.getBalance({ address: RECIPIENT })).toBe(5n)
    const tx = await client.getTransaction({ hash })
    expect(tx).toMatchObject({ type: 'eip1559', value: 5n, nonce: 0, blockHash: receipt.blockHash })
    const { blockHash } = receipt
    const block = await client.getBlock({ blockHash, includeTransactions: true })
    expect(block.transactions[0]).toEqual(tx)
    const { blockNumber } = receipt
    const history = await client.getFeeHistory({
      blockCount: 2,
      blockNumber,
      rewardPercentiles: [50],
    })
    expect(history.oldestBlock).toBe(blockNumber - 1n)
    await expect(wallet.sendTransaction({ to: RECIPIENT, nonce: 0 })).rejects.toThrow(/nonce/i)
    await expect(wallet.sendTransaction({ to: RECIPIENT, value: 10n ** 30n })).rejects.toThrow(
      /exceeds the balance/,
    )
  })

  test('sends legacy and access list transactions, and a batch of calls in one request', async () => {
    const served = await serveSealing()
    const chain = viemChain(served)
    const wallet = walletOn(chain)
    const client = createPublicClient({
      chain,
      transport: http(served.server.url, { batch: true }),
      pollingInterval: 20,
    })
    const legacy = await wallet.sendTransaction({ to: RECIPIENT, gasPrice: parseGwei('3') })
    await client.waitForTransactionReceipt({ hash: legacy })
    const listed = await wallet.sendTransaction({
      to: RECIPIENT,
      gasPrice: parseGwei('3'),
      accessList: [{ address: RECIPIENT, storageKeys: [] }],
    })
    const receipt = await client.waitForTransactionReceipt({ hash: listed })
    expect(receipt).toMatchObject({ type: 'eip2930', gasUsed: 23_400n })
    const txs = await Promise.all([legacy, listed].map((hash) => client.getTransaction({ hash })))
    expect(txs.map(({ type }) => type)).toEqual(['legacy', 'eip2930'])
  })

  test('watches blocks and pending transactions over WebSocket and by filters', async () => {
    const served = await serveSealing()
    const chain = viemChain(served)
    const sockets = createPublicClient({ chain, transport: webSocket() })
    const polling = createPublicClient({ chain, transport: http(), pollingInterval: 20 })
    const blocks: bigint[] = []
    const seen: Hash[] = []
    const polled: Hash[] = []
    const stops = [
      sockets.watchBlocks({ onBlock: ({ number }) => blocks.push(number) }),
      sockets.watchPendingTransactions({ onTransactions: (hashes) => seen.push(...hashes) }),
      polling.watchPendingTransactions({ onTransactions: (hashes) => polled.push(...hashes) }),
    ]
    onTestFinished(() => stops.forEach((stop) => stop()))
    await expect.poll(() => served.server.stats().calls.get('eth_subscribe'), PATIENT).toBe(2)
    await expect
      .poll(() => served.server.stats().calls.get('eth_newPendingTransactionFilter'), PATIENT)
      .toBe(1)
    const wallet = walletOn(chain)
    const hash = await wallet.sendTransaction({ to: RECIPIENT, value: 1n })
    await expect.poll(() => [seen, polled], PATIENT).toEqual([[hash], [hash]])
    await expect.poll(() => blocks.length, PATIENT).toBeGreaterThan(1)
  })
})

describe('ethers', () => {
  test('sends a transaction and waits for it', async () => {
    const { server } = await serveSealing()
    const provider = new JsonRpcProvider(server.url, undefined, { pollingInterval: ETHERS_POLL_MS })
    onTestFinished(() => provider.destroy())
    const wallet = new Wallet(KEY, provider)
    const sent = await wallet.sendTransaction({ to: RECIPIENT, value: parseEther('1') })
    const receipt = await sent.wait()
    expect(receipt).toMatchObject({ status: 1, hash: sent.hash })
    expect(await provider.getBalance(RECIPIENT)).toBe(parseEther('1'))
    expect(await provider.getTransactionCount(wallet.address)).toBe(1)
    const block = await provider.getBlock(receipt?.blockHash ?? '', true)
    expect(block?.prefetchedTransactions[0]?.hash).toBe(sent.hash)
    await expect(
      wallet.sendTransaction({ to: RECIPIENT, value: parseEther('100000') }),
    ).rejects.toMatchObject({ code: 'INSUFFICIENT_FUNDS' })
  })

  test('hears of blocks and pending transactions over WebSocket', async () => {
    const { node, server } = await serveSealing()
    const provider = new WebSocketProvider(server.wsUrl)
    onTestFinished(() => provider.destroy())
    const [numbers, hashes]: [number[], string[]] = [[], []]
    await provider.on('block', (number: number) => numbers.push(number))
    await provider.on('pending', (hash: string) => hashes.push(hash))
    await expect.poll(() => server.stats().calls.get('eth_subscribe'), PATIENT).toBe(2)
    const sent = await new Wallet(KEY, provider).sendTransaction({ to: RECIPIENT, value: 1n })
    await expect.poll(() => hashes, PATIENT).toEqual([sent.hash])
    await expect.poll(() => numbers.length, PATIENT).toBeGreaterThan(1)
    expect(node.errors).toEqual([])
  })
})
