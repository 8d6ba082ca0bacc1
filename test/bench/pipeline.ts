import { createRequire } from 'node:module'
import type * as Addon from 'secp256k1'
import { Chain } from '../../src/chain/chain.ts'
import { forkAt } from '../../src/chain/genesis/forks.ts'
import { keccak256Hash } from '../../src/crypto/keccak.ts'
import { firstBroken } from '../../src/gossip/rules/rule.ts'
import { TX_STATIC_RULES, type TxRuleFacts } from '../../src/gossip/rules/txRules.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Mempool } from '../../src/mempool/mempool.ts'
import { decodeTx, isTxDefect } from '../../src/tx/decodeTx.ts'
import { recoverSender, signatureBytes, signingDigest } from '../../src/tx/signature.ts'
import type { Tx } from '../../src/tx/tx.ts'
import { amount, pairedFigure, type Benchmark } from './benchmark.ts'
import { measurePair, type Side } from './pair.ts'
import { accounts, genesisFor, transfers } from './transfers.ts'

/**
 * Who has transactions in the pool before each turn, and how many: three quarters of its room are
 * taken.
 */
const SENDERS = 480
const POOLED_EACH = 8
/** New ones per sender and turn. */
const NEW_EACH = 2

/**
 * Everything a node does to a transaction on one thread, in the order of its judge: hash, strict
 * decoding, static rules, pool pre-check, recovery, admission to a pool that holds 3,840 others.
 * The baseline recovers the public keys of the same signatures and does nothing else.
 */
export const pipeline: Benchmark = {
  name: 'pipeline',
  sentence:
    'hash, decode, check, recover and pool a transaction, against the bare recovery of its key',
  run: async (effort) => {
    const turns = amount(effort, { usual: 41, quick: 9 })
    const pair = await measurePair(wholePipeline(), rawRecovery(), turns)
    const goal = { bound: 'at least', value: 0.85 } as const
    return [pairedFigure('transactions', pair, 'native recovery', { goal })]
  },
}

const senders = accounts(SENDERS)

function wholePipeline(): Side {
  const chain = new Chain({ genesis: genesisFor(SENDERS) })
  const facts = factsOf(chain)
  const pooled = transfers(senders, [0, POOLED_EACH])
  const raws = newTransfers().map((tx) => tx.raw)
  let pool = filledPool(chain, pooled)
  return {
    prepare: () => {
      pool = filledPool(chain, pooled)
    },
    turn: () => {
      for (const raw of raws) take(raw, pool, facts)
      return raws.length
    },
  }
}

function take(raw: Uint8Array, pool: Mempool, facts: TxRuleFacts): void {
  const hash = keccak256Hash(raw)
  if (pool.has(hash)) throw new Error('the transaction is known')
  const tx = decodeTx(raw, hash)
  if (isTxDefect(tx)) throw new Error(tx.message)
  const broken = firstBroken(TX_STATIC_RULES, tx, facts)
  const refusal = broken?.reason ?? pool.precheck(tx)
  if (refusal !== undefined) throw new Error(refusal)
  const sender = recoverSender(tx)
  if (sender === undefined) throw new Error('the signature is bad')
  const { status } = pool.add(tx, sender, 'remote')
  if (status !== 'pending') throw new Error(`the pool answered ${status}`)
}

/** The addon as it comes, without anything of ours around it. */
function rawRecovery(): Side {
  const addon: typeof Addon = createRequire(import.meta.url)('secp256k1/bindings.js')
  const signed = newTransfers().map((tx) => ({
    digest: signingDigest(tx),
    signature: signatureBytes(tx),
    yParity: tx.signature.yParity,
  }))
  return {
    turn: () => {
      for (const { digest, signature, yParity } of signed)
        addon.ecdsaRecover(signature, yParity, digest, false)
      return signed.length
    },
  }
}

function newTransfers(): Tx[] {
  return transfers(senders, [POOLED_EACH, POOLED_EACH + NEW_EACH])
}

function filledPool(chain: Chain, pooled: readonly Tx[]): Mempool {
  const baseFee = chain.nextBaseFee() ?? 0n
  const pool = new Mempool({ clock: systemClock, state: chain.state, baseFee })
  pooled.forEach((tx, index) => {
    const sender = senders[index % senders.length]
    if (sender !== undefined) pool.add(tx, sender.address, 'remote')
  })
  return pool
}

function factsOf(chain: Chain): TxRuleFacts {
  const { head, state, chainId, ledger, config } = chain
  const fork = forkAt(config, head.header.number + 1n, head.header.timestamp)
  return { head, state, fork, chainId, ledger, allowUnprotected: false, isSyncing: false }
}
