/** What a request between two nodes puts on a wire, beside gossip. */

/** One step of a request, of its answer, or of a ping. */
export type RequestStep =
  | { readonly step: 'ask'; readonly protocol: string; readonly data: Uint8Array }
  | { readonly step: 'answer'; readonly data: Uint8Array }
  | { readonly step: 'end' }
  | { readonly step: 'fail'; readonly reason: string }
  | { readonly step: 'ping' }
  | { readonly step: 'pong' }

/** A step on its way; `id` is how the node that asked knows what it belongs to. */
export class RequestFrame {
  readonly id: number
  readonly content: RequestStep

  constructor(id: number, content: RequestStep) {
    this.id = id
    this.content = content
  }
}
