import type { VerdictReason } from './reasons.ts'

/**
 * What a node answers about a message.
 *
 * - accept: keep it and forward it.
 * - reject: wrong in itself, whoever looks at it; not forwarded, and the peer that sent it pays.
 * - ignore: not useful here and now (known, policy, state, our load); not forwarded, no penalty.
 * - hold: cannot be judged yet; kept by us, not forwarded, judged again when what it waits for
 *   arrives.
 *
 * The router marks a message seen before it is judged and drops every later copy, so a verdict is
 * final for the router: what may become valid later must be held, never ignored.
 */
export type Action = 'accept' | 'ignore' | 'reject' | 'hold'

/**
 * What is done with an item: forwarded, dropped, refused at the cost of its sender, or kept for
 * later.
 */
export type Verdict =
  | { readonly action: 'accept' }
  | {
      readonly action: 'ignore' | 'reject' | 'hold'
      readonly reason: VerdictReason
      /** What exactly is wrong, for the person who sent it; programs read the reason. */
      readonly message?: string
    }

/** The verdict on an item that is forwarded. */
export const ACCEPT: Verdict = Object.freeze({ action: 'accept' })

/** The verdict on an item that is dropped; its sender does not pay for it. */
export function ignore(reason: VerdictReason): Verdict {
  return { action: 'ignore', reason }
}

/** The verdict on an invalid item: its sender loses score. */
export function reject(reason: VerdictReason, message?: string): Verdict {
  return message === undefined
    ? { action: 'reject', reason }
    : { action: 'reject', reason, message }
}

/** The verdict on an item that cannot be judged yet. */
export function hold(reason: VerdictReason): Verdict {
  return { action: 'hold', reason }
}
