/**
 * One rehearsal: a network of processes, a load, faults, and afterwards everything that must hold.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDevnet, type Devnet, type DevnetOptions } from '../../src/devnet/devnet.ts'
import { meshesFormed } from '../../src/devnet/meshesFormed.ts'
import { FAULT_SETTINGS } from '../../src/devnet/faultSettings.ts'
import { messageOf } from '../../src/lib/assert.ts'
import { sleep, systemClock } from '../../src/lib/clock.ts'
import type { Random } from '../../src/lib/random.ts'
import { describeFault, type Fault } from '../../src/scenario/fault.ts'
import { MAIN } from '../builders/program.ts'
import { untilAgreement } from './agreement.ts'
import { randomOf } from './form.ts'
import { importHistory } from './history.ts'
import { Load } from './load.ts'
import { memberFindings } from './memberViews.ts'
import { errorLines } from './peerLogs.ts'

export interface RehearsalOptions {
  readonly name: string
  readonly nodes: number
  readonly late?: number
  readonly signers?: number
  readonly periodS?: number
  readonly ratePerS?: number
  /** Of every peer. */
  readonly settings?: DevnetOptions['settings']
  /** Blocks that the first peer has from the beginning. */
  readonly history?: number
}

/** What a rehearsal plays on. */
export class Stage {
  readonly name: string
  readonly devnet: Devnet
  readonly load: Load
  readonly random: Random
  /** When the last fault was over, monotonic ms. */
  lastFaultMs = systemClock.monotonicMs()

  constructor(name: string, devnet: Devnet, load: Load) {
    this.name = name
    this.devnet = devnet
    this.load = load
    this.random = randomOf(name)
  }

  readonly fault = async (fault: Fault): Promise<void> => {
    say(`${this.name}: ${describeFault(fault)}`)
    await this.devnet.faults.apply(fault)
    this.lastFaultMs = systemClock.monotonicMs()
  }

  readonly wait = (ms: number): Promise<void> => sleep(systemClock, ms)
}

const CHAIN_ID = 1337
/** A network that needs longer than this after its last fault has lost something. */
const AGREEMENT_TIMEOUT_MS = 90_000

/**
 * Runs `play` on a network under load. When it ends, the load ends, and the network has to agree;
 * how long after the last fault it does is printed. Answers what does not hold then, a line each:
 * nothing, if nothing was lost. The logs stay where something was.
 */
export async function rehearse(
  options: RehearsalOptions,
  play: (stage: Stage) => Promise<void>,
): Promise<readonly string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-faults-'))
  const devnet = await startNetwork(options, dir)
  let findings: readonly string[]
  try {
    findings = await playedFindings(options, devnet, play)
  } finally {
    await devnet.stop()
  }
  // After the stop: a peer that runs still writes there.
  if (findings.length === 0) rmSync(dir, { recursive: true })
  else say(`${options.name}: something was lost; the logs of the peers are in ${dir}`)
  return findings
}

async function playedFindings(
  options: RehearsalOptions,
  devnet: Devnet,
  play: (stage: Stage) => Promise<void>,
): Promise<readonly string[]> {
  await meshesFormed(devnet)
  const load = new Load({
    chainId: CHAIN_ID,
    ratePerS: options.ratePerS ?? 20,
    peers: devnet.peers,
  })
  const stage = new Stage(options.name, devnet, load)
  try {
    await play(stage)
  } finally {
    await load.stop()
  }
  return findingsOf(stage)
}

async function startNetwork(options: RehearsalOptions, dir: string): Promise<Devnet> {
  const { nodes, late = 0, signers = 3, periodS = 1, history } = options
  const devnet: DevnetOptions = {
    program: MAIN,
    nodes,
    late,
    signers,
    chainId: CHAIN_ID,
    periodS,
    dir,
    settings: { ...FAULT_SETTINGS, logLevel: 'debug', ...options.settings },
    clock: systemClock,
    signal: new AbortController().signal,
  }
  if (history !== undefined) await importHistory(devnet, history)
  return startDevnet(devnet)
}

async function findingsOf(stage: Stage): Promise<string[]> {
  const { devnet, load } = stage
  const findings = [...(await disagreement(stage)), ...(await memberFindings(devnet))]
  if (load.accepted.size === 0) findings.push('the load came to nothing')
  for (const { rpc, process } of devnet.peers) {
    const broken = await rpc.call('admin_assertInvariants').then(() => '', messageOf)
    if (broken !== '') findings.push(`peer ${process.info.index}: ${broken}`)
  }
  return [...findings, ...errorLines(devnet)]
}

async function disagreement(stage: Stage): Promise<readonly string[]> {
  const { name, devnet, lastFaultMs } = stage
  const { accepted, retries } = stage.load
  try {
    const { head, included } = await untilAgreement(devnet, accepted, AGREEMENT_TIMEOUT_MS)
    const tookS = ((systemClock.monotonicMs() - lastFaultMs) / 1000).toFixed(1)
    const tried = [...retries].map(([reason, count]) => `${reason} ${count}`).join(', ')
    say(
      `${name}: agreement ${tookS} s after the last fault, on block ${head}; ${accepted.size} transactions accepted, ` +
        `${included} of them in blocks, the others pooled everywhere; tried again: ${tried || 'none'}`,
    )
    return []
  } catch (error) {
    return [messageOf(error)]
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
