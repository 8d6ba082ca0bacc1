/** Three hosts, brought up by the commands of docs/deploy.md. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../src/measure/report.ts'
import { MAIN } from '../builders/program.ts'
import {
  HOSTS,
  makeNetwork,
  removeNetwork,
  runOnRouter,
  startOn,
  type HostAddress,
  type HostProgram,
} from './network.ts'
import { commandsOf } from './page.ts'

const ADDRESSES = Object.keys(HOSTS) as HostAddress[]

describe('a network of three hosts, made by the commands of the page', () => {
  let [root, path] = ['', '']
  const nodes = new Map<HostAddress, HostProgram>()
  const ready = new Map<HostAddress, Record<string, unknown>>()

  const on = (host: HostAddress, commands: string): HostProgram =>
    startOn(host, commands, { cwd: root, path })
  const ended = async (host: HostAddress, commands: string): Promise<string> => {
    const { code, output } = await on(host, commands).ended
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
    return output
  }
  const start = async (host: HostAddress): Promise<void> => {
    const node = on(
      host,
      commandsOf(`host ${host}`).replace('grapevine node', 'exec grapevine node --json'),
    )
    nodes.set(host, node)
    ready.set(host, await node.event('ready'))
  }

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'grapevine-hosts-'))
    path = join(root, 'bin')
    makeNetwork()
    writeProgram(path)
    await ended('10.0.0.1', commandsOf('prepare'))
    runOnRouter(commandsOf('router'))
    await Promise.all(ADDRESSES.map(start))
  })

  afterAll(async () => {
    for (const node of nodes.values()) node.kill('SIGTERM')
    await Promise.all([...nodes.values()].map((node) => node.ended))
    removeNetwork()
    rmSync(root, { recursive: true, force: true })
  })

  test('carries transactions to every host, measured from one of them by clocks that differ', async () => {
    const file = join(root, 'report.json')
    await ended('10.0.0.1', `${commandsOf('measure')} --json >${file}`)
    const report = JSON.parse(await ended('10.0.0.1', `cat ${file}`)) as Report
    expect(report).toMatchObject({
      nodes: 3,
      clock: { source: 'status-exchange' },
      transactions: { submitted: 20, accepted: 20, coverage: 1 },
    })
    expect(report.clock.clocks).toHaveLength(3)
    const { p50, errorMs } = report.transactions.latencyMs
    expect(p50).toBeGreaterThan(-errorMs)
    expect(errorMs).toBeGreaterThan(0)
  })

  test('reaches the host behind the router by the port that the router forwards', async () => {
    const output = await ended('10.0.0.2', 'grapevine members --rpc http://10.0.0.2:8545 --json')
    expect(output).toContain('/ip4/10.0.0.254/tcp/7000')
    expect(output).not.toContain('192.168.7.2')
  })

  test('takes a host back that was killed, with its peer id and its chain', async () => {
    const before = ready.get('192.168.7.2')
    nodes.get('192.168.7.2')?.kill('SIGKILL')
    await nodes.get('192.168.7.2')?.ended
    await start('192.168.7.2')
    expect(ready.get('192.168.7.2')?.['peerId']).toBe(before?.['peerId'])
    await ended('10.0.0.1', commandsOf('measure'))
  })

  test('ends every node on SIGTERM with code 0', async () => {
    for (const node of nodes.values()) node.kill('SIGTERM')
    const codes = await Promise.all([...nodes.values()].map((node) => node.ended))
    expect(codes.map(({ code, output }) => (code === 0 ? 0 : output))).toEqual([0, 0, 0])
  })
})

/** `grapevine` for the shell of a host. */
function writeProgram(path: string): void {
  const file = join(path, 'grapevine')
  mkdirSync(path)
  writeFileSync(file, `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`)
  chmodSync(file, 0o755)
}
