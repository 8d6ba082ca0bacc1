import type { VerdictReason } from './reasons.ts'

/**
 * What a node answers about a message.
 *
 * - accept: keep it and forward it.
 * - reject: wrong in itself, whoever looks at it; not forwarded, and the peer that sent it pays.
 * - ignore: not useful here and now (known, policy, state, our load); not forwarded, no penalty.
 * - hold: cannot be judged yet; kept by us, not forwarded, judged again when what it waits for arrives.
 *
 * The router marks a message seen before it is judged and drops every later copy, so a verdict is final for the
 * router: what may become valid later must be held, never ignored.
 */
export type Action = 'accept' | 'ignore' | 'reject' | 'hold'

export type Verdict =
  | { readonly action: 'accept' }
  | {
      readonly action: 'ignore' | 'reject' | 'hold'
      readonly reason: VerdictReason
      /** What exactly is wrong, for the person who sent it; programs read the reason. */
      readonly message?: string
    }

export const ACCEPT: Verdict = Object.freeze({ action: 'accept' })

export function ignore(reason: VerdictReason): Verdict {
  return { action: 'ignore', reason }
}

export function reject(reason: VerdictReason, message?: string): Verdict {
  return message === undefined
    ? { action: 'reject', reason }
    : { action: 'reject', reason, message }
}

export function hold(reason: VerdictReason): Verdict {
  return { action: 'hold', reason }
}
