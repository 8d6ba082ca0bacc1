import type { Hash } from '../../crypto/keccak.ts'
import { RPC_CODES, RpcError } from '../errors.ts'
import { requireReceipts } from '../executed.ts'
import type { Json } from '../server/json.ts'
import { RPC_LIMITS } from '../limits.ts'
import { defineMethod, type RpcCall } from '../method.ts'
import { bytesKind, countKind, optional, required } from '../params.ts'
import { submitRawTx } from '../submit.ts'
import { receiptJson } from './ethTransactions.ts'

const transaction = required('transaction', bytesKind)

/** The `eth_` methods that take transactions. */
export const ethSubmitMethods = [
  defineMethod({
    name: 'eth_sendRawTransaction',
    params: [transaction],
    result: 'hash',
    summary:
      'Submits a signed transaction. It is validated like one from a peer; the reason of a refusal is in error.data.reason.',
    handler: ({ node }, raw) => submitRawTx(node, raw),
  }),
  defineMethod({
    name: 'eth_sendRawTransactionSync',
    params: [transaction, optional('timeoutMs', countKind)],
    result: 'receipt',
    summary: 'Submits a signed transaction and waits until a block includes it (EIP-7966).',
    handler: async (call, raw, timeoutMs) => {
      requireReceipts(call.node.chain)
      const hash = await submitRawTx(call.node, raw)
      const waitMs = Math.min(timeoutMs || RPC_LIMITS.syncWaitMs, RPC_LIMITS.maxSyncWaitMs)
      return await includedReceipt(call, hash, waitMs)
    },
  }),
]

/**
 * The receipt as soon as there is one; after `waitMs` the error of EIP-7966, with the hash as its
 * data.
 */
function includedReceipt({ node, closing }: RpcCall, hash: Hash, waitMs: number): Promise<Json> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const receipt = receiptJson(node, hash)
      if (receipt === null) return
      stop()
      resolve(receipt)
    }
    const giveUp = (): void => {
      stop()
      reject(
        new RpcError(
          RPC_CODES.syncTimeout,
          `The transaction was added to the transaction pool but wasn't processed in ${waitMs}ms`,
          hash,
        ),
      )
    }
    const unsubscribe = node.chain.heads.on(look)
    const cancel = node.clock.after(waitMs, giveUp)
    closing.addEventListener('abort', giveUp)
    const stop = (): void => {
      unsubscribe()
      cancel()
      closing.removeEventListener('abort', giveUp)
    }
    look()
  })
}
