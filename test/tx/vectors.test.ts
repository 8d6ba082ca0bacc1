import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectTxLine } from '../../src/cli/inspect/inspectTx.ts'
import { parseFork } from '../../src/tx/fork.ts'

interface Expected {
  readonly exception?: string
  readonly hash?: string
  readonly sender?: string
  readonly intrinsicGas: string
}

interface Vector {
  readonly txbytes: string
  readonly result: Readonly<Record<string, Expected>>
}

const FOLDER = 'test/vectors/transactions'

const vectors = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => {
    const content = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Record<string, Vector>
    return Object.entries(content).map(([name, vector]) => ({ name: `${file} ${name}`, vector }))
  })

/** What a vector says of a transaction, out of what `inspect` says of it. */
function verdict(txbytes: string, forkName: string): object {
  const fork = parseFork(forkName)
  if (fork === undefined) throw new Error(`no fork ${forkName}`)
  const answer = inspectTxLine(txbytes, { chainId: 1n, fork }) as Record<string, string>
  if ('error' in answer) return { refused: true }
  const { hash, sender, intrinsicGas = '' } = answer
  return { refused: false, hash, sender, intrinsicGas: BigInt(intrinsicGas) }
}

describe('ethereum/tests TransactionTests', () => {
  test('are all there', () => {
    expect(vectors.length).toBe(51)
  })

  test.each(vectors)('$name is judged as the vector says, on every fork', ({ vector }) => {
    for (const [fork, expected] of Object.entries(vector.result)) {
      const { hash, sender, intrinsicGas } = expected
      expect({ fork, ...verdict(vector.txbytes, fork) }).toEqual(
        expected.exception === undefined
          ? { fork, refused: false, hash, sender, intrinsicGas: BigInt(intrinsicGas) }
          : { fork, refused: true },
      )
    }
  })
})
