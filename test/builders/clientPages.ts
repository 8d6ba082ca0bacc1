/** The pages in docs/clients, and a devnet on which their blocks of code run as they stand. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { grapevine } from './program.ts'

const PAGES = fileURLToPath(new URL('../../docs/clients/', import.meta.url))

/** A block of code of a page. */
export interface CodeBlock {
  readonly page: string
  readonly language: string
  /** What stands behind the language, such as `test`. */
  readonly marks: readonly string[]
  readonly text: string
}

/** The names of all pages, without the index. */
export function clientPages(): readonly string[] {
  return readdirSync(PAGES).filter((name) => name !== 'README.md')
}

/** All blocks of a page, in order. */
export function blocksOf(page: string): readonly CodeBlock[] {
  const text = readFileSync(join(PAGES, page), 'utf8')
  return [...text.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)].map(
    ([, language = '', marks = '', code = '']) => ({
      page,
      language,
      marks: marks.split(' ').filter((mark) => mark !== ''),
      text: code,
    }),
  )
}

/** The blocks of a page that are to be run. */
export function testedBlocks(page: string): readonly CodeBlock[] {
  return blocksOf(page).filter(({ marks }) => marks.includes('test'))
}

/** The environment of the pages, and the metrics of the first peer. */
export interface ClientNetwork {
  readonly environment: Readonly<Record<string, string>>
  readonly metricsUrl: string
  readonly stop: () => Promise<void>
}

/** A devnet of two peers, with a block each second. */
export async function startClientNetwork(more: readonly string[] = []): Promise<ClientNetwork> {
  const program = grapevine(['devnet', '--nodes', '2', '--period', '1', '--json', ...more])
  const ready = await program.event((one) => one['event'] === 'ready')
  const [a, b] = ready['peers'] as { readonly rpcUrl: string; readonly metricsUrl: string }[]
  return {
    environment: { RPC_A: a?.rpcUrl ?? '', RPC_B: b?.rpcUrl ?? '' },
    metricsUrl: a?.metricsUrl ?? '',
    stop: async () => {
      program.child.kill('SIGTERM')
      await program.finished
    },
  }
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly environment: Readonly<Record<string, string>> },
): Promise<Ended> {
  const env = { ...process.env, ...options.environment }
  const child = spawn(command, args, { cwd: options.cwd, env })
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...text }))
  })
}
