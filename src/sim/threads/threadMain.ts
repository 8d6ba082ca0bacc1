/** A follower: it has a part of the nodes, and the whole world around them. */
import { virtual } from '../install.ts'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../lib/assert.ts'
import { planOf, withSettings } from '../../scenario/plan.ts'
import { ownHeap } from '../heapWatch.ts'
import { makeNetwork } from '../threadNetwork.ts'
import { inSlices } from '../time/slices.ts'
import { planStart } from '../planStart.ts'
import { Control } from './control.ts'
import { Mailroom } from './mailroom.ts'
import { OrderTaker } from './orderTaker.ts'
import type { Order, Reply, ThreadStart } from './orders.ts'

/** A follower that waits for its next turn looks at its event loop after this, real ms. */
const PATIENCE_MS = 25
/** Turns between two looks at the heap. */
const TURNS_PER_LOOK = 16

const { partition, memory, orders, ...start } = workerData as ThreadStart
const control = new Control(start.control)
const mail = new Mailroom(partition, start.mail)
const heap = ownHeap()
const network = makeNetwork({
  plan: withSettings(planOf(start.scenario), start.settings),
  engine: start.engine,
  shortcuts: new Set(start.shortcuts),
  virtual,
  partition,
  memory,
  away: mail,
})
const { world } = network
let turns = 0
const taker = new OrderTaker(network, heap)

function runUntil(tick: number): void {
  mail.takeIn(turns++, world.connections)
  world.time.runThrough(tick)
  mail.post(turns, world.time.nowMs)
}

function takeOrder(): void {
  const order = receiveMessageOnPort(orders)?.message as Order
  world.time.moveTo(order.tick)
  reply({ value: taker.take(order.task) })
}

function reply(one: Reply): void {
  orders.postMessage(one, [])
}

/** One turn, if it comes soon. */
function serve(): void {
  const turn = control.next(PATIENCE_MS)
  if (turn === undefined) return
  if (turns % TURNS_PER_LOOK === 0) control.usedBytes = heap.figures().usedBytes
  let hasFailed = false
  try {
    if (turn.untilTick === undefined) takeOrder()
    else runUntil(turn.untilTick)
  } catch (error) {
    hasFailed = true
    reply({ failure: messageOf(error) })
  }
  const nextTick = Math.min(world.time.nextTick, mail.takeNextTick())
  control.end({ nextTick, events: world.time.eventsOfNodes, answers: taker.answers, hasFailed })
}

planStart(network)
parentPort?.postMessage('ready', [])
inSlices(virtual.real, serve)
