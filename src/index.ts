/**
 * The library: what other programs may import, and the one door to it. What stands here is under semantic versioning;
 * `docs/library.md` describes it, and `docs/library.api.md` lists it whole.
 */
import './lib/polyfill.ts'

export {
  startTestNetwork as startDevnet,
  type OwnLoad,
  type TestNetwork,
  type TestNetworkOptions,
  type TestPeer,
} from './library/testNetwork.ts'
export type { PeerArrival, NetworkTimeline } from './library/spread.ts'
export type { Transfer } from './library/transfers.ts'
export type { DevnetAccount } from './devnet/accounts.ts'
export type { TxPlan } from './scenario/planLoad.ts'
export type { Report } from './measure/report.ts'
export type { Timeline } from './trace/timelines.ts'
export { RpcAnswerError } from './rpc/client/rpcClient.ts'
export { UserError } from './lib/userError.ts'
