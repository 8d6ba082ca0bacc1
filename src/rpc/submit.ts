/**
 * Transactions from callers: this node's own policy for them, then the judge that gossip meets too.
 */
import { forkAt } from '../chain/genesis/forks.ts'
import type { Hash } from '../crypto/keccak.ts'
import { MAX_TX_MESSAGE_BYTES } from '../gossip/limits.ts'
import { maxCost } from '../mempool/fees.ts'
import { decodeTx, isTxDefect } from '../tx/decodeTx.ts'
import { recoverSender } from '../tx/signature.ts'
import type { Tx } from '../tx/tx.ts'
import type { VerdictReason } from '../gossip/rules/reasons.ts'
import type { RpcContext } from './context.ts'
import { refused } from './errors.ts'
import { refusalError, type RefusedTx } from './refusal.ts'

const ETHER = 10n ** 18n
/** EIP-4844. */
const BLOB_TX_TYPE = 3

/**
 * Submits raw bytes; the hash if the node keeps the transaction, else an error that says why not.
 */
export async function submitRawTx(node: RpcContext, raw: Uint8Array): Promise<Hash> {
  if (isWithBlobs(raw)) throw refusalError('blob-transaction')
  const tx = readTx(raw)
  if (tx !== undefined) checkPolicy(node, tx)
  const { hash, verdict } = await node.submit(raw)
  if (verdict.action === 'accept' || verdict.action === 'hold') return hash
  const about = tx && describe(node, tx)
  throw refusalError(reasonFor(node, verdict.reason, about), about, verdict.message)
}

/**
 * A transaction that a block has included is known, too; what its caller needs to hear is that its
 * nonce is used.
 */
function reasonFor(
  { mempool }: RpcContext,
  reason: VerdictReason,
  about: RefusedTx | undefined,
): VerdictReason {
  const isUsed = about !== undefined && about.tx.nonce < about.nonce
  return reason === 'known' && isUsed && !mempool.get(about.tx.hash) ? 'nonce-too-low' : reason
}

/**
 * A blob is longer than any transaction may be: whoever sends one is told about blobs, not about
 * bytes.
 */
function isWithBlobs(raw: Uint8Array): boolean {
  return raw.length > MAX_TX_MESSAGE_BYTES && raw[0] === BLOB_TX_TYPE
}

function readTx(raw: Uint8Array): Tx | undefined {
  if (raw.length > MAX_TX_MESSAGE_BYTES) return undefined
  const tx = decodeTx(raw)
  return isTxDefect(tx) ? undefined : tx
}

/** What this node asks of its own callers alone: peers' transactions are not its money. */
function checkPolicy({ allowUnprotected, feeCapWei }: RpcContext, tx: Tx): void {
  const fee = tx.gasLimit * tx.maxFeePerGas
  if (feeCapWei > 0n && fee > feeCapWei)
    throw refused(
      'fee-above-cap',
      `tx fee (${inEther(fee)} ether) exceeds the configured cap (${inEther(feeCapWei)} ether)`,
    )
  if (!allowUnprotected && tx.chainId === undefined) throw refusalError('unprotected')
}

/** With two decimals, rounded up, so that what is over the cap also looks so. */
function inEther(wei: bigint): string {
  const cents = (wei * 100n + ETHER - 1n) / ETHER
  return `${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`
}

function describe({ chain, mempool, senders }: RpcContext, tx: Tx): RefusedTx {
  const { header } = chain.head
  const sender = senders.known(tx.hash) ?? recoverSender(tx)
  const pooled = sender && mempool.contentFrom(sender)
  return {
    tx,
    fork: forkAt(chain.config, header.number + 1n, header.timestamp + 1n),
    chainId: chain.chainId,
    nonce: sender === undefined ? 0n : chain.state.nonce(sender),
    balance: sender === undefined ? 0n : chain.state.balance(sender),
    pooledCost: [...(pooled?.pending ?? []), ...(pooled?.queued ?? [])].reduce(
      (sum, { tx }) => sum + maxCost(tx),
      0n,
    ),
  }
}
