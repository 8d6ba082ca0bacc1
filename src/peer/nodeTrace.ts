/**
 * What is recorded of the items of a node: timelines for its own answers, spans for a collector.
 */
import type { ItemKind } from '../item/itemKinds.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Settings } from '../node/settings/settings.ts'
import { CLIENT_VERSION, VERSION } from '../node/version.ts'
import { startTelemetry, type Telemetry } from '../telemetry/telemetry.ts'
import { Timelines } from '../trace/timelines.ts'
import type { Fate, Sighting, Trace } from '../trace/trace.ts'

/** The recorders that the settings ask for. */
export interface NodeTrace {
  readonly timelines: Timelines | undefined
  readonly telemetry: Telemetry | undefined
  /** Tells all of them; `undefined` where there is none. */
  readonly trace: Trace | undefined
}

/** Makes them. */
export function nodeTrace(
  { trace, otlp, otlpShare }: Settings,
  { peerId, clock, log }: { readonly peerId: string; readonly clock: Clock; readonly log: Logger },
): NodeTrace {
  const timelines = trace ? new Timelines() : undefined
  const program = { version: VERSION, client: CLIENT_VERSION }
  const telemetry =
    otlp === ''
      ? undefined
      : startTelemetry({ collector: otlp, share: otlpShare, peerId, program, clock, log })
  return { timelines, telemetry, trace: both(timelines, telemetry?.trace) }
}

function both(one: Trace | undefined, other: Trace | undefined): Trace | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return {
    sighting: (sighting: Sighting): void => {
      one.sighting(sighting)
      other.sighting(sighting)
    },
    fate: (kind: ItemKind, hash: Sighting['hash'], fate: Fate, atMs: number): void => {
      one.fate(kind, hash, fate, atMs)
      other.fate(kind, hash, fate, atMs)
    },
  }
}
