/** One question to a peer, whose answer is checked before anything is made of it. */
import type { z } from 'zod'
import { messageOf } from '../../lib/assert.ts'
import { checkedForm } from '../../lib/checkedForm.ts'
import { UserError } from '../../lib/userError.ts'
import type { RpcClient } from './rpcClient.ts'

/** Throws a UserError of one line where the peer answers something else than it should, and what the client throws. */
export async function peerAnswer<T>(
  form: z.ZodType<T>,
  client: RpcClient,
  method: string,
  params: readonly unknown[] = [],
): Promise<T> {
  const answer = await client.call(method, params)
  try {
    return checkedForm(form, answer, `${client.url}: ${method} sent an unexpected answer`)
  } catch (error) {
    throw new UserError(messageOf(error))
  }
}
