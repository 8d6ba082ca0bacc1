/** The words and figures of a real geth; see test/vectors/geth/README.md. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rpcCaller, rpcNode } from '../builders/rpc.ts'

interface Row {
  readonly name: string
  readonly method: string
  readonly params: readonly unknown[]
  readonly result?: unknown
  readonly code?: number
  readonly message?: string
}

const FILE = new URL('../vectors/geth/messages.json', import.meta.url)
const { rows, balances, mined } = JSON.parse(readFileSync(FILE, 'utf8')) as {
  readonly rows: readonly Row[]
  readonly balances: Readonly<Record<string, string>>
  readonly mined: string
}
/** What is compared: an answer without the words and data that are our own. */
async function answerTo({ method, params, name }: Row) {
  const alloc = Object.fromEntries(
    Object.entries(balances).map(([address, balance]) => [address, { balance }]),
  )
  const node = rpcNode({
    chain: { file: (file) => ({ ...file, alloc: { ...file.alloc, ...alloc } }) },
  })
  const caller = rpcCaller(node)
  const isSent = /known|mined/.test(name)
  if (isSent) await caller.result('eth_sendRawTransaction', mined)
  if (name.includes('mined')) node.seal()
  const answer = await caller.ask(method, params)
  const text = JSON.stringify(answer)
    .replace(/failed with \d+ gas/, 'failed with GAS_LIMIT gas')
    .replace(/baseFee: \d+/, 'baseFee: BASE_FEE')
  return JSON.parse(text) as { readonly result?: unknown; readonly error?: unknown }
}

test.each(rows)('$method is answered as by geth: $name', async (row) => {
  const { result, code, message } = row
  const answer = await answerTo(row)
  expect(answer).toMatchObject(code === undefined ? { result } : { error: { code, message } })
})
