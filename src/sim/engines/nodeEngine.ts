/** Engine `node`: whole nodes of this project, each on a network of its own in virtual time. */
import { devnetGenesis } from '../../chain/genesis/devnetGenesis.ts'
import { parseGenesis, type Genesis } from '../../chain/genesis/genesis.ts'
import { DEVNET_MNEMONIC, mnemonicAccount } from '../../crypto/accounts.ts'
import { DEVNET_ACCOUNTS, devnetAccounts, spareAccount } from '../../devnet/accounts.ts'
import { topicNames } from '../../gossip/topics/topicNames.ts'
import { ITEM_KINDS, KINDS } from '../../item/itemKinds.ts'
import { bytesToHex } from '../../lib/bytes.ts'
import { topicOptions } from '../../p2p/router/topics.ts'
import type { ScenarioPlan } from '../../scenario/plan.ts'
import { CORE_COSTS, namedCosts } from '../links/core.ts'
import type { SimMachine } from '../links/machine.ts'
import type { NodeSetup } from '../nodeSettings.ts'
import { MEASURED_COSTS } from './costs.ts'
import { distantWholeNode } from './distantNodes.ts'
import type { Engine, SimWorld } from './engine.ts'
import { sampleRouter } from './sampleRouter.ts'
import { RouterShortcuts, type Shortcuts } from '../shortcuts/shortcuts.ts'
import { simRoster } from './simRoster.ts'
import { sharedJudging } from './sharedJudging.ts'
import { SharedIds } from './sharedIds.ts'
import type { Partition } from '../threads/partition.ts'
import { FinalBlocks } from '../record/finalBlocks.ts'
import { SignerMemory } from '../record/signerMemory.ts'
import { WholeNode, type NodeWorld } from './wholeNode.ts'

/** As devnets have it. */
export const SIM_CHAIN_ID = 1337
/** Blocks give points, so scores cannot be lazy; the node's own hooks forward in their own way. */
const ROUTER_ONLY: Shortcuts = new Set(['lazy scores', 'lean forwarding'])

/** The world and the plan that the nodes are made for. */
export interface NodeEngineOptions {
  readonly world: SimWorld
  readonly plan: ScenarioPlan
  readonly setupOf: (machine: SimMachine) => NodeSetup
  readonly shortcuts: Shortcuts
  /** The nodes that are made here; all unless given. */
  readonly partition?: Partition | undefined
}

/** The engine for one run; its nodes share what each would find out alike. */
export function nodeEngine(options: NodeEngineOptions): Engine {
  const { world, plan, setupOf, shortcuts, partition } = options
  const signers = signerAccounts(plan)
  const genesis = genesisOf(plan)
  const names = topicNames(genesis.hash)
  const shared: NodeWorld = {
    world,
    genesis,
    names,
    ids: new SharedIds(KINDS.map((kind) => topicOptions(names[kind], ITEM_KINDS[kind]))),
    judging: sharedJudging(),
    senders: new Map(),
    costs: MEASURED_COSTS,
    nodes: new Map(),
    disks: new Map(),
    roster: simRoster(genesis, machinesAtFirst(world, plan), signers.length),
    begun: new Set(),
    hostile: hostileNodes(plan),
    fitted: new RouterShortcuts(new Set([...shortcuts].filter((name) => !ROUTER_ONLY.has(name))), {
      sample: sampleRouter(),
      time: world.time,
      nodes: world.machines.length,
      partition,
    }),
    finals: new FinalBlocks(),
    signerMemory: new SignerMemory(),
  }
  return {
    name: 'node',
    chainId: SIM_CHAIN_ID,
    periodS: plan.chain.periodS,
    costs: chargedCosts(plan),
    makeNode: (machine) => {
      const signer = signers[machine.index]
      const key = signer === undefined ? '' : bytesToHex(signer.privateKey)
      return new WholeNode(machine, shared, setupOf(machine), key)
    },
    standIn: (machine, questions) =>
      distantWholeNode(machine.index, setupOf(machine).settings, questions),
    finality: () => shared.finals.sums([...shared.nodes.values()].map(({ node }) => node.finality)),
    close: async () => shared.fitted.undo(),
  }
}

/** What a node pays alone, or what its process pays. */
function chargedCosts({ network }: ScenarioPlan): Engine['costs'] {
  const { recoveryMs, txMs } = MEASURED_COSTS
  return network.processes === undefined
    ? { recovery: recoveryMs, transaction: txMs }
    : namedCosts(CORE_COSTS)
}

/**
 * Those that run from the start on: they know each other when the plan begins. Who joins later is
 * told.
 */
function machinesAtFirst(
  { machines }: SimWorld,
  { lateNodes }: ScenarioPlan,
): readonly SimMachine[] {
  return machines.slice(0, machines.length - lateNodes)
}

/** The genesis that a devnet of this plan has, so that hashes are those of real runs. */
function genesisOf(plan: ScenarioPlan): Genesis {
  const { periodS, gasLimit } = plan.chain
  const accounts = [...devnetAccounts(plan.senders), spareAccount()].map(({ address }) => address)
  const signers = signerAccounts(plan)
  return parseGenesis(
    devnetGenesis({
      chainId: SIM_CHAIN_ID,
      periodS,
      gasLimit,
      accounts,
      signers: signers.map(({ address }) => address),
    }),
  )
}

/** The first nodes seal, one signer each. */
function signerAccounts({ chain, senders, network }: ScenarioPlan) {
  const count = Math.min(network.nodes.length, chain.signers)
  return Array.from({ length: count }, (_, index) =>
    mnemonicAccount(DEVNET_MNEMONIC, Math.max(DEVNET_ACCOUNTS, senders) + index),
  )
}

/** Nodes that the plan makes misbehave at some time. */
export function hostileNodes({ faults }: ScenarioPlan): ReadonlySet<number> {
  return new Set(faults.flatMap(({ fault }) => (fault.kind === 'hostile' ? fault.peers : [])))
}
