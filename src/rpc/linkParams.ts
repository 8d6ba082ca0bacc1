/** Parameters that say how links carry bytes. */
import type { PeerId } from '../gossip/network.ts'
import type { LinkShape } from '../rehearsal/linkShape.ts'
import { fail, type ParamKind } from './params.ts'
import { SCHEMAS } from './schemas.ts'

/** Longer than any link on Earth, and short enough that a mistake shows. */
const MAX_LATENCY_MS = 60_000
/** Beyond it nearly nothing but retransmissions would travel. */
const MAX_LOSS_RATE = 0.9
const MAX_BYTES_PER_S = 1e12
const FIELDS: readonly string[] = ['peer', 'latencyMs', 'jitterMs', 'lossRate']

/** `{peer, latencyMs, jitterMs, lossRate}`; the last two are 0 if left out. */
export const linkShapeKind: ParamKind<{ readonly peer: PeerId } & LinkShape> = {
  type: 'object with peer, latencyMs, jitterMs and lossRate',
  schema: SCHEMAS.object,
  read: (value) => {
    if (typeof value !== 'object' || value === null) return fail('expected an object')
    const fields = new Map<string, unknown>(Object.entries(value))
    const stranger = [...fields.keys()].find((name) => !FIELDS.includes(name))
    if (stranger !== undefined) return fail(`unknown field "${stranger.slice(0, 40)}"`)
    const peer = fields.get('peer')
    if (typeof peer !== 'string' || peer === '') return fail('peer: expected a peer id')
    return {
      peer: peer as PeerId,
      latencyMs: numberField(fields, 'latencyMs', MAX_LATENCY_MS),
      jitterMs: numberField(fields, 'jitterMs', MAX_LATENCY_MS, 0),
      lossRate: numberField(fields, 'lossRate', MAX_LOSS_RATE, 0),
    }
  },
}

/** A bandwidth, bytes per second. */
export const bandwidthKind: ParamKind<number> = {
  type: 'number (bytes per second)',
  schema: SCHEMAS.number,
  read: (value) =>
    typeof value === 'number' && value >= 1 && value <= MAX_BYTES_PER_S
      ? value
      : fail(`expected bytes per second from 1 to ${MAX_BYTES_PER_S}, or null for no limit`),
}

function numberField(
  fields: ReadonlyMap<string, unknown>,
  name: string,
  max: number,
  fallback?: number,
): number {
  const value = fields.get(name) ?? fallback
  return typeof value === 'number' && value >= 0 && value <= max
    ? value
    : fail(`${name}: expected a number from 0 to ${max}`)
}
