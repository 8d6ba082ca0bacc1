/**
 * What every node of a simulation would find out alike is found out once: how a transaction or a
 * block decodes, who sealed a header, what comes of a block after its parent. Objects are shared;
 * nobody changes them.
 */
import { decodeBody, peekBlock, type Block } from '../../block/block.ts'
import { cliqueSigner } from '../../block/clique.ts'
import type { Header } from '../../block/header.ts'
import type { ChainWork } from '../../chain/chainWork.ts'
import { brokenBodyRule } from '../../chain/rules/blockCheck.ts'
import { outcomeOf, type Parent } from '../../chain/rules/judgeBlock.ts'
import type { Hash } from '../../crypto/keccak.ts'
import { signerOf } from '../../finality/vote.ts'
import type { Clock } from '../../lib/clock.ts'
import type { SharedJudging } from '../../node/node.ts'
import { decodeTx } from '../../tx/decodeTx.ts'
import type { TxDefect } from '../../tx/defect.ts'
import type { Tx } from '../../tx/tx.ts'
import { CORE_COSTS, type Core } from '../links/core.ts'

/** Work shared by the judges of nodes, and by their chains. */
export interface SimJudging {
  readonly nodes: SharedJudging
  readonly chains: ChainWork
}

/** Shared work for the nodes of one run. */
export function sharedJudging(): SimJudging {
  const txs = new Map<Hash, Tx | TxDefect>()
  const voters = new Map<Hash, { readonly found: ReturnType<typeof signerOf> }>()
  const headers = new WeakMap<Uint8Array, ReturnType<typeof peekBlock>>()
  const blocks = new WeakMap<object, ReturnType<typeof decodeBody>>()
  const signers = new WeakMap<Header, { readonly found: ReturnType<typeof cliqueSigner> }>()
  const bodies = new WeakMap<Block, { readonly found: ReturnType<typeof brokenBodyRule> }>()
  const outcomes = new WeakMap<object, Map<Hash, ReturnType<typeof outcomeOf>>>()
  return {
    nodes: {
      decodeTx: (raw, hash) => {
        if (hash === undefined) return decodeTx(raw)
        return txs.get(hash) ?? remember(txs, hash, decodeTx(raw, hash))
      },
      peekBlock: (raw) => headers.get(raw) ?? remember(headers, raw, peekBlock(raw)),
      decodeBody: (peeked, txOf) =>
        blocks.get(peeked) ?? remember(blocks, peeked, decodeBody(peeked, txOf)),
      voterOf: (domain, vote) =>
        (voters.get(vote.hash) ?? remember(voters, vote.hash, { found: signerOf(domain, vote) }))
          .found,
    },
    chains: {
      signerOf: (header) =>
        (signers.get(header) ?? remember(signers, header, { found: cliqueSigner(header) })).found,
      brokenBodyRule: (block, config) =>
        (bodies.get(block) ?? remember(bodies, block, { found: brokenBodyRule(block, config) }))
          .found,
      execute: (check, parent) => {
        const after = outcomesAfter(outcomes, parent)
        const { hash } = check.block
        return after.get(hash) ?? remember(after, hash, outcomeOf(check, parent))
      },
    },
  }
}

/** The same for a node whose process has a core, which blocks take their time of. */
export function judgingOn(
  core: Core | undefined,
  clock: Pick<Clock, 'monotonicMs'>,
  judging: SharedJudging,
): SharedJudging {
  if (core === undefined) return judging
  return {
    ...judging,
    decodeBody: (peeked, txOf) => {
      const block = judging.decodeBody(peeked, txOf)
      const count = 'transactions' in block ? block.transactions.length : 0
      core.use(CORE_COSTS.blockMs + count * CORE_COSTS.blockTxMs, clock.monotonicMs())
      return block
    },
  }
}

/** By the state of the parent where there is one: states are shared because outcomes are. */
function outcomesAfter<T>(
  all: WeakMap<object, Map<Hash, T>>,
  { state, header }: Parent,
): Map<Hash, T> {
  const key = state ?? header
  return all.get(key) ?? remember(all, key, new Map<Hash, T>())
}

function remember<K, V>(into: { set(key: K, value: V): unknown }, key: K, value: V): V {
  into.set(key, value)
  return value
}
