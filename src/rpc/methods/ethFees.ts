import type { Block } from '../../block/block.ts'
import { blobBaseFee } from '../../chain/rules/blobGas.ts'
import { blockNumberKind, findBlock, type BlockId } from '../blockId.ts'
import type { RpcChain } from '../context.ts'
import { quantity } from '../encode/encode.ts'
import { invalidParams, RPC_CODES, RpcError } from '../errors.ts'
import { encodeFeeHistory, suggestGasPrice, suggestTip } from '../fees.ts'
import { RPC_LIMITS } from '../limits.ts'
import { defineMethod } from '../method.ts'
import { countKind, listKind, numberKind, optional, required } from '../params.ts'

/** The `eth_` methods about fees. */
export const ethFeeMethods = [
  defineMethod({
    name: 'eth_gasPrice',
    params: [],
    result: 'quantity, wei per gas',
    summary: 'What a legacy transaction should offer: the next base fee and the suggested tip.',
    handler: ({ node }) => quantity(suggestGasPrice(node.chain)),
  }),
  defineMethod({
    name: 'eth_maxPriorityFeePerGas',
    params: [],
    result: 'quantity, wei per gas',
    summary: 'The suggested tip: the 60th percentile of the lowest tips of the last 20 blocks.',
    handler: ({ node }) => quantity(suggestTip(node.chain)),
  }),
  defineMethod({
    name: 'eth_baseFee',
    params: [],
    result: 'quantity, wei per gas, or null before London',
    summary: 'The base fee of the next block.',
    handler: ({ node }) => {
      const baseFee = node.chain.nextBaseFee()
      return baseFee === undefined ? null : quantity(baseFee)
    },
  }),
  defineMethod({
    name: 'eth_blobBaseFee',
    params: [],
    result: 'quantity, wei per blob gas',
    summary: 'The price of blob gas at the head, where the fork has blobs.',
    handler: ({ node: { chain } }) => {
      const fee = blobBaseFee(chain.config, chain.head.header)
      if (fee === undefined)
        throw new RpcError(RPC_CODES.server, 'blob base fee is not available before Cancun')
      return quantity(fee)
    },
  }),
  defineMethod({
    name: 'eth_feeHistory',
    params: [
      required('blockCount', countKind),
      required('newestBlock', blockNumberKind),
      optional('rewardPercentiles', listKind(numberKind, RPC_LIMITS.maxFeePercentiles)),
    ],
    result: 'object with oldestBlock, baseFeePerGas, gasUsedRatio, reward and the same for blobs',
    summary: 'Base fees, fullness and tips at percentiles of the gas, for up to 1,024 blocks.',
    handler: ({ node: { chain } }, count, newest, percentiles) => {
      checkPercentiles(percentiles ?? [])
      return encodeFeeHistory(chain, blocksUpTo(chain, newest, count), percentiles)
    },
  }),
]

function blocksUpTo(chain: RpcChain, newest: BlockId, count: number): Block[] {
  const last = findBlock(chain, newest)
  if (last === undefined)
    throw new RpcError(RPC_CODES.server, 'request beyond head block: newestBlock is not known')
  const blocks: Block[] = []
  const most = Math.min(count, RPC_LIMITS.maxFeeHistoryBlocks)
  for (let number = last.header.number; number >= 0n && blocks.length < most; number--) {
    const block = chain.blockByNumber(number)
    if (block === undefined) break
    blocks.push(block)
  }
  return blocks.reverse()
}

function checkPercentiles(percentiles: readonly number[]): void {
  let before = -1
  for (const [index, percentile] of percentiles.entries()) {
    if (percentile < 0 || percentile > 100)
      throw invalidParams(`invalid reward percentile: ${percentile}`)
    if (percentile <= before)
      throw invalidParams(
        `invalid reward percentile: #${index - 1}:${before} >= #${index}:${percentile}`,
      )
    before = percentile
  }
}
