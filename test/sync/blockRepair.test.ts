import { beforeEach, describe, expect, test } from 'vitest'
import { makeBlock, type Block } from '../../src/block/block.ts'
import type { DamagedBlock } from '../../src/chain/store/blockStore.ts'
import { inlineVerifier } from '../../src/crypto/verifier.ts'
import type { RequestHandler } from '../../src/gossip/network.ts'
import { Emitter } from '../../src/lib/emitter.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { BlockRepair } from '../../src/sync/catchUp/blockRepair.ts'
import { serveBlocks } from '../../src/sync/catchUp/blockRequests.ts'
import { MAX_WAITING_REPAIRS, REPAIR_RETRY_MS } from '../../src/sync/limits.ts'
import { Senders } from '../../src/tx/senders.ts'
import { extend, testChain } from '../builders/chain.ts'
import type { MemoryHub } from '../builders/network.ts'
import { frames, puppet, recordingLog, syncHub, type Puppet } from '../builders/syncNode.ts'
import { signedTransfer } from '../builders/tx.ts'

const chain = testChain()
const blocks = Array.from({ length: 3 }, (_, index) =>
  extend(chain, { txs: [signedTransfer({ nonce: BigInt(index) })] }),
)

function at(number: number): Block {
  const block = blocks[number - 1]
  if (block === undefined) throw new Error(`there is no block ${number}`)
  return block
}

describe('a block that is damaged on disk', () => {
  let hub: MemoryHub
  let self: Puppet
  let repair: BlockRepair
  let damaged: Emitter<DamagedBlock>
  let mended: { readonly block: Block; readonly senders: readonly string[] }[]
  let lines: readonly { readonly message: string }[]

  beforeEach(() => {
    hub = syncHub()
    self = puppet(hub)
    damaged = new Emitter()
    mended = []
    const recording = recordingLog()
    lines = recording.lines
    repair = new BlockRepair({
      network: self.network,
      requests: self.requests,
      senders: new Senders(inlineVerifier()),
      mempool: { get: () => undefined },
      chain: {
        damaged,
        mend: (block, senders) => {
          const isRight = block.raw.length === at(Number(block.header.number)).raw.length
          if (isRight) mended.push({ block, senders })
          return isRight ? 'mended' : 'another-block'
        },
      },
      clock: hub.clock,
      random: seededRandom(1),
      log: recording.log,
    })
    repair.start()
  })

  async function peer(handler?: RequestHandler): Promise<Puppet> {
    const one = puppet(hub)
    hub.link(one.network, self.network)
    if (handler === undefined) await serveBlocks(one.requests, chain)
    else await one.serve('blocks', handler)
    return one
  }

  async function find({ hash, header }: Block): Promise<void> {
    damaged.emit({ hash, number: header.number })
    await hub.settle()
  }

  test('comes from a peer that has it, with its senders', async () => {
    await peer(frames())
    await peer()
    await find(at(2))
    expect(mended.map(({ block }) => block.hash)).toEqual([at(2).hash])
    expect(mended[0]?.senders).toHaveLength(1)
    expect(lines.map(({ message }) => message)).toEqual(['a damaged block came again from a peer'])
  })

  test('of another body costs the peer its connection', async () => {
    const forged = makeBlock(at(2).header, [...at(1).transactions, ...at(3).transactions])
    const liar = await peer(frames(forged.raw))
    await find(at(2))
    expect(mended).toEqual([])
    expect(self.network.dropped.map((drop) => drop.peer)).toEqual([liar.id])
  })

  test('that no peer has is asked for again, but not at once', async () => {
    const one = await peer(frames())
    await find(at(2))
    await find(at(2))
    expect(one.asked).toHaveLength(1)
    hub.clock.advance(REPAIR_RETRY_MS)
    await find(at(2))
    expect(one.asked).toHaveLength(2)
    expect(lines.map(({ message }) => message)).toEqual([
      'no peer has a block that is damaged on disk',
      'no peer has a block that is damaged on disk',
    ])
  })

  test('waits with a bounded number of others, and no more after the end', async () => {
    const one = await peer(frames())
    for (let index = 0; index < 2 * MAX_WAITING_REPAIRS; index++) {
      const hash = `0x${index.toString(16).padStart(64, '0')}` as Block['hash']
      damaged.emit({ hash, number: BigInt(index) })
    }
    await hub.settle()
    expect(one.asked).toHaveLength(MAX_WAITING_REPAIRS)
    repair.stop()
    await find(at(1))
    expect(one.asked).toHaveLength(MAX_WAITING_REPAIRS)
  })
})
