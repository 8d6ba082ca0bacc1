import { expect, test } from 'vitest'
import { z } from 'zod'
import { exitCodeOf, EXIT_CODES } from '../../../src/cli/exitCodes.ts'
import { peerAnswer } from '../../../src/rpc/client/peerAnswer.ts'
import { RpcAnswerError, type RpcClient } from '../../../src/rpc/client/rpcClient.ts'

function client(answer: () => unknown): RpcClient {
  return { url: 'http://peer', call: async () => answer() }
}

function refusal(code: number): RpcClient {
  return client(() => {
    throw new RpcAnswerError(code, 'no gauge is called that', '')
  })
}

test.each([
  ['parameters that the peer refuses', refusal(-32_602), EXIT_CODES.usage],
  ['an answer of another form', client(() => 'seven'), EXIT_CODES.usage],
  ['any other error of the peer', refusal(-32_000), EXIT_CODES.failure],
])('%s ends a command by the table of exit codes', async (_what, peer, { code }) => {
  const error = await peerAnswer(z.number(), peer, 'it').catch((thrown: unknown) => thrown)
  expect(exitCodeOf(error)).toBe(code)
})

test('an answer of the right form is given', async () => {
  expect(
    await peerAnswer(
      z.number(),
      client(() => 7),
      'it',
    ),
  ).toBe(7)
})
