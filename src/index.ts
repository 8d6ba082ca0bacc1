/**
 * The library: what other programs may import, and the one door to it. What stands here is under
 * semantic versioning; `docs/library.md` describes it, and `docs/library.api.md` lists it whole.
 */
import './lib/polyfill.ts'

export {
  startTestNetwork as startDevnet,
  type OwnLoad,
  type TestNetwork,
  type TestNetworkOptions,
  type TestPeer,
} from './library/testNetwork.ts'
export type { NetworkTimeline, PeerArrival } from './library/spread.ts'
export type { Transfer } from './library/transfers.ts'
export type { DevnetAccount } from './devnet/accounts.ts'
export type { TxPlan } from './scenario/planLoad.ts'

export {
  startOwnNode as startNode,
  type OwnNode,
  type OwnNodeOptions,
  type OwnRule,
  type Submitted,
} from './library/ownNode.ts'
export type { OwnTopic } from './peer/ownTopics.ts'
export type { Settings } from './node/settings/settings.ts'
export type { Verdict } from './gossip/rules/verdict.ts'

export {
  compareRuns as compareReports,
  runScenarioOnPeers as runScenario,
  simulateScenario as simulate,
  type ComparisonOptions,
  type ScenarioInput,
  type ScenarioRunOptions,
  type VirtualRunOptions,
} from './library/scenarioRuns.ts'
export type { Comparison } from './measure/compare/compare.ts'
export type { Report } from './measure/report.ts'
export { readReport, writeReport } from './measure/reportFile.ts'

export {
  decodeSignedTx as decodeTx,
  judgeTx as judge,
  type Decoded,
  type Judged,
  type JudgeOptions,
} from './library/judge.ts'
export type { Tx } from './tx/tx.ts'
export type { TxDefect } from './tx/defect.ts'
export type { Fork } from './tx/fork.ts'

export {
  grapevineActions,
  type FindAnswer,
  type GrapevineActions,
  type NetworkMember,
  type MeshAnswer,
  type RequestingClient,
} from './library/viemActions.ts'
export type { NetworkFigure } from './instrument/port.ts'
export type { Timeline } from './trace/timelines.ts'
export type { Hash } from './crypto/keccak.ts'
export type { Address } from './crypto/address.ts'
export type { Hex } from './lib/bytes.ts'
export { RpcAnswerError } from './rpc/client/rpcClient.ts'
export { UserError } from './lib/userError.ts'
