import { keccak_256 } from '@noble/hashes/sha3.js'
import { performance } from 'node:perf_hooks'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { loadSecp256k1, SECP_PATHS, type SecpPath } from '../../src/crypto/secp256k1.ts'
import { createVerifier, type Verifier } from '../../src/crypto/verifier.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { signatureBytes, signingDigest } from '../../src/tx/signature.ts'
import { amount, pairedFigure, plainFigure, type Benchmark, type Figure } from './benchmark.ts'
import { measureAlone, measurePair, type Side } from './pair.ts'
import { accounts, transfers } from './transfers.ts'

/** Recoveries in one turn: each implementation works for some 30 ms. */
const RECOVERIES: Readonly<Record<SecpPath, number>> = { native: 512, wasm: 128, noble: 24 }
const HASHES = { 120: 20_000, 32_768: 100 } as const
/** Waiting at the verifier at any time, as on a busy node. */
const IN_FLIGHT = 256

interface Signed {
  readonly digest: Uint8Array
  readonly signature: Uint8Array
  readonly yParity: 0 | 1
}

const signed: readonly Signed[] = transfers(accounts(512), [0, 1]).map((tx) => ({
  digest: signingDigest(tx),
  signature: signatureBytes(tx),
  yParity: tx.signature.yParity,
}))

export const recovery: Benchmark = {
  name: 'recovery',
  sentence: 'recovery of a signer by each implementation, and by the verifier on its thread',
  run: async (effort) => {
    const turns = amount(effort, { usual: 11, quick: 5 })
    const figures: Figure[] = []
    for (const path of SECP_PATHS) {
      const measured = await measureAlone(await recoverySide(path), turns)
      figures.push({ name: `recover, ${path}`, unit: '1/s', measured })
    }
    return [
      ...figures,
      ...(await verifierFigures(amount(effort, { usual: 40_000, quick: 10_000, smoke: 2_000 }))),
    ]
  },
}

export const hashing: Benchmark = {
  name: 'hashing',
  sentence: 'keccak256 as the node computes it, against @noble/hashes',
  run: async (effort) => {
    const turns = amount(effort, { usual: 11, quick: 5 })
    const figures: Figure[] = []
    for (const [bytes, count] of Object.entries(HASHES)) {
      const data = new Uint8Array(Number(bytes)).fill(0x67)
      const ours = hashSide(keccak256, data, count)
      const pair = await measurePair(ours, hashSide(keccak_256, data, count / 10), turns)
      figures.push(pairedFigure(`keccak256, ${bytes} bytes`, pair, 'noble'))
    }
    return figures
  },
}

async function recoverySide(path: SecpPath): Promise<Side> {
  const curve = await loadSecp256k1(path)
  const batch = signed.slice(0, RECOVERIES[path])
  return {
    turn: () => {
      for (const { digest, signature, yParity } of batch) curve.recover(digest, signature, yParity)
      return batch.length
    },
  }
}

function hashSide(hash: (data: Uint8Array) => Uint8Array, data: Uint8Array, count: number): Side {
  return {
    turn: () => {
      for (let i = 0; i < count; i++) hash(data)
      return count
    },
  }
}

/**
 * Wall time, since two threads work; the share is that of this thread, which relays meanwhile in a
 * node.
 */
async function verifierFigures(count: number): Promise<readonly Figure[]> {
  const verifier = await createVerifier({ clock: systemClock })
  try {
    await recoverMany(verifier, count / 10)
    const before = performance.eventLoopUtilization()
    const startMs = performance.now()
    await recoverMany(verifier, count)
    const seconds = (performance.now() - startMs) / 1000
    const { utilization } = performance.eventLoopUtilization(before)
    return [
      plainFigure('verifier thread', count / seconds, '1/s'),
      plainFigure('verifier, share of the main thread', utilization * 100, '%'),
    ]
  } finally {
    await verifier.close()
  }
}

async function recoverMany(verifier: Verifier, count: number): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const request = signed[next++ % signed.length]
      if (request === undefined) return
      const { digest, signature, yParity } = request
      const recovered = await verifier.recover(digest, signature, yParity, 'transaction')
      if ('failure' in recovered) throw new Error(`the verifier answered ${recovered.failure}`)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
}
