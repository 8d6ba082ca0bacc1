/** One transaction, judged by consensus alone: by its bytes, the fork and the chain id. */
import { quantity } from '../../rpc/encode/encode.ts'
import { consensusSender, type InspectContext } from '../../tx/consensusSender.ts'
import { decodeTx, isTxDefect } from '../../tx/decodeTx.ts'
import { atLeast, type Fork } from '../../tx/fork.ts'
import { floorGas, intrinsicGas } from '../../tx/gas.ts'
import type { Tx } from '../../tx/tx.ts'
import type { Address } from '../../crypto/address.ts'
import { NOT_HEX, parseHexLine, refusal } from './inspectLines.ts'

/**
 * The JSON answer for one line of hex: what the transaction is, quantities as 0x hex as in
 * JSON-RPC, or `{"error":{"reason","message"}}`. An empty line is a transaction without bytes.
 */
export function inspectTxLine(line: string, context: InspectContext): object {
  const raw = parseHexLine(line)
  if (raw === undefined) return NOT_HEX
  const tx = decodeTx(raw)
  if (isTxDefect(tx)) return refusal(tx.reason, tx.message)
  const sender = consensusSender(tx, context)
  return typeof sender === 'string'
    ? describe(tx, sender, context.fork)
    : refusal(sender.reason, sender.message)
}

function describe(tx: Tx, sender: Address, fork: Fork): object {
  return {
    hash: tx.hash,
    sender,
    type: quantity(tx.type),
    intrinsicGas: quantity(intrinsicGas(tx, fork)),
    ...(atLeast(fork, 'prague') && { floorGas: quantity(floorGas(tx, fork)) }),
    nonce: quantity(tx.nonce),
    gasLimit: quantity(tx.gasLimit),
    to: tx.to ?? null,
    value: quantity(tx.value),
    maxFeePerGas: quantity(tx.maxFeePerGas),
    maxPriorityFeePerGas: quantity(tx.maxPriorityFeePerGas),
    chainId: tx.chainId === undefined ? null : quantity(tx.chainId),
    size: quantity(tx.raw.length),
    dataSize: quantity(tx.data.length),
    ...(tx.maxFeePerBlobGas !== undefined && { maxFeePerBlobGas: quantity(tx.maxFeePerBlobGas) }),
    ...(tx.blobVersionedHashes && { blobVersionedHashes: tx.blobVersionedHashes }),
    ...(tx.authorizationList && { authorizations: quantity(tx.authorizationList.length) }),
  }
}
