/** Networks of signers over the in-memory network, in virtual time. */
import type { FinalityKeeper } from '../../src/finality/finalityFile.ts'
import type { VoteRecord } from '../../src/finality/voteRecord.ts'
import { bytesToHex } from '../../src/lib/bytes.ts'
import { testGenesis, testSigners } from './chain.ts'
import type { MemoryHub } from './network.ts'
import { syncNode, type SyncNode } from './syncNode.ts'

export interface VoterOptions {
  readonly signers: number
  readonly interval?: number
  readonly voteRecord?: VoteRecord
  readonly finalityKeeper?: FinalityKeeper
  readonly name?: string
}

/** A node that seals and votes as signer `index`. */
export function voterNode(
  hub: MemoryHub,
  index: number,
  { signers, interval = 4, name = `signer-${index}`, ...kept }: VoterOptions,
): Promise<SyncNode> {
  const signer = testSigners(signers)[index]
  const signerKey = signer === undefined ? '' : bytesToHex(signer.privateKey)
  return syncNode(hub, {
    name,
    genesis: testGenesis({ signers }),
    settings: { signerKey, finalityInterval: interval },
    seed: index + 1,
    ...kept,
  })
}

/** The signers of `indexes`, each linked to each. */
export async function voterNetwork(
  hub: MemoryHub,
  options: VoterOptions,
  indexes: readonly number[] = Array.from({ length: options.signers }, (_, index) => index),
): Promise<readonly SyncNode[]> {
  const nodes: SyncNode[] = []
  for (const index of indexes) {
    const node = await voterNode(hub, index, options)
    for (const other of nodes) hub.link(other.network, node.network)
    nodes.push(node)
  }
  await hub.settle()
  return nodes
}

/** Lets `seconds` pass, in steps that a sealer and a voter need. */
export async function passSeconds(hub: MemoryHub, seconds: number): Promise<void> {
  await hub.run(seconds * 1_000, 100)
}
