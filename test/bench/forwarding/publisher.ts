/**
 * Publishes every transaction of the plan through a bare router, as fast as they come out at the
 * other end.
 */
import '../../../src/lib/polyfill.ts'
import { multiaddr } from '@multiformats/multiaddr'
import { startBareRouter } from './bareRouter.ts'
import { onCommand, reportCpu, tellStage } from './messages.ts'
import { planOfArguments, readTxs, WINDOW } from './plan.ts'

const plan = planOfArguments()
const txs = readTxs(plan)
const host = await startBareRouter()
const { pubsub } = host.services
let sent = 0
let limit = 0
let sending = false

onCommand((command) => {
  reportCpu(command)
  if (command.kind === 'dial') void host.dial(multiaddr(command.address))
  if (command.kind === 'publish') void sendUpTo(WINDOW)
  if (command.kind === 'delivered') void sendUpTo(command.count + WINDOW)
})
pubsub.subscribe(plan.topic)
tellStage({ kind: 'up' })

async function sendUpTo(newLimit: number): Promise<void> {
  limit = Math.min(newLimit, txs.length)
  if (sending) return
  sending = true
  for (let tx = txs[sent]; tx !== undefined && sent < limit; tx = txs[sent]) {
    sent++
    await pubsub.publish(plan.topic, tx)
  }
  sending = false
}
