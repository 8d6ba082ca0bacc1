/** The form of what JSON-RPC answers about members. */
import { z } from 'zod'
import { MEMBER_STATES, type MemberState } from '../../membership/member.ts'
import type { HeldStates } from '../port.ts'

/** A member of the network, as a peer tells of it. */
export interface MemberAnswer {
  readonly peer: string
  /** What the peer holds it for. */
  readonly state: MemberState
  readonly incarnation: number
  /** Since when it is in this state there, ms since 1970. */
  readonly sinceMs: number
  /** The peer that told of it. */
  readonly toldBy: string
  readonly role: 'signer' | 'relay'
  readonly client: string
  readonly addresses: readonly string[]
}

const memberAnswer: z.ZodType<MemberAnswer> = z.object({
  peer: z.string(),
  state: z.enum(MEMBER_STATES),
  incarnation: z.number().int().min(0),
  sinceMs: z.number(),
  toldBy: z.string(),
  role: z.enum(['signer', 'relay']),
  client: z.string(),
  addresses: z.array(z.string()),
})

/** Schema of the list of members. */
export const membersAnswer: z.ZodType<readonly MemberAnswer[]> = z.array(memberAnswer)

/** Schema of a page of what a peer held its members for. */
export const heldStatesAnswer: z.ZodType<HeldStates> = z.object({
  cursor: z.number().int().min(0),
  lost: z.number().int().min(0),
  changes: z.array(z.object({ peer: z.string(), state: z.enum(MEMBER_STATES), atMs: z.number() })),
})

/** Schema of what comes over a subscription to members: its id, a change, or an error. */
export const memberChangeAnswer = z.union([
  z.object({ params: z.object({ result: memberAnswer }) }),
  z.object({ error: z.object({ message: z.string() }) }),
  z.object({ result: z.string() }),
])
