/** Who spans say that they come from, by the semantic conventions of OpenTelemetry. */
import type { SpanResource } from './otlp.ts'

/** The service that all nodes are instances of. */
const SERVICE = 'grapevine'

/** A program that makes spans. */
export interface SpanProgram {
  readonly version: string
  /** Name and version as `web3_clientVersion` answers. */
  readonly client: string
}

/** One node. */
export function nodeResource(peerId: string, { version, client }: SpanProgram): SpanResource {
  return {
    version,
    attributes: {
      'service.name': SERVICE,
      'service.version': version,
      'service.instance.id': peerId,
      'grapevine.peer': peerId,
      'grapevine.client': client,
    },
  }
}
