/**
 * What a devnet and a process of many nodes say to each other over the channel between the two
 * processes.
 */
import { isRecord } from '../lib/records.ts'
import type { GivenSettings } from '../node/settings/givenSettings.ts'

/** To the process. Nodes are named by their index in the devnet. */
export type ProcessOrder =
  | {
      readonly order: 'start'
      readonly index: number
      readonly settings: GivenSettings
      readonly logFile: string
    }
  /** Abruptly: peers see sockets that are reset. */
  | { readonly order: 'kill'; readonly index: number }
  | { readonly order: 'stop'; readonly index: number }

/** From the process. */
export type ProcessNotice =
  /** It takes orders now; the index says nothing. */
  | { readonly notice: 'up'; readonly index: number }
  /** `node` is what a `grapevine node` says of itself when it is ready. */
  | { readonly notice: 'ready'; readonly index: number; readonly node: unknown }
  | { readonly notice: 'failed'; readonly index: number; readonly error: string }
  | { readonly notice: 'ended'; readonly index: number; readonly signal: 'SIGKILL' | 'SIGTERM' }

/** Both ends run the same program: a look at the shape is enough to know what is meant for us. */
export function isProcessOrder(message: unknown): message is ProcessOrder {
  return isRecord(message) && 'order' in message && Number.isInteger(message['index'])
}

/** Whether a message of a child process is a notice of a shared process. */
export function isProcessNotice(message: unknown): message is ProcessNotice {
  return isRecord(message) && 'notice' in message && Number.isInteger(message['index'])
}
