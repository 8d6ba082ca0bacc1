import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SETTING_NAMES } from '../../src/node/settings/settings.ts'
import { grapevine, startScript } from '../builders/program.ts'

describe('grapevine', () => {
  let folder = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'grapevine-cli-'))
    writeFileSync(join(folder, 'broken.json'), '{"config":')
    writeFileSync(join(folder, 'wrong.json'), '{"config":{"chainId":"x"},"alloc":{}}')
  })

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  /** Runs to the end in an empty folder, so that no `.env` of the checkout is read. */
  async function run(
    args: readonly string[],
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return grapevine(args, { cwd: folder }).finished
  }

  test.each([
    [['node', '--port', '70000'], '--port: expected a whole number from 0 to 65535, got "70000"'],
    [['node', '--log-level', 'loud'], '--log-level: expected one of'],
    [['node', '--genesis', 'nowhere.json'], '--genesis: cannot read nowhere.json'],
    [['node', '--genesis', 'broken.json'], '--genesis: broken.json is not JSON'],
    [['node', '--genesis', 'wrong.json'], 'chainId'],
    [['node', '--signer-key', `0x${'11'.repeat(32)}`], 'is not among the signers of this genesis'],
    [['node', '--mesh-low', '9'], 'expected them in ascending order'],
    [['node', '--prot', '1'], "unknown option '--prot'"],
    [['devnet', '--nodes', '0'], 'Expected a whole number from 1 to 100.'],
    [['devnet', '--nodes', 'many'], 'Expected a whole number from 1 to 100.'],
    [['measure', '--txs', '-5'], 'Expected a whole number'],
    [['measure', '--rpc', 'localhost'], '--rpc: expected an http URL'],
    [['measure', '--rpc', 'http://127.0.0.1:9'], 'no JSON-RPC answer from http://127.0.0.1:9'],
    ...['ask count members', 'find oldest version', 'finality', 'members'].flatMap(
      (words): [string[], string][] => [
        [[...words.split(' '), '--rpc', 'localhost'], '--rpc: expected an http URL'],
        [[...words.split(' '), '--rpc', 'http://127.0.0.1:9'], 'no JSON-RPC answer'],
      ],
    ),
    [['submit', '--count', '1', '--rpc', 'http://127.0.0.1:9'], 'no JSON-RPC answer'],
    [['submit', '0x00'], "required option '--rpc <urls>' not specified"],
    [['submit', '--rpc', 'localhost', '0x00'], '--rpc: expected an http URL'],
    [
      ['submit', '--rpc', 'http://127.0.0.1:1', 'zz'],
      'not a raw transaction in 0x-prefixed hex: zz',
    ],
    [['submit', '--rpc', 'http://127.0.0.1:1'], 'nothing to submit'],
    [['submit', '--rpc', 'http://127.0.0.1:1', '--file', 'nowhere'], '--file: cannot read nowhere'],
    [['frobnicate'], "unknown command 'frobnicate'"],
  ])('%j ends with 2 and one clear line', async (args, message) => {
    const { code, stdout, stderr } = await run(args)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('    at ')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('npm start with a name that is no scenario ends with one line that says which is meant', async () => {
    const { code, stderr } = await startScript(['eigth-regions']).finished
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain('did you mean eight-regions?')
    expect(code).toBe(2)
  })

  test('npm start gives a scenario no load beside its own', async () => {
    const { code, stdout } = await startScript(['two-peers', '--dry-run', '--json']).finished
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ scenario: { name: 'two-peers' } })
  })

  test('config prints every setting with its value and source', async () => {
    const { code, stdout } = await run(['config', '--json', '--port', '4001'])
    const config = JSON.parse(stdout) as {
      settings: Record<string, unknown>
      sources: Record<string, unknown>
    }
    expect(code).toBe(0)
    expect(Object.keys(config.settings)).toEqual(SETTING_NAMES)
    expect([config.settings['port'], config.sources['port']]).toEqual([4001, 'flag'])
  })

  test('config --limits prints every bound of every folder', async () => {
    const { code, stdout } = await run(['config', '--limits', '--json'])
    const limits = JSON.parse(stdout) as { folder: string; name: string; value: string }[]
    expect(code).toBe(0)
    expect(limits).toContainEqual({ folder: 'mempool', name: 'pendingSlots', value: '5120' })
    expect(
      limits.filter(({ value }) => value === 'undefined' || value === '[object Object]'),
    ).toEqual([])
  })

  test('a secret in the environment is not printed', async () => {
    writeFileSync(join(folder, '.env'), `GRAPEVINE_SIGNER_KEY=0x${'11'.repeat(32)}\n`)
    try {
      const { stdout } = await run(['config'])
      expect(stdout).toContain('--signer-key (hidden)  [.env;')
      expect(stdout).not.toContain('1111')
    } finally {
      rmSync(join(folder, '.env'))
    }
  })
})
