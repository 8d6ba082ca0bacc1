/**
 * What fees to offer: a tip from the recent past, and the past itself for those who want to judge
 * on their own.
 */
import { quantity } from './encode/encode.ts'
import { effectiveTip } from '../tx/gas.ts'
import type { Block } from '../block/block.ts'
import { nextBaseFee } from '../block/baseFee.ts'
import type { Receipt } from '../block/receipt.ts'
import { forkAt } from '../chain/genesis/forks.ts'
import { blobBaseFee, maxBlobGas, nextBlobBaseFee } from '../chain/rules/blobGas.ts'
import type { Hash } from '../crypto/keccak.ts'
import { atLeast } from '../tx/fork.ts'
import type { RpcChain } from './context.ts'
import type { Json, JsonObject } from './server/json.ts'

/**
 * Blocks looked at for a tip, the tips taken of each (the lowest), and the percentile of those.
 * geth's values.
 */
const TIP_BLOCKS = 20
const TIPS_PER_BLOCK = 3
const TIP_PERCENTILE = 60
/** Wei per gas where the recent past says nothing, and the most that is ever suggested. */
const DEFAULT_TIP = 1_000_000_000n
const MAX_TIP = 500_000_000_000n
/** Tips below are no price, wei per gas. */
const LEAST_TIP = 2n

/** The last suggestion for each chain. It holds until there is another head. */
const tips = new WeakMap<RpcChain, { readonly head: Hash; readonly tip: bigint }>()

/** Wei per gas to offer above the base fee. */
export function suggestTip(chain: RpcChain): bigint {
  const head = chain.head.hash
  const known = tips.get(chain)
  if (known?.head === head) return known.tip
  const tip = tipOfRecentBlocks(chain)
  tips.set(chain, { head, tip })
  return tip
}

/** Wei per gas that a legacy transaction should offer to get into the next block. */
export function suggestGasPrice(chain: RpcChain): bigint {
  return suggestTip(chain) + (chain.nextBaseFee() ?? 0n)
}

/** The blocks that eth_feeHistory tells of, oldest first, as execution-apis lays it out. */
export function encodeFeeHistory(
  chain: RpcChain,
  blocks: readonly Block[],
  percentiles: readonly number[] | undefined,
): JsonObject {
  const last = blocks.at(-1)
  if (last === undefined) return { oldestBlock: '0x0', gasUsedRatio: [] }
  const { config } = chain
  const rewards = percentiles !== undefined && percentiles.length > 0
  return {
    oldestBlock: quantity(blocks[0]?.header.number ?? 0n),
    ...(rewards && { reward: blocks.map((block) => rewardsOf(chain, block, percentiles)) }),
    baseFeePerGas: [
      ...blocks.map(({ header }) => quantity(header.baseFeePerGas ?? 0n)),
      quantity(baseFeeAfter(chain, last)),
    ],
    gasUsedRatio: blocks.map(({ header }) => ratio(header.gasUsed, header.gasLimit)),
    baseFeePerBlobGas: [
      ...blocks.map(({ header }) => quantity(blobBaseFee(config, header) ?? 0n)),
      quantity(nextBlobBaseFee(config, last.header) ?? 0n),
    ],
    blobGasUsedRatio: blocks.map(({ header }) =>
      ratio(header.blobGasUsed ?? 0n, maxBlobGas(config, header.timestamp)),
    ),
  }
}

/**
 * The tips at the percentiles of a block's gas, cheapest first: half of the gas paid no more than
 * the 50th.
 */
export function rewardsAt(
  paid: readonly { readonly tip: bigint; readonly gas: bigint }[],
  gasUsed: bigint,
  percentiles: readonly number[],
): bigint[] {
  const rising = [...paid].sort((a, b) => (a.tip < b.tip ? -1 : Number(a.tip > b.tip)))
  let index = 0
  let gas = rising[0]?.gas ?? 0n
  return percentiles.map((percentile) => {
    const threshold = BigInt(Math.floor((Number(gasUsed) * percentile) / 100))
    while (gas < threshold && index < rising.length - 1) gas += rising[++index]?.gas ?? 0n
    return rising[index]?.tip ?? 0n
  })
}

/** Weighted by the gas used; where nobody executed the block, by the gas limits. */
function rewardsOf(chain: RpcChain, block: Block, percentiles: readonly number[]): Json {
  const receipts = chain.receipts(block.hash)
  const baseFee = block.header.baseFeePerGas ?? 0n
  const paid = block.transactions.map((tx, index) => ({
    tip: effectiveTip(tx, baseFee),
    gas: receipts === undefined ? tx.gasLimit : gasUsedBy(receipts, index),
  }))
  const gas = paid.reduce((sum, { gas }) => sum + gas, 0n)
  return rewardsAt(paid, gas, percentiles).map(quantity)
}

function gasUsedBy(receipts: readonly Receipt[], index: number): bigint {
  const total = receipts[index]?.cumulativeGasUsed ?? 0n
  return total - (receipts[index - 1]?.cumulativeGasUsed ?? 0n)
}

function baseFeeAfter({ config }: RpcChain, { header }: Block): bigint {
  const fork = forkAt(config, header.number + 1n, header.timestamp)
  return atLeast(fork, 'london') ? nextBaseFee(header) : 0n
}

function ratio(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number(part) / Number(whole)
}

function tipOfRecentBlocks(chain: RpcChain): bigint {
  const sample: bigint[] = []
  let block: Block | undefined = chain.head
  for (let i = 0; i < TIP_BLOCKS && block !== undefined; i++) {
    sample.push(...lowestTips(block))
    block = chain.block(block.header.parentHash)
  }
  const rising = sample.sort((a, b) => (a < b ? -1 : Number(a > b)))
  const tip = rising[Math.floor(((rising.length - 1) * TIP_PERCENTILE) / 100)] ?? DEFAULT_TIP
  return tip < MAX_TIP ? tip : MAX_TIP
}

function lowestTips({ transactions, header }: Block): bigint[] {
  const baseFee = header.baseFeePerGas ?? 0n
  return transactions
    .map((tx) => effectiveTip(tx, baseFee))
    .filter((tip) => tip >= LEAST_TIP)
    .sort((a, b) => (a < b ? -1 : Number(a > b)))
    .slice(0, TIPS_PER_BLOCK)
}
