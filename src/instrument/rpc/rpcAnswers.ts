/**
 * The form of every JSON-RPC answer that the instrument reads, as schemas: what passes is what the
 * port promises.
 */
import { CONTROL_KINDS } from '../../item/controlKinds.ts'
import { z } from 'zod'
import { parseHash, type Hash } from '../../crypto/keccak.ts'
import { isItemKind, type ItemKind } from '../../item/itemKinds.ts'
import { ROUTES } from '../../item/route.ts'
import { machineSchema, settingsSchema } from '../../measure/reportSchema.ts'
import type { GossipCounters } from '../../measure/traffic.ts'
import type { SightingBatch, Timeline } from '../../trace/timelines.ts'
import type {
  BlockAnswer,
  ClockAnswer,
  FinalityAnswer,
  HeadAnswer,
  HeardClock,
  HostAnswer,
  Neighbour,
  PeerSettings,
  PoolAnswer,
  TopicMesh,
} from '../port.ts'

const hash = z.string().transform((text, context): Hash => {
  const parsed = parseHash(text)
  if (parsed !== undefined) return parsed
  context.addIssue({ code: 'custom', message: 'expected a hash of 32 bytes in hex' })
  return z.NEVER
})
const count = z.number().int().min(0)
const quantity = z.string().regex(/^0x[0-9a-f]+$/i, 'expected a quantity in hex')
const bigQuantity = quantity.transform(BigInt)
const numberQuantity = quantity.transform(Number).pipe(count)
const itemKind = z.custom<ItemKind>(isItemKind, 'expected a kind of item')

/** Schema of the answer with sightings. */
export const sightingsAnswer: z.ZodType<SightingBatch> = z.object({
  cursor: count,
  lost: count,
  sightings: z.array(
    z.object({
      kind: itemKind,
      hash,
      from: z.string(),
      route: z.enum(ROUTES),
      receivedMs: z.number(),
      judgedMs: z.number(),
      queuedMs: z.number(),
      action: z.enum(['accept', 'ignore', 'reject', 'hold', 'duplicate']),
      reason: z.string(),
      bytes: count,
    }),
  ),
})

/** Schema of the answer with the meshes. */
export const meshAnswer: z.ZodType<readonly TopicMesh[]> = z.array(
  z.object({ topic: z.string(), mesh: z.array(z.string()), subscribers: z.array(z.string()) }),
)

const sentAndReceived = z.object({ sent: count, received: count })
const control = z.record(z.enum(CONTROL_KINDS), sentAndReceived)

/** Schema of the answer with the counters of gossip. */
export const countsAnswer: z.ZodType<GossipCounters> = z
  .object({
    traffic: z.object({
      bytesSent: count,
      bytesReceived: count,
      framesSent: count,
      framesReceived: count,
      control,
    }),
    copies: z.object({
      firstBytes: count,
      duplicateBytes: count,
      refusedBytes: count,
      openBytes: count,
      requestedBytes: count,
    }),
  })
  .transform(({ traffic: { control: kinds, ...counters }, copies }) => ({
    ...counters,
    ...copies,
    controlSent: waysOf(kinds, 'sent'),
    controlReceived: waysOf(kinds, 'received'),
  }))

/** Schema of the answer with the settings. */
export const settingsAnswer: z.ZodType<PeerSettings> = settingsSchema

/** Who answers, and what its clock says. */
export const clockAnswer: z.ZodType<ClockAnswer & { readonly peerId: string }> = z
  .object({ peer: z.string(), id: z.string(), nowMs: z.number() })
  .transform(({ peer, id, nowMs }) => ({ peerId: peer, clockId: id, nowMs }))

/** Schema of the answer with what a node runs on. */
export const hostAnswer: z.ZodType<HostAnswer> = z.object({
  machine: machineSchema,
  loadPerCore: z.number().min(0),
  crypto: z.record(z.string(), z.string()),
  client: z.string(),
})

/** Schema of the answer with what a node heard of the clocks of others. */
export const clockSamplesAnswer: z.ZodType<readonly HeardClock[]> = z.array(
  z
    .object({
      peer: z.string(),
      samples: z.array(z.tuple([z.number(), z.number(), z.number()])),
    })
    .transform(({ peer, samples }) => ({
      peerId: peer,
      exchanges: samples.map(([atMs, offsetMs, roundTripMs]) => ({ atMs, offsetMs, roundTripMs })),
    })),
)

