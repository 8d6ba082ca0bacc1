/**
 * One script of gossipsub-interop, followed by a network of which half is go-libp2p-pubsub and half
 * is ours.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { peerIdOfNode } from '../../src/interop/nodeId.ts'
import { describeNeeding } from '../builders/needs.ts'
import { MAIN } from '../builders/program.ts'
import { beginWait } from '../builders/waiting.ts'
import { analyse } from './analysis.ts'

const GO = process.env['INTEROP_GO_SCRIPTED'] ?? ''
const NODES = 6
/**
 * The last of each implementation publish: when it is time for them, the others have long started.
 */
const PUBLISHERS = [NODES - 2, NODES - 1]
const FIRST_PUBLISH_S = 15
/** The test ends the nodes before. */
const LAST_S = 3600
const SIZES = [98_304, 1024]

/** Nodes with an even id are Go's. */
function isGo(id: number): boolean {
  return id % 2 === 0
}

function of(nodeID: number, instruction: object): object {
  return { type: 'ifNodeIDEquals', nodeID, instruction }
}

/**
 * Each node is linked to the two before it. Topic `b` is not that of the publishers, so that they
 * publish as outsiders.
 */
function paramsJson(): string {
  const ids = Array.from({ length: NODES }, (_, id) => id)
  const messages = ids.flatMap((step) =>
    PUBLISHERS.flatMap((publisher, index) => [
      { publisher, topicID: 'a', messageID: 10 * step + index },
      { publisher, topicID: 'b', messageID: 10 * step + 2 + index },
    ]),
  )
  const script = [
    ...ids.map((id) => {
      const gossipSubParams = { HeartbeatInitialDelay: 100_000_000 + id * 100_000 }
      return of(id, { type: 'initGossipSub', gossipSubParams })
    }),
    { type: 'setTopicValidationDelay', topicID: 'a', delaySeconds: 0.005 },
    ...ids.map((id) => {
      const connectTo = [id - 1, id - 2].filter((other) => other >= 0)
      return of(id, { type: 'connect', connectTo })
    }),
    { type: 'subscribeToTopic', topicID: 'a' },
    ...ids
      .filter((id) => !PUBLISHERS.includes(id))
      .map((id) => of(id, { type: 'subscribeToTopic', topicID: 'b' })),
    { type: 'waitUntil', elapsedSeconds: FIRST_PUBLISH_S },
    ...messages.map(({ publisher, topicID, messageID }, index) => {
      const messageSizeBytes = SIZES[index % SIZES.length]
      return of(publisher, { type: 'publish', topicID, messageID, messageSizeBytes })
    }),
    { type: 'waitUntil', elapsedSeconds: LAST_S },
  ]
  return JSON.stringify({ script })
}

/** The process of a node and what it wrote. */
class NodeProcess {
  readonly lines: string[] = []
  readonly child: ChildProcess
  #looks: (() => void)[] = []

  constructor(id: number, args: readonly string[]) {
    const [program = '', ...before] = isGo(id) ? [GO] : [process.execPath, MAIN, 'interop']
    this.child = spawn(program, [...before, '--node-id', String(id), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (this.child.stdout === null) throw new Error('no standard output')
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.lines.push(line)
      for (const look of this.#looks.splice(0)) look()
    })
  }

  /** Resolves when `holds`, looking again at every line. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const endWait = beginWait(() => what)
    while (!holds()) await new Promise<void>((resolve) => this.#looks.push(resolve))
    endWait()
  }

  received(topic: string): readonly string[] {
    const events = this.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    const copies = events.filter(
      (one) => one['msg'] === 'Received Message' && one['topic'] === topic,
    )
    return [...new Set(copies.map(({ id }) => String(id)))]
  }

  /** The multiaddr at which it listens, without its id. */
  async address(): Promise<string> {
    const find = (): string | undefined => this.lines.find((line) => line.includes('"Listening"'))
    await this.until('where a node listens', () => find() !== undefined)
    const [, address = ''] = /(\/ip4\/127\.0\.0\.1\/tcp\/\d+)\//.exec(find() ?? '') ?? []
    return address
  }

  async end(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) =>
      this.child.once('exit', (code) => resolve(code)),
    )
    this.child.kill('SIGINT')
    return ended
  }
}

describeNeeding(
  GO === '' ? 'needs go: see test/interop/README.md' : '',
  'a script of gossipsub-interop',
  () => {
    const nodes: NodeProcess[] = []
    const dir = mkdtempSync(join(tmpdir(), 'grapevine-scripted-'))

    beforeAll(async () => {
      const file = join(dir, 'params.json')
      writeFileSync(file, paramsJson())
      const args = ['--params', file, '--listen', '/ip4/127.0.0.1/tcp/0']
      for (let id = 0; id < NODES; id++) {
        const node = new NodeProcess(id, args)
        nodes.push(node)
        args.push('--address', `node${id}=${await node.address()}`)
      }
    })

    afterAll(async () => {
      for (const { child } of nodes) child.kill('SIGKILL')
      rmSync(dir, { recursive: true })
    })

    test('is followed by nodes in Go and ours together: every message comes to every node of its topic', async () => {
      for (const [id, node] of nodes.entries()) {
        const own = PUBLISHERS.indexOf(id)
        const ofOthers = (topic: string): number =>
          node.received(topic).filter((message) => Number(message) % 2 !== own).length
        const due = own === -1 ? 2 * NODES : NODES
        await node.until(`all messages at node ${id}`, () => ofOthers('a') >= due)
        if (own === -1) await node.until(`all of b at node ${id}`, () => ofOthers('b') >= due)
      }
      const { peers, messages } = analyse(nodes.map(({ lines }) => lines))
      expect(messages.size).toBe(4 * NODES)
      for (let step = 0; step < NODES; step++)
        for (let index = 0; index < PUBLISHERS.length; index++) {
          const figures = {
            reach: 1,
            duplicates: expect.any(Number),
            latencyMs: expect.any(Number),
          }
          expect(messages.get(String(10 * step + index))).toEqual(figures)
          // Of the five others one is no subscriber either.
          const reach = (NODES - PUBLISHERS.length) / (NODES - 1)
          expect(messages.get(String(10 * step + 2 + index))).toEqual({ ...figures, reach })
        }
      for (const [id] of nodes.entries()) expect(peers.get(id)).toBe(await peerIdOfNode(id))
    })

    test('has messages pass from Go to ours and from ours to Go', () => {
      const { peers } = analyse(nodes.map(({ lines }) => lines))
      const from = (id: number): string => `"from":"${peers.get(id)}"`
      const passed = (isFromGo: boolean): boolean =>
        nodes.some(({ lines }, to) =>
          nodes.some(
            (_, id) =>
              isGo(id) === isFromGo &&
              isGo(to) !== isFromGo &&
              lines.some((line) => line.includes(from(id))),
          ),
        )
      expect([passed(true), passed(false)]).toEqual([true, true])
    })

    test('ends with 130 when it is interrupted before its end', async () => {
      const ours = nodes.filter((_, id) => !isGo(id))
      expect(await Promise.all(ours.map((node) => node.end()))).toEqual(ours.map(() => 130))
    })
  },
)
