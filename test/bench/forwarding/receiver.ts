/** Subscribes through a bare router at the node it is told to dial, and counts what comes. */
import '../../../src/lib/polyfill.ts'
import { multiaddr } from '@multiformats/multiaddr'
import { startBareRouter } from './bareRouter.ts'
import { onCommand, reportCpu, tellStage } from './messages.ts'
import { DELIVERED_EVERY, planOfArguments } from './plan.ts'

const { topic, warmUp, count } = planOfArguments()
const host = await startBareRouter()
const { pubsub } = host.services
let received = 0
let startMs = 0

pubsub.addEventListener('message', () => {
  received++
  if (received === warmUp) {
    startMs = performance.now()
    tellStage({ kind: 'warm' })
  }
  if (received % DELIVERED_EVERY === 0) tellStage({ kind: 'delivered', count: received })
  if (received !== count) return
  const seconds = (performance.now() - startMs) / 1000
  tellStage({ kind: 'done', perS: (count - warmUp) / seconds })
})
pubsub.subscribe(topic)
onCommand((command) => {
  reportCpu(command)
  if (command.kind === 'dial') void host.dial(multiaddr(command.address))
})
tellStage({ kind: 'up' })