/** Schema of the answer with the chain id. */
export const chainIdAnswer: z.ZodType<bigint> = bigQuantity

/** Schema of the answer with the next nonce. */
export const nonceAnswer: z.ZodType<bigint> = bigQuantity

/** Schema of a block as the head is read from it. */
export const headAnswer: z.ZodType<HeadAnswer> = z
  .object({ number: numberQuantity, hash, baseFeePerGas: bigQuantity.optional() })
  .transform(({ number, hash: ofHead, baseFeePerGas = 0n }) => ({
    number,
    hash: ofHead,
    baseFeeWei: baseFeePerGas,
  }))

/** Schema of a block; null where there is none. */
export const blockAnswer: z.ZodType<BlockAnswer | null> = z
  .object({
    number: numberQuantity,
    hash,
    timestamp: numberQuantity,
    transactions: z.array(hash),
  })
  .transform(({ timestamp, ...block }) => ({ ...block, timestampS: timestamp }))
  .nullable()

/** Schema of the answer with the sizes of the pool. */
export const poolAnswer: z.ZodType<PoolAnswer> = z.object({
  pending: numberQuantity,
  queued: numberQuantity,
})

const numbered = z.object({ number: numberQuantity })

/** Schema of the answer of what is justified and final. */
export const finalityAnswer: z.ZodType<FinalityAnswer> = z
  .object({
    justified: numbered,
    finalized: numbered,
    evidence: count,
    conflict: z.unknown(),
    timeToFinalityMs: z.object({
      count: count.optional(),
      p50Ms: z.number().optional(),
      p99Ms: z.number().optional(),
    }),
  })
  .transform(({ justified, finalized, evidence, conflict, timeToFinalityMs: times }) => ({
    justified: justified.number,
    finalized: finalized.number,
    evidence,
    hasConflict: conflict !== null,
    ...(times.count !== undefined &&
      times.p50Ms !== undefined &&
      times.p99Ms !== undefined && {
        times: { count: times.count, p50Ms: times.p50Ms, p99Ms: times.p99Ms },
      }),
  }))

/** Schema of the answer with the connected peers. */
export const neighboursAnswer: z.ZodType<readonly Neighbour[]> = z.array(
  z
    .object({
      peer: z.string(),
      direction: z.enum(['inbound', 'outbound']),
      score: z.number().nullable(),
      roundTripMs: z.number().nullable().optional(),
      client: z.string().optional(),
    })
    .transform(({ peer, direction, score, roundTripMs = null, client = '' }) => ({
      peerId: peer,
      direction,
      score,
      roundTripMs,
      client,
    })),
)

const fate = z.object({
  kind: z.enum([
    'forwarded',
    'released',
    'pending',
    'queued',
    'parked',
    'promoted',
    'demoted',
    'expired',
    'returned',
    'replaced',
    'evicted',
    'dropped',
    'included',
    'imported',
    'became-head',
    'left-chain',
    'refused',
  ]),
  atMs: z.number(),
  reason: z.string().exactOptional(),
  by: hash.exactOptional(),
  block: hash.exactOptional(),
  number: z.number().exactOptional(),
})

/** Schema of the timeline of one item; null where it is not known. */
export const timelineAnswer: z.ZodType<Timeline | null> = z
  .object({
    kind: itemKind,
    hash,
    firstSeen: z.object({ from: z.string(), receivedMs: z.number(), bytes: count }).exactOptional(),
    verdict: z.enum(['accept', 'ignore', 'reject', 'hold']).exactOptional(),
    reason: z.string().exactOptional(),
    queueMs: z.number().exactOptional(),
    validationMs: z.number().exactOptional(),
    duplicates: z.array(z.object({ from: z.string(), delayMs: z.number() })),
    forwardedTo: z.array(z.object({ to: z.string(), atMs: z.number() })),
    fates: z.array(fate),
    counts: z.object({ duplicates: count, forwarded: count, fates: count }),
  })
  .nullable()

function waysOf(
  kinds: z.infer<typeof control>,
  way: 'sent' | 'received',
): GossipCounters['controlSent'] {
  const { ihave, iwant, idontwant, graft, prune } = kinds
  return {
    ihave: ihave[way],
    iwant: iwant[way],
    idontwant: idontwant[way],
    graft: graft[way],
    prune: prune[way],
  }
}
