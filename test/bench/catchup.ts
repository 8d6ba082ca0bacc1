import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { sleep, systemClock } from '../../src/lib/clock.ts'
import { amount, pairedFigure, type Benchmark, type Figure } from './benchmark.ts'
import { writeChain, type ChainFile } from './chainFile.ts'
import { pairOf } from './pair.ts'
import { startProgram, type Program } from './program.ts'

const TXS_PER_BLOCK = 50
const SERVERS = 2
const TIMEOUT_MS = 300_000
const POLL_MS = 20

const imported = z.object({ complete: z.literal(true), imported: z.number(), seconds: z.number() })
const ready = z.object({ rpcUrl: z.string(), multiaddrs: z.array(z.string()) })
const answered = z.object({ result: z.string() })

/**
 * Whole processes: a node without blocks against `grapevine import` of the same blocks, in turns.
 * The time of the node counts from when it is ready, so finding its peers is part of it; that of
 * the import from its first block. The serving peers work on the same machine. Wall time: a busy
 * machine shows in the rates, less in the ratio.
 */
export const catchup: Benchmark = {
  name: 'catchup',
  sentence: `blocks of ${TXS_PER_BLOCK} transfers from ${SERVERS} peers, against validating them from disk`,
  run: async (effort) => [
    ...(await figuresFor(
      amount(effort, { usual: 1_000, quick: 300, smoke: 40 }),
      amount(effort, { usual: 3, quick: 1 }),
    )),
    ...(effort.full ? await figuresFor(10_000, 1) : []),
  ],
}

async function figuresFor(blocks: number, turns: number): Promise<readonly Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-bench-'))
  try {
    const chain = writeChain(dir, blocks, TXS_PER_BLOCK)
    const rates: [subject: number, baseline: number][] = []
    for (let turn = 0; turn < turns; turn++) rates.push(await ratesOf(chain, dir, turn))
    const pair = pairOf(rates)
    const perTx = pairOf(rates.map(([a, b]) => [a * TXS_PER_BLOCK, b * TXS_PER_BLOCK]))
    const goal = { bound: 'at least', value: 0.5 } as const
    const name = `${blocks} blocks caught up`
    return [
      pairedFigure(`${name}: blocks`, pair, 'validated from disk', { goal }),
      pairedFigure(`${name}: transactions`, perTx, 'validated from disk'),
    ]
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Blocks per second of a catch-up, and of the import whose data directory its peers serve. */
async function ratesOf(chain: ChainFile, dir: string, turn: number): Promise<[number, number]> {
  const own = join(dir, `turn-${turn}`)
  const server = (index: number): string => join(own, `server-${index}`)
  const seconds = await importSeconds(chain, server(0))
  for (let index = 1; index < SERVERS; index++)
    cpSync(server(0), server(index), { recursive: true })
  const servers: Program[] = []
  try {
    for (let index = 0; index < SERVERS; index++) servers.push(await startNode(server(index), []))
    const bootnodes = servers.map(({ first }) => ready.parse(first).multiaddrs[0] ?? '')
    const caughtUpS = await catchUpSeconds(chain, join(own, 'late'), bootnodes)
    return [chain.blocks / caughtUpS, chain.blocks / seconds]
  } finally {
    for (const program of servers) await program.stop()
    rmSync(own, { recursive: true, force: true })
  }
}

async function importSeconds(chain: ChainFile, dataDir: string): Promise<number> {
  const { genesisFile, blockFile, blocks } = chain
  const args = ['import', '--data-dir', dataDir, '--genesis', genesisFile, '--json', blockFile]
  const program = await startProgram(args, TIMEOUT_MS)
  await program.stop()
  const report = imported.parse(program.first)
  if (report.imported !== blocks) throw new Error(`imported ${report.imported} of ${blocks}`)
  return report.seconds
}

async function catchUpSeconds(
  { genesisFile, blocks }: ChainFile,
  dataDir: string,
  bootnodes: readonly string[],
): Promise<number> {
  const late = await startNode(dataDir, [
    '--genesis',
    genesisFile,
    '--bootnodes',
    bootnodes.join(','),
  ])
  try {
    const { rpcUrl } = ready.parse(late.first)
    const startMs = systemClock.monotonicMs()
    while ((await headOf(rpcUrl)) < blocks) {
      if (systemClock.monotonicMs() - startMs > TIMEOUT_MS) throw new Error('it did not catch up')
      await sleep(systemClock, POLL_MS)
    }
    return (systemClock.monotonicMs() - startMs) / 1000
  } finally {
    await late.stop()
  }
}

function startNode(dataDir: string, args: readonly string[]): Promise<Program> {
  const all = ['node', '--data-dir', dataDir, '--rpc-port', '0', '--json', ...args]
  return startProgram(all, TIMEOUT_MS)
}

async function headOf(rpcUrl: string): Promise<number> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] }),
  })
  return Number(answered.parse(await response.json()).result)
}
