/**
 * A load that never gives up, as a careful client: every funded account keeps to one peer and sends
 * its transactions in nonce order, the same one again until the peer has taken it. What was taken
 * must be found everywhere in the end.
 */
import { DEVNET_ACCOUNTS, devnetAccounts, type DevnetAccount } from '../../src/devnet/accounts.ts'
import type { Peer } from '../../src/devnet/devnetPeer.ts'
import { RpcAnswerError, type RpcClient } from '../../src/rpc/client/rpcClient.ts'
import { asAddress } from '../../src/crypto/address.ts'
import { bytesToHex, hexToBytes } from '../../src/lib/bytes.ts'
import { sleep, systemClock } from '../../src/lib/clock.ts'
import { signTx, unsignedTx } from '../../src/tx/signTx.ts'

export interface LoadOptions {
  readonly chainId: number
  /** Over all accounts, while every peer answers. */
  readonly ratePerS: number
  readonly peers: readonly Peer[]
}

/** Answers that say that the peer has the transaction: the first answer was lost. */
const TAKEN = new Set(['known', 'nonce-too-low'])
const RETRY_MS = 200
const GWEI = 1_000_000_000n
const RECIPIENT = asAddress(new Uint8Array(20).fill(0x67))

export class Load {
  /** Hashes of what a peer said it has taken. */
  readonly accepted = new Set<string>()
  /** Refusals and missing answers by reason; each was tried again. */
  readonly retries = new Map<string, number>()
  readonly #options: LoadOptions
  /** Between two transactions of one account. */
  readonly #intervalMs: number
  readonly #senders: readonly Promise<void>[]
  #isStopped = false

  constructor(options: LoadOptions) {
    this.#options = options
    this.#intervalMs = (DEVNET_ACCOUNTS * 1000) / options.ratePerS
    this.#senders = devnetAccounts().map((account, index) => {
      const peer = options.peers[index % options.peers.length]
      if (peer === undefined) throw new Error('a load needs a peer')
      return this.#send(account, peer.rpc)
    })
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#senders)
  }

  async #send({ privateKey, address }: DevnetAccount, rpc: RpcClient): Promise<void> {
    for (let nonce = await this.#firstNonce(address, rpc); !this.#isStopped; nonce++) {
      const tx = this.#transfer(nonce, hexToBytes(privateKey))
      await this.#untilTaken(tx, rpc)
      await sleep(systemClock, this.#intervalMs)
    }
  }

  /** Asks again where there is no answer: a peer may be killed as soon as the load begins. */
  async #firstNonce(address: DevnetAccount['address'], rpc: RpcClient): Promise<bigint> {
    while (!this.#isStopped) {
      const count = await rpc.call('eth_getTransactionCount', [address, 'pending']).catch(() => '')
      if (count !== '') return BigInt(String(count))
      await this.#retryAfter('no answer')
    }
    return 0n
  }

  async #untilTaken(
    { hash, raw }: { hash: string; raw: Uint8Array },
    rpc: RpcClient,
  ): Promise<void> {
    while (!this.#isStopped) {
      const reason = await refusalOf(rpc, raw)
      if (reason === undefined || TAKEN.has(reason)) {
        this.accepted.add(hash)
        return
      }
      await this.#retryAfter(reason)
    }
  }

  async #retryAfter(reason: string): Promise<void> {
    this.retries.set(reason, (this.retries.get(reason) ?? 0) + 1)
    await sleep(systemClock, RETRY_MS)
  }

  #transfer(nonce: bigint, privateKey: Uint8Array) {
    const unsigned = unsignedTx({
      type: 2,
      chainId: BigInt(this.#options.chainId),
      nonce,
      gasLimit: 21_000n,
      to: RECIPIENT,
      value: 1n,
      maxFeePerGas: 50n * GWEI,
      maxPriorityFeePerGas: GWEI,
    })
    return signTx(unsigned, privateKey)
  }
}

async function refusalOf(rpc: RpcClient, raw: Uint8Array): Promise<string | undefined> {
  try {
    await rpc.call('eth_sendRawTransaction', [bytesToHex(raw)])
    return undefined
  } catch (error) {
    return error instanceof RpcAnswerError ? error.reason || error.message : 'no answer'
  }
}
