import type { PeerId } from '../../gossip/network.ts'
import { messageOf } from '../../lib/assert.ts'
import {
  MISBEHAVIOUR_SENTENCES,
  MISBEHAVIOURS,
  type Misbehaviour,
} from '../../rehearsal/misbehaviour.ts'
import type { RpcContext } from '../context.ts'
import { refused } from '../errors.ts'
import type { FaultHooks } from '../faultHooks.ts'
import { defineMethod } from '../method.ts'
import { bandwidthKind, linkShapeKind } from '../linkParams.ts'
import {
  fail,
  listKind,
  numberKind,
  optional,
  required,
  textKind,
  type ParamKind,
} from '../params.ts'

/** Peers that one call may name. */
const MAX_PEERS = 1_000

const directionKind: ParamKind<'both' | 'outgoing'> = {
  type: '"both" or "outgoing"',
  schema: { enum: ['both', 'outgoing'] },
  read: (value) =>
    value === 'both' || value === 'outgoing' ? value : fail('expected "both" or "outgoing"'),
}

const misbehaviourKind: ParamKind<Misbehaviour> = {
  type: MISBEHAVIOURS.map((kind) => `"${kind}"`).join(' or '),
  schema: { enum: [...MISBEHAVIOURS] },
  read: (value) =>
    MISBEHAVIOURS.find((kind) => kind === value) ??
    fail(`expected one of ${MISBEHAVIOURS.join(', ')}`),
}

/** The `admin_` methods that disturb the network or check this node. */
export const adminFaultMethods = [
  defineMethod({
    name: 'admin_cutPeers',
    params: [
      required('peers', listKind(textKind, MAX_PEERS)),
      optional('direction', directionKind),
    ],
    result: 'true',
    summary:
      'Rehearsal: cuts the links to these peers, by id. "both", the default, closes and refuses connections; "outgoing" keeps them open while nothing this node sends arrives.',
    handler: ({ node }, peers, direction = 'both') => {
      hooksOf(node).cut(peers as readonly PeerId[], direction)
      return true
    },
  }),
  defineMethod({
    name: 'admin_healPeers',
    params: [],
    result: 'true',
    summary: 'Rehearsal: restores every cut link.',
    handler: ({ node }) => {
      hooksOf(node).heal()
      return true
    },
  }),
  defineMethod({
    name: 'admin_shapeLinks',
    params: [required('links', listKind(linkShapeKind, MAX_PEERS))],
    result: 'true',
    summary:
      'Rehearsal: how the links to these peers carry what this node sends, from now on: latency one way, standard deviation of jitter, and share of packets that are lost and sent again. Others stay as they are.',
    handler: ({ node }, links) => {
      hooksOf(node).shapeLinks(links)
      return true
    },
  }),
  defineMethod({
    name: 'admin_setBandwidth',
    params: [optional('upBytesPerS', bandwidthKind), optional('downBytesPerS', bandwidthKind)],
    result: 'true',
    summary:
      'Rehearsal: how many bytes per second this node sends and receives over all its links together; null is no limit.',
    handler: ({ node }, upBytesPerS, downBytesPerS) => {
      hooksOf(node).setBandwidth(upBytesPerS, downBytesPerS)
      return true
    },
  }),
  defineMethod({
    name: 'admin_misbehave',
    params: [optional('behaviour', misbehaviourKind), optional('against', textKind)],
    result: 'true',
    summary: `Rehearsal: this node is hostile from now on; without a behaviour it is honest again. A censor is against a peer, by its id. ${MISBEHAVIOURS.map((kind) => `"${kind}" ${MISBEHAVIOUR_SENTENCES[kind]}.`).join(' ')}`,
    handler: ({ node }, behaviour, against) => {
      hooksOf(node).misbehave(behaviour, against as PeerId | undefined)
      return true
    },
  }),
  defineMethod({
    name: 'admin_jumpClock',
    params: [required('byMs', numberKind)],
    result: 'true',
    summary:
      "Rehearsal: sets this node's calendar forward by so many milliseconds, or back if negative. Durations do not notice.",
    handler: ({ node }, byMs) => {
      hooksOf(node).jumpClock(byMs)
      return true
    },
  }),
  defineMethod({
    name: 'admin_assertInvariants',
    params: [],
    result: 'true',
    summary:
      'Recomputes everything that pool and chain keep up to date; an error names the first difference.',
    handler: ({ node }) => {
      const hooks = hooksOf(node)
      try {
        hooks.assertInvariants()
        return true
      } catch (error) {
        throw refused('invariant-broken', messageOf(error))
      }
    },
  }),
]

function hooksOf({ faults }: RpcContext): FaultHooks {
  if (faults !== undefined) return faults
  throw refused('no-fault-hooks', 'faults can be made only with --admin and --profile devnet')
}
