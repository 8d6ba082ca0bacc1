/**
 * The script of libp2p's gossipsub-interop (github.com/libp2p/test-plans,
 * `gossipsub-interop/script_instruction.py`): one list of instructions for all nodes, some of them
 * for one node alone. It is read whole before anything runs, so that a node refuses a script that
 * it cannot follow instead of following half of it.
 */
import { z } from 'zod'
import { messageOf } from '../lib/assert.ts'
import { checkedForm } from '../lib/checkedForm.ts'
import { isRecord } from '../lib/records.ts'
import { PREFIX_BYTES } from '../p2p/router/prefixIds.ts'
import { readGoParameters, type RouterSettings } from './goParameters.ts'
import { MAX_NODE_ID } from './nodeId.ts'

/** The router names the kind of a topic by one byte. */
const MAX_TOPICS = 256
/** The router's largest frame is 10 MiB; the rest is for the envelope. */
const MAX_MESSAGE_BYTES = 10 * 1024 * 1024 - 1024
const MAX_SECONDS = 1_000_000
/** An instruction within an instruction within ...: the framework has one level. */
const MAX_NESTING = 8

const nodeId = z.int().min(0).max(MAX_NODE_ID)
const seconds = z.number().min(0).max(MAX_SECONDS)
const topicID = z.string().min(1).max(1024)

const stepForm = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('connect'), connectTo: z.array(nodeId) }),
  z.strictObject({ type: z.literal('waitUntil'), elapsedSeconds: seconds }),
  z.strictObject({
    type: z.literal('publish'),
    messageID: z.int().min(0),
    messageSizeBytes: z.int().min(PREFIX_BYTES).max(MAX_MESSAGE_BYTES),
    topicID,
  }),
  z.strictObject({
    type: z.literal('subscribeToTopic'),
    topicID,
    partial: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('setTopicValidationDelay'), topicID, delaySeconds: seconds }),
])
const initForm = z.strictObject({
  type: z.literal('initGossipSub'),
  gossipSubParams: z.record(z.string(), z.unknown()),
})
const conditionForm = z.strictObject({
  type: z.literal('ifNodeIDEquals'),
  nodeID: nodeId,
  instruction: z.unknown(),
})

/** What a node does, one after another. */
export type Step = z.infer<typeof stepForm>

/** A script as one node follows it. */
export interface NodeScript {
  readonly router: RouterSettings
  /** All topics of the script, those of other nodes too. */
  readonly topics: readonly string[]
  readonly steps: readonly Step[]
}

const STEPS = ['connect', 'waitUntil', 'publish', 'subscribeToTopic', 'setTopicValidationDelay']
/** Instructions of partial messages. */
const PARTIAL = ['addPartialMessage', 'publishPartial']
const NO_PARTIAL =
  'partial messages need an extension of GossipSub 1.3, and this router speaks versions up to 1.2'

/** An instruction, where it stands, and for which nodes. */
interface Placed {
  readonly what: Step | RouterSettings
  readonly place: string
  /** Equal to the ids of all nodes that are to follow it. */
  readonly nodeIDs: readonly number[]
}

/**
 * Reads a script for one node; throws an Error that names the instruction for what cannot be
 * followed.
 */
export function readScript(text: string, node: number): NodeScript {
  const placed = instructionsIn(parsed(text))
  const own = placed.filter(({ nodeIDs }) => nodeIDs.every((id) => id === node))
  const [first, ...rest] = own
  if (first === undefined) throw new Error(`there is no instruction for node ${node}`)
  const router = routerIn(first)
  if (router === undefined)
    throw new Error(`${first.place}: node ${node} must begin with initGossipSub`)
  return { router, topics: topicsOf(placed), steps: rest.map((one) => stepOf(one, node)) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`not JSON: ${messageOf(error)}`, { cause: error })
  }
}

function instructionsIn(params: unknown): readonly Placed[] {
  const script = isRecord(params) ? params['script'] : undefined
  if (!Array.isArray(script)) throw new Error('expected an object with a list "script"')
  return script.map((one: unknown, index) =>
    placedIn(one, { place: `script[${index}]`, nodeIDs: [] }),
  )
}

function placedIn(value: unknown, where: Omit<Placed, 'what'>): Placed {
  const type = isRecord(value) ? value['type'] : undefined
  if (typeof type !== 'string')
    throw new Error(`${where.place}: expected an instruction with a "type"`)
  const complaint = `${where.place} (${type})`
  if (type === 'ifNodeIDEquals')
    return conditional(checkedForm(conditionForm, value, complaint), where)
  if (type === 'initGossipSub') return { ...where, what: initialised(value, complaint) }
  if (PARTIAL.includes(type)) throw new Error(`${complaint}: ${NO_PARTIAL}`)
  if (!STEPS.includes(type)) throw new Error(`${complaint}: there is no such instruction`)
  const what = checkedForm(stepForm, value, complaint)
  if (what.type === 'subscribeToTopic' && what.partial === true)
    throw new Error(`${complaint}: ${NO_PARTIAL}`)
  return { ...where, what }
}

function conditional(
  { nodeID, instruction }: z.infer<typeof conditionForm>,
  { place, nodeIDs }: Omit<Placed, 'what'>,
): Placed {
  if (nodeIDs.length >= MAX_NESTING)
    throw new Error(`${place}: conditions within conditions, more than ${MAX_NESTING} deep`)
  return placedIn(instruction, { place: `${place}.instruction`, nodeIDs: [...nodeIDs, nodeID] })
}

function initialised(value: unknown, complaint: string): RouterSettings {
  const { gossipSubParams } = checkedForm(initForm, value, complaint)
  try {
    return readGoParameters(gossipSubParams)
  } catch (error) {
    throw new Error(`${complaint}: ${messageOf(error)}`, { cause: error })
  }
}

function routerIn({ what }: Placed): RouterSettings | undefined {
  return 'type' in what ? undefined : what
}

function stepOf({ what, place }: Placed, node: number): Step {
  if (!('type' in what)) throw new Error(`${place}: a second initGossipSub for node ${node}`)
  if (what.type === 'connect' && what.connectTo.includes(node))
    throw new Error(`${place}: node ${node} is told to connect to itself`)
  return what
}

function topicsOf(placed: readonly Placed[]): readonly string[] {
  const topics = new Set(placed.flatMap(({ what }) => ('topicID' in what ? [what.topicID] : [])))
  if (topics.size === 0) throw new Error('the script names no topic')
  if (topics.size > MAX_TOPICS)
    throw new Error(`at most ${MAX_TOPICS} topics, this script has ${topics.size}`)
  return [...topics]
}
