/**
 * Recorded calls of execution-apis: their files, and what of an answer must equal the recorded one.
 */
import { readdirSync, readFileSync } from 'node:fs'

export const FIXTURES = new URL('../vectors/rpc/', import.meta.url)

export interface RpcFixture {
  /** Its path below the folder. */
  readonly name: string
  /** The answer depends on the client: its shape alone is recorded. */
  readonly isShapeOnly: boolean
  readonly calls: readonly { readonly request: string; readonly answer: string }[]
}

/** In the order of their paths, which is the order in which they are meant to be asked. */
export function rpcFixtures(): readonly RpcFixture[] {
  return readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.io'))
    .sort()
    .map((path) => readFixture(path, readFileSync(new URL(path, FIXTURES), 'utf8')))
}

/** All of an answer, the code of an error, or the names of the fields of the result. */
export function essence(answer: string, { isShapeOnly }: RpcFixture): unknown {
  const { error, result, ...rest } = JSON.parse(answer) as {
    error?: { code: number }
    result?: unknown
  }
  if (error !== undefined) return { ...rest, errorCode: error.code }
  const isObject = typeof result === 'object' && result !== null
  return { ...rest, result: isShapeOnly && isObject ? Object.keys(result).sort() : result }
}

function readFixture(name: string, text: string): RpcFixture {
  const lines = text.split('\n')
  const requests = lines.filter((line) => line.startsWith('>> '))
  const answers = lines.filter((line) => line.startsWith('<< '))
  return {
    name,
    isShapeOnly: lines.some((line) => line.startsWith('// speconly')),
    calls: requests.map((request, at) => ({
      request: request.slice(3),
      answer: answers[at]?.slice(3) ?? '',
    })),
  }
}
