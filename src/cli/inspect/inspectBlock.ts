/**
 * One block, judged by what it says itself, by the rules that every node judges it by
 * (chain/rules/blockCheck.ts). What needs the parent or the accounts is for a node to judge, and
 * without a genesis what needs the chain's configuration.
 */
import { quantity } from '../../rpc/encode/encode.ts'
import { decodeBlock, type Block } from '../../block/block.ts'
import { cliqueSigner, cliqueSigners } from '../../block/clique.ts'
import { isBlockDefect } from '../../block/defect.ts'
import type { Header } from '../../block/header.ts'
import { consensusOf } from '../../chain/genesis/consensus.ts'
import { forkAt } from '../../chain/genesis/forks.ts'
import type { Genesis } from '../../chain/genesis/genesis.ts'
import { firstBrokenBlockRule } from '../../chain/rules/blockCheck.ts'
import {
  BODY_RULES,
  bodyFacts,
  BLOCK_SENDER_RULES,
  type BodyFacts,
} from '../../chain/rules/bodyRules.ts'
import { CHAIN_HEADER_RULES, OWN_HEADER_RULES } from '../../chain/rules/headerRules.ts'
import { firstBrokenSealRule, SEAL_RULES, type SealView } from '../../chain/rules/sealRules.ts'
import type { Address } from '../../crypto/address.ts'
import type { Fork } from '../../tx/fork.ts'
import { recoverSender } from '../../tx/signature.ts'
import { NOT_HEX, parseHexLine, refusal, type PrintedRefusal } from './inspectLines.ts'

/** The rules by which blocks are judged. */
export interface InspectBlockContext {
  readonly chainId: bigint
  /** `undefined` takes the fork that the genesis gives for the block's number and time. */
  readonly fork: Fork | undefined
  readonly genesis?: Genesis
}

/** A sealed header's extra data: 32 bytes of vanity and 65 of seal (EIP-225). */
const SEALED_EXTRA_BYTES = 97

/** The JSON answer for one line of hex, or `{"error":{"reason","message"}}`. */
export function inspectBlockLine(line: string, context: InspectBlockContext): object {
  const raw = parseHexLine(line)
  if (raw === undefined) return NOT_HEX
  const block = decodeBlock(raw)
  if (isBlockDefect(block)) return refusal(block.reason, block.message)
  const fork = context.fork ?? forkOf(block.header, context.genesis)
  return brokenBlock(block, fork, context) ?? describe(block, context.genesis)
}

function forkOf(header: Header, genesis: Genesis | undefined): Fork {
  return genesis === undefined ? 'osaka' : forkAt(genesis.config, header.number, header.timestamp)
}

function brokenBlock(
  block: Block,
  fork: Fork,
  { chainId, genesis }: InspectBlockContext,
): PrintedRefusal | undefined {
  const known = genesis && bodyFacts(genesis.config, block.header)
  const facts = { blobBaseFee: known?.blobBaseFee, fork, chainId }
  return (
    brokenHeader(block.header, fork, genesis) ??
    brokenSeal(block, genesis) ??
    asRefusal(firstBrokenBlockRule(BODY_RULES, block, facts)) ??
    brokenSenders(block, facts)
  )
}

function brokenHeader(
  header: Header,
  fork: Fork,
  genesis: Genesis | undefined,
): PrintedRefusal | undefined {
  const own = OWN_HEADER_RULES.find((rule) => !rule.holds(header, { fork }))
  if (own !== undefined) return asRefusal(own)
  if (genesis === undefined) return undefined
  const { config } = genesis
  const context = { fork, config, consensus: consensusOf(header, header, config) }
  return asRefusal(CHAIN_HEADER_RULES.find((rule) => !rule.holds(header, context)))
}

function brokenSeal(block: Block, genesis: Genesis | undefined): PrintedRefusal | undefined {
  const { header } = block
  if (genesis === undefined || consensusOf(header, header, genesis.config) !== 'clique')
    return undefined
  const reason = firstBrokenSealRule(block, sealView(genesis))
  return asRefusal(SEAL_RULES.find((rule) => rule.reason === reason))
}

/** A chain of which nothing but the genesis is known: who signed before the block is not. */
function sealView({ config, header }: Genesis): SealView {
  return {
    config,
    signers: cliqueSigners(header.extraData),
    header: () => undefined,
    sealer: (_, sealed) => cliqueSigner(sealed),
  }
}

function brokenSenders(block: Block, facts: BodyFacts): PrintedRefusal | undefined {
  const senders: Address[] = []
  for (const [index, tx] of block.transactions.entries()) {
    const sender = recoverSender(tx)
    if (sender === undefined)
      return refusal('bad-signature', `transaction ${index}: no key can have made this signature`)
    senders.push(sender)
  }
  return asRefusal(firstBrokenBlockRule(BLOCK_SENDER_RULES, block, { ...facts, senders }))
}

function asRefusal(broken: PrintedRefusal['error'] | undefined): PrintedRefusal | undefined {
  return broken && refusal(broken.reason, broken.message)
}

function describe(block: Block, genesis: Genesis | undefined): object {
  const { header } = block
  const signer = signerOf(header, genesis)
  return {
    hash: block.hash,
    number: quantity(header.number),
    parentHash: header.parentHash,
    transactions: block.transactions.length,
    ...(signer !== undefined && { signer }),
    timestamp: quantity(header.timestamp),
    gasUsed: quantity(header.gasUsed),
    gasLimit: quantity(header.gasLimit),
    size: quantity(block.raw.length),
  }
}

/**
 * Without a genesis a header counts as sealed if it has the room for a seal, which no mined or
 * merged one has.
 */
function signerOf(header: Header, genesis: Genesis | undefined): Address | undefined {
  const isClique = genesis === undefined || genesis.config.clique !== undefined
  const isSealed = header.difficulty > 0n && header.extraData.length >= SEALED_EXTRA_BYTES
  return isClique && isSealed ? cliqueSigner(header) : undefined
}
