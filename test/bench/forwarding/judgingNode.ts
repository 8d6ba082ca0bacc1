/**
 * Our node between the two ends: its network, relay, pool, chain, trace and verifier thread, as
 * they run in a node.
 */
import '../../../src/lib/polyfill.ts'
import { createVerifier } from '../../../src/crypto/verifier.ts'
import { topicNames } from '../../../src/gossip/topics/topicNames.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { createLibp2pNetwork } from '../../../src/p2p/libp2pNetwork.ts'
import { ITEM_KINDS, KINDS } from '../../../src/item/itemKinds.ts'
import { topicOptions } from '../../../src/p2p/router/topics.ts'
import { Timelines } from '../../../src/trace/timelines.ts'
import { startJudgingNode } from '../judgingNode.ts'
import { genesisFor } from '../transfers.ts'
import { onCommand, reportCpu, tellStage } from './messages.ts'
import { EDGES, planOfArguments } from './plan.ts'

const plan = planOfArguments()
const genesis = genesisFor(plan.senders)
const names = topicNames(genesis.hash)
const network = await createLibp2pNetwork({
  topics: KINDS.map((kind) => topicOptions(names[kind], ITEM_KINDS[kind])),
})
const verifier = await createVerifier({ clock: systemClock })
startJudgingNode({ genesis, network, verifier, trace: new Timelines() })
onCommand(reportCpu)
const endWaiting = network.onHeartbeat(() => {
  const view = network.mesh().find(({ topic }) => topic === names.tx)
  if (view === undefined || view.mesh.length < EDGES) return
  endWaiting()
  tellStage({ kind: 'linked' })
})
tellStage({ kind: 'address', address: network.addresses()[0] ?? '' })
