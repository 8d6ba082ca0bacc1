/**
 * Why a transaction that a peer accepted is in no block, for `submit --wait`: asked of that peer by
 * JSON-RPC.
 */
import { isRecord } from '../../lib/records.ts'
import type { RpcClient } from '../../rpc/client/rpcClient.ts'

interface Pending {
  readonly from: string
  readonly nonce: bigint
  readonly maxFeePerGas: bigint
  readonly maxCost: bigint
}

/**
 * One reason, the first that holds. Rejects where the peer does not answer.
 *
 * @param sawBlock whether a new block came while the transaction was waited for.
 */
export async function whyStuck(
  peer: Pick<RpcClient, 'call'>,
  hash: string,
  sawBlock: boolean,
): Promise<string> {
  const tx = readPending(await peer.call('eth_getTransactionByHash', [hash]))
  if (tx === undefined) return 'the pool no longer has it: submit it again'
  const { from, nonce } = tx
  const next = await amount(peer, 'eth_getTransactionCount', [from, 'latest'])
  const executable = await amount(peer, 'eth_getTransactionCount', [from, 'pending'])
  if (nonce > executable)
    return `nonce gap: it has nonce ${nonce}, and nonce ${executable} of ${from} is missing`
  const defect = (await feeDefect(peer, tx)) ?? (await fundsDefect(peer, tx))
  if (defect !== undefined) return defect
  if (!sawBlock) return 'no new block came: no signer seals, or the peer is cut off from them'
  return nonce > next
    ? `it waits for nonce ${next} of ${from}, which is in no block yet`
    : 'it is executable and no block took it yet: blocks are full, or its tip is low'
}

async function feeDefect(
  peer: Pick<RpcClient, 'call'>,
  { maxFeePerGas }: Pending,
): Promise<string | undefined> {
  const baseFee = await peer.call('eth_baseFee')
  if (typeof baseFee !== 'string' || maxFeePerGas >= BigInt(baseFee)) return undefined
  return `fee under base fee: it pays at most ${maxFeePerGas} wei per gas, the next block asks ${BigInt(baseFee)}`
}

async function fundsDefect(
  peer: Pick<RpcClient, 'call'>,
  { from, maxCost }: Pending,
): Promise<string | undefined> {
  const balance = await amount(peer, 'eth_getBalance', [from, 'latest'])
  if (balance >= maxCost) return undefined
  return `sender without funds: it may cost ${maxCost} wei, ${from} has ${balance}`
}

async function amount(
  peer: Pick<RpcClient, 'call'>,
  method: string,
  params: readonly unknown[],
): Promise<bigint> {
  return quantityOf(await peer.call(method, params))
}

/** Zero for a field that is left out. */
function quantityOf(value: unknown): bigint {
  return typeof value === 'string' ? BigInt(value) : 0n
}

function readPending(answer: unknown): Pending | undefined {
  if (!isRecord(answer)) return undefined
  const quantity = (name: string): bigint => quantityOf(answer[name])
  const maxFeePerGas = quantity('maxFeePerGas') || quantity('gasPrice')
  return {
    from: String(answer['from']),
    nonce: quantity('nonce'),
    maxFeePerGas,
    maxCost: quantity('value') + quantity('gas') * maxFeePerGas,
  }
}
