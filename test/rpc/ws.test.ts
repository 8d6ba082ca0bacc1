import { afterEach, describe, expect, test } from 'vitest'
import { keccak256Hash } from '../../src/crypto/keccak.ts'
import { ACCEPT } from '../../src/gossip/rules/verdict.ts'
import type { RpcContext } from '../../src/rpc/context.ts'
import { extend, nextBlock } from '../builders/chain.ts'
import { rpcNode } from '../builders/rpc.ts'
import {
  CHAIN_ID_CALL,
  closeServers,
  send,
  serve,
  serveNode,
  WsClient,
  PATIENT,
} from '../builders/rpcServer.ts'
import { signedTransfer } from '../builders/tx.ts'

afterEach(closeServers)

describe('WebSocket', () => {
  test('answers requests, batches and nonsense on the port of HTTP', async () => {
    const { server } = await serve()
    const client = await WsClient.open(server)
    expect(await client.ask('eth_chainId')).toMatchObject({ result: '0x539' })
    client.socket.send(JSON.stringify([CHAIN_ID_CALL, { jsonrpc: '2.0', method: 'eth_chainId' }]))
    client.socket.send('{')
    client.socket.send(Uint8Array.of(0x22, 0xff))
    await expect.poll(() => client.messages.length, PATIENT).toBe(4)
    const codes = client.messages.map(({ error }) => error?.code)
    expect(codes.filter((code) => code === -32700)).toHaveLength(2)
    expect(client.messages.find(Array.isArray)).toMatchObject([{ id: 1, result: '0x539' }])
  })

  test('repeats the id as it was written', async () => {
    const { server } = await serve()
    const client = await WsClient.open(server)
    const texts: string[] = []
    client.socket.on('message', (data: Buffer) => texts.push(data.toString()))
    client.socket.send('{"jsonrpc":"2.0","id":9007199254740993,"method":"eth_chainId"}')
    await expect
      .poll(() => texts, PATIENT)
      .toEqual(['{"jsonrpc":"2.0","id":9007199254740993,"result":"0x539"}'])
  })

  test('refuses web pages and foreign hosts before the upgrade', async () => {
    const { server } = await serve()
    await expect(WsClient.open(server, { origin: 'https://evil.example' })).rejects.toThrow('403')
    await expect(WsClient.open(server, { host: 'evil.example' })).rejects.toThrow('403')
    expect(server.stats()).toMatchObject({ webSockets: 0, refusedConnections: 2 })
    const open = await serve({ origins: ['https://good.example'] })
    const client = await WsClient.open(open.server, { origin: 'https://good.example' })
    expect(await client.ask('eth_chainId')).toMatchObject({ result: '0x539' })
  })

  test('closes a connection whose message is too large, and no other', async () => {
    const { server } = await serve()
    const other = await WsClient.open(server)
    const client = await WsClient.open(server)
    client.socket.send('x'.repeat(5 * 1024 * 1024 + 1))
    await expect.poll(() => client.close?.code, PATIENT).toBe(1009)
    expect(await other.ask('eth_chainId')).toMatchObject({ result: '0x539' })
  })

  test('tells subscribers of heads and of executable transactions', async () => {
    const { node, server } = await serve()
    const client = await WsClient.open(server)
    const heads = (await client.ask('eth_subscribe', 'newHeads')).result
    const hashes = (await client.ask('eth_subscribe', 'newPendingTransactions')).result
    const full = (await client.ask('eth_subscribe', 'newPendingTransactions', true)).result
    const logs = (await client.ask('eth_subscribe', 'logs', { address: [] })).result
    const [second, first] = [signedTransfer({ nonce: 1n }), signedTransfer()]
    await node.context.submit(second.raw)
    await node.context.submit(first.raw)
    const block = node.seal()
    await expect.poll(() => client.notified(heads).length, PATIENT).toBe(1)
    expect(client.notified(heads)[0]).toMatchObject({ hash: block.hash, number: '0x1' })
    expect(client.notified(hashes)).toEqual([first.hash, second.hash])
    expect(client.notified(full)[0]).toMatchObject({ hash: first.hash, blockHash: null })
    expect(client.notified(logs)).toEqual([])
  })

  test('tells again of a transaction that a reorganisation gives back to the pool', async () => {
    const { node, server } = await serve({}, { chain: { signers: 3 } })
    const client = await WsClient.open(server)
    const hashes = (await client.ask('eth_subscribe', 'newPendingTransactions')).result
    const tx = signedTransfer()
    await node.context.submit(tx.raw)
    const right = nextBlock(node.chain, { lateS: 1 })
    node.seal()
    node.chain.import(right.block, right.senders)
    extend(node.chain, { parent: right.block })
    await expect.poll(() => client.notified(hashes), PATIENT).toEqual([tx.hash, tx.hash])
  })

  test('tells subscribers of the receipts of new blocks, of all or of those they name', async () => {
    const { node, server } = await serve()
    const client = await WsClient.open(server)
    const [first, second] = [signedTransfer(), signedTransfer({ nonce: 1n })]
    const subscribe = async (filter?: unknown) =>
      (await client.ask('eth_subscribe', 'transactionReceipts', ...(filter ? [filter] : []))).result
    const all = await subscribe()
    const one = await subscribe({ transactionHashes: [second.hash] })
    const none = await subscribe({ transactionHashes: [`0x${'11'.repeat(32)}`] })
    const { hash: blockHash } = node.seal([first, second])
    node.seal()
    await expect.poll(() => client.notified(all).length, PATIENT).toBe(1)
    const [receipts] = client.notified(all) as [{ transactionHash: string }[]]
    expect(receipts.map(({ transactionHash }) => transactionHash)).toEqual([
      first.hash,
      second.hash,
    ])
    expect(receipts[1]).toEqual((await client.ask('eth_getTransactionReceipt', second.hash)).result)
    expect(client.notified(one)).toMatchObject([[{ transactionHash: second.hash, blockHash }]])
    expect(client.notified(none)).toEqual([])
  })

  test('refuses filters of receipts that are none, and more hashes than geth takes', async () => {
    const { server } = await serve()
    const client = await WsClient.open(server)
    const ask = (filter: unknown) => client.ask('eth_subscribe', 'transactionReceipts', filter)
    for (const filter of [7, { transactionHashes: 'all' }, { transactionHashes: ['0x1'] }])
      expect(await ask(filter)).toMatchObject({ error: { code: -32602 } })
    const many = Array.from({ length: 201 }, () => `0x${'11'.repeat(32)}`)
    expect(await ask({ transactionHashes: many })).toMatchObject({
      error: {
        message:
          'exceed max number of transaction hashes allowed per transactionReceipts subscription',
      },
    })
  })

  test('tells nothing after eth_unsubscribe, and knows only the connection’s own ids', async () => {
    const { node, server } = await serve()
    const client = await WsClient.open(server)
    const other = await WsClient.open(server)
    const heads = (await client.ask('eth_subscribe', 'newHeads')).result
    expect(await other.ask('eth_unsubscribe', heads)).toMatchObject({ error: { code: -32000 } })
    expect(await client.ask('eth_unsubscribe', heads)).toMatchObject({ result: true })
    expect(await client.ask('eth_unsubscribe', heads)).toMatchObject({ error: { code: -32000 } })
    node.seal()
    expect(await client.ask('eth_blockNumber')).toMatchObject({ result: '0x1' })
    expect(client.notified(heads)).toEqual([])
    client.socket.terminate()
  })

  test('tells of the begin and the end of syncing', async () => {
    let progress: ReturnType<RpcContext['syncStatus']>
    const node = rpcNode({ context: { syncStatus: () => progress } })
    const { server } = await serveNode(node)
    const client = await WsClient.open(server)
    const id = (await client.ask('eth_subscribe', 'syncing')).result
    progress = { startingBlock: 0n, currentBlock: 1n, highestBlock: 9n }
    node.clock.advance(1_000)
    progress = undefined
    node.clock.advance(1_000)
    await expect.poll(() => client.notified(id).length, PATIENT).toBe(2)
    expect(client.notified(id)).toEqual([
      { syncing: true, status: { startingBlock: '0x0', currentBlock: '0x1', highestBlock: '0x9' } },
      false,
    ])
  })

  test('refuses unknown subscriptions, too many of them, and any over HTTP', async () => {
    const { server } = await serve({ limits: { maxSubscriptions: 1 } })
    const client = await WsClient.open(server)
    expect(await client.ask('eth_subscribe', 'nothing')).toMatchObject({ error: { code: -32601 } })
    expect(await client.ask('eth_subscribe', 'logs', 7)).toMatchObject({ error: { code: -32602 } })
    await client.ask('eth_subscribe', 'newHeads')
    expect(await client.ask('eth_subscribe', 'newHeads')).toMatchObject({
      error: { data: { reason: 'too-many-subscriptions' } },
    })
    client.socket.terminate()
    const http = await send(
      server,
      '{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}',
    )
    expect(JSON.parse(http.text)).toMatchObject({ error: { code: -32601 } })
  })

  test('refuses an argument after the name of a subscription that takes none', async () => {
    const { server } = await serve()
    const client = await WsClient.open(server)
    for (const name of ['newHeads', 'syncing']) {
      expect(await client.ask('eth_subscribe', name, 1)).toMatchObject({
        error: { code: -32602, message: 'too many arguments, want at most 1' },
      })
      expect(await client.ask('eth_subscribe', name)).not.toHaveProperty('error')
    }
    const pending = await client.ask('eth_subscribe', 'newPendingTransactions', true, 1)
    expect(pending).toMatchObject({ error: { message: 'too many arguments, want at most 2' } })
    client.socket.terminate()
  })

  test('ends the connection of a client that does not read, and tells why in the log', async () => {
    const { server } = await serve({ limits: { maxBufferedBytes: 64 * 1024, closeGraceMs: 50 } })
    const lazy = await WsClient.open(server)
    const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'rpc_methods' })
    lazy.socket.pause()
    const keepAsking = setInterval(() => {
      for (let i = 0; i < 200; i++) lazy.socket.send(call)
    }, 1)
    await expect.poll(() => server.stats().slowReaders, PATIENT).toBe(1)
    clearInterval(keepAsking)
    await expect.poll(() => server.stats().webSockets, PATIENT).toBe(0)
    lazy.socket.terminate()
    expect((await send(server, JSON.stringify(CHAIN_ID_CALL))).status).toBe(200)
  })

  test('does not read on from a client with too many calls under way', async () => {
    let open = 0
    let most = 0
    let finish: () => void = () => {}
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const submit: RpcContext['submit'] = async (raw) => {
      most = Math.max(most, ++open)
      await finished
      open--
      return { hash: keccak256Hash(raw), verdict: ACCEPT }
    }
    const { server } = await serve({ limits: { maxInFlight: 4 } }, { context: { submit } })
    const client = await WsClient.open(server)
    for (let id = 0; id < 100; id++)
      client.socket.send(
        JSON.stringify({ jsonrpc: '2.0', id, method: 'eth_sendRawTransaction', params: ['0x00'] }),
      )
    await expect.poll(() => open, PATIENT).toBe(4)
    finish()
    await expect.poll(() => client.messages.length, PATIENT).toBe(100)
    expect(most).toBe(4)
  })

  test('ends a connection that answers no ping', async () => {
    const { node, server } = await serveNode(rpcNode())
    const client = await WsClient.open(server)
    client.socket.removeAllListeners('ping')
    client.socket.pause()
    node.clock.advance(30_000)
    node.clock.advance(30_000)
    await expect.poll(() => server.stats().webSockets, PATIENT).toBe(0)
  })
})
