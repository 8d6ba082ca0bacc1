/** The baseline between the two ends: forwards whatever it is sent. */
import '../../../src/lib/polyfill.ts'
import { startBareRouter } from './bareRouter.ts'
import { onCommand, reportCpu, tellStage } from './messages.ts'
import { EDGES, planOfArguments } from './plan.ts'

const { topic } = planOfArguments()
const host = await startBareRouter()
const { pubsub } = host.services
let grafted = 0
pubsub.addEventListener('gossipsub:graft', () => {
  grafted++
  if (grafted === EDGES) tellStage({ kind: 'linked' })
})
pubsub.subscribe(topic)
onCommand(reportCpu)
tellStage({ kind: 'address', address: String(host.getMultiaddrs()[0]) })
