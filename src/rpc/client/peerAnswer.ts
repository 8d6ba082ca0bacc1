/** One question to a peer, whose answer is checked before anything is made of it. */
import type { z } from 'zod'
import { messageOf } from '../../lib/assert.ts'
import { checkedForm } from '../../lib/checkedForm.ts'
import { UserError } from '../../lib/userError.ts'
import { RPC_CODES } from '../errors.ts'
import { RpcAnswerError, type RpcClient } from './rpcClient.ts'

/**
 * Throws a UserError of one line where the peer answers something else than it should or refuses
 * the parameters, and what else the client throws.
 */
export async function peerAnswer<T>(
  form: z.ZodType<T>,
  client: RpcClient,
  method: string,
  params: readonly unknown[] = [],
): Promise<T> {
  const answer = await client.call(method, params).catch((error: unknown) => {
    const isRefused = error instanceof RpcAnswerError && error.code === RPC_CODES.invalidParams
    throw isRefused ? new UserError(error.message) : error
  })
  try {
    return checkedForm(form, answer, `${client.url}: ${method} sent an unexpected answer`)
  } catch (error) {
    throw new UserError(messageOf(error))
  }
}
