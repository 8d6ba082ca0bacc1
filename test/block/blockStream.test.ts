import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBlocks, type StreamedBlock, type StreamDefect } from '../../src/block/blockStream.ts'
import { MAX_BLOCK_BYTES } from '../../src/block/limits.ts'
import { concatBytes } from '../../src/lib/bytes.ts'
import { vectorChain, vectorChainBytes } from '../builders/vectorChain.ts'

const BLOCKS = vectorChainBytes()
const CHAIN = concatBytes(...BLOCKS)
/** Where each block begins, and where the last one ends. */
const OFFSETS = BLOCKS.reduce((ends, raw) => [...ends, (ends.at(-1) ?? 0) + raw.length], [0])

async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

async function readAll(
  bytes: Uint8Array,
  pieceBytes = 4096,
): Promise<{ blocks: StreamedBlock[]; defect: StreamDefect | undefined }> {
  const blocks: StreamedBlock[] = []
  for await (const read of readBlocks(inPieces(bytes, pieceBytes))) {
    if ('defect' in read) return { blocks, defect: read }
    blocks.push(read)
  }
  return { blocks, defect: undefined }
}

describe('a stream of blocks', () => {
  test('is the same blocks at the same offsets, however its bytes come in pieces', async () => {
    const hashes = vectorChain().map(({ hash }) => hash)
    const pieceBytes = fc.integer({ min: 1, max: CHAIN.length + 1 })
    await fc.assert(
      fc.asyncProperty(pieceBytes, async (size) => {
        const { blocks, defect } = await readAll(CHAIN, size)
        expect(defect).toBeUndefined()
        expect(blocks.map(({ block }) => block.hash)).toEqual(hashes)
        expect(blocks.map(({ offset }) => offset)).toEqual(OFFSETS.slice(0, -1))
      }),
      { numRuns: 20, examples: [[1], [CHAIN.length]] },
    )
  })

  test('that ends anywhere gives the whole blocks before its end, then one defect where the rest begins', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: CHAIN.length - 1 }), async (length) => {
        const { blocks, defect } = await readAll(CHAIN.subarray(0, length))
        const whole = OFFSETS.filter((offset) => offset <= length).length - 1
        expect(blocks).toHaveLength(whole)
        const isBoundary = OFFSETS.includes(length)
        expect(defect?.defect).toBe(isBoundary ? undefined : 'rlp-truncated')
        expect(defect?.offset).toBe(isBoundary ? undefined : OFFSETS[whole])
      }),
      { numRuns: 60 },
    )
  })

  test('without bytes has no blocks', async () => {
    expect(await readAll(new Uint8Array(0))).toEqual({ blocks: [], defect: undefined })
  })

  test('never throws for arbitrary bytes, and says where it stopped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const { blocks, defect } = await readAll(concatBytes(BLOCKS[0] ?? bytes, bytes), 16)
        expect(blocks.length).toBeGreaterThanOrEqual(1)
        expect(defect?.offset).toBe(OFFSETS[1])
      }),
    )
  })

  test('with a length that no block can have ends without waiting for its bytes', async () => {
    let asked = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        asked++
        yield Uint8Array.of(0xfb, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)
      }
    }
    const read = await readBlocks(endless()).next()
    expect(read.value).toMatchObject({ defect: 'block-too-large', offset: 0 })
    expect(read.value).toMatchObject({ message: expect.stringContaining(`${MAX_BLOCK_BYTES}`) })
    expect(asked).toBe(1)
  })

  test('whose source fails ends in a defect that says why', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* BLOCKS.slice(0, 2)
      throw new Error('the disk is gone')
    }
    const reads = []
    for await (const read of readBlocks(failing())) reads.push(read)
    expect(reads).toHaveLength(3)
    expect(reads[2]).toMatchObject({
      defect: 'unreadable',
      message: expect.stringContaining('the disk is gone'),
      offset: OFFSETS[2],
    })
  })

  test('gives each block bytes of its own, so that no piece of the source lives on in it', async () => {
    const { blocks } = await readAll(CHAIN, CHAIN.length)
    for (const { block } of blocks) expect(block.raw.buffer.byteLength).toBe(block.raw.length)
  })
})
