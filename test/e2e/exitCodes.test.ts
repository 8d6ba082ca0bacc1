/**
 * Exit codes and refusals of every command; what ends before anything starts runs in this process.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { EXIT_CODES, exitCodeOf } from '../../src/cli/exitCodes.ts'
import { isSetting } from '../../src/cli/docs/cliPage.ts'
import { program, programFor } from '../../src/cli/program.ts'
import { parseArguments } from '../../src/cli/start/parseArguments.ts'
import { messageOf } from '../../src/lib/assert.ts'
import { RPC_CODES } from '../../src/rpc/errors.ts'
import { MAIN } from '../builders/program.ts'

const REPORT = fileURLToPath(new URL('../../docs/report.json', import.meta.url))
/** One node, two addresses. */
const TWICE = ['--address', 'node1=/dns/a/tcp/9', '--address', 'node1=/dns/b/tcp/9']
const NOWHERE = 'http://127.0.0.1:1'
const whole = await program()

describe('exit codes', () => {
  const before = process.cwd()
  let folder = ''
  let busy: Server
  let port = ''
  /** Answers every call with an error of this code. */
  let refusing: Server
  let refusal = 0

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'grapevine-exit-'))
    writeFileSync(join(folder, 'file'), '')
    process.chdir(folder)
    busy = createServer((_request, response) => response.writeHead(403).end('invalid host'))
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
    const address = busy.address()
    port = String(typeof address === 'object' ? address?.port : '')
    refusing = createServer((_request, response) => {
      const error = { code: refusal, message: 'not with these words' }
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, error }))
    })
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
  })

  afterEach(() => {
    process.exitCode = undefined
  })

  afterAll(() => {
    process.chdir(before)
    busy.close()
    refusing.close()
    rmSync(folder, { recursive: true })
  })

  /** What main does, but for its last step, in this process. */
  async function run(...args: readonly string[]) {
    const text = { stdout: '', stderr: '' }
    const spies = (['stdout', 'stderr'] as const).map((name) =>
      vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
        text[name] += String(chunk)
        return true
      }),
    )
    try {
      await parseArguments(await programFor(args), args)
      return { code: Number(process.exitCode ?? 0), ...text }
    } catch (error) {
      return { code: exitCodeOf(error), ...text, stderr: text.stderr + messageOf(error) }
    } finally {
      for (const spy of spies) spy.mockRestore()
    }
  }

  /** The commands by name, those below another included, hidden ones too. */
  function names(command: Command, above = ''): string[] {
    return command.commands.flatMap((sub) => {
      const name = `${above} ${sub.name()}`.trim()
      return sub.commands.length === 0 ? [name] : names(sub, name)
    })
  }

  function commandOf(name: string): Command {
    const at = (above: Command, word: string) =>
      above.commands.find((command) => command.name() === word) ?? above
    return name.split(' ').reduce(at, whole)
  }

  test.each(names(whole))('%s: help ends with 0, an unknown flag with 2', async (name) => {
    const words = name.split(' ')
    const help = await run(...words, '--help')
    expect(help.stdout).toContain(`grapevine ${name}`)
    expect(help.code).toBe(EXIT_CODES.success.code)
    const { code, stderr } = await run(...words, '--no-such-flag')
    expect(stderr).toMatch(/unknown option '--no-such-flag'|required option/)
    expect(code).toBe(EXIT_CODES.usage.code)
  })

  test.each([
    [['help', 'foo'], ['foo']],
    [['foo', '--help'], ['foo']],
    [
      ['help', 'inspect', 'foo'],
      ['inspect', 'foo'],
    ],
    [
      ['inspect', 'help', 'foo'],
      ['inspect', 'foo'],
    ],
  ])('%j says that foo is unknown, as %j does, and shows no help', async (help, plain) => {
    const answer = await run(...help)
    expect(answer.stderr).toContain("unknown command 'foo'")
    expect({ code: answer.code, stdout: answer.stdout }).toEqual({ code: 2, stdout: '' })
    expect(answer).toEqual(await run(...plain))
  })

  /** The options that name a file or folder; an empty setting has a meaning of its own. */
  const places = names(whole).flatMap((name) => {
    const options = commandOf(name).options.filter(
      (option) => /<(file|dir)>/.test(option.flags) && !isSetting(option),
    )
    return options.map(({ long }) => [name, long ?? ''] as const)
  })

  test.each(places)('%s %s: an empty name ends with 2 and leaves nothing', async (name, flag) => {
    const left = readdirSync(folder)
    const { code, stdout, stderr } = await run(...name.split(' '), flag, '')
    expect(stderr).toContain(`argument '' is invalid. Expected the name of a file or folder`)
    expect({ code, stdout }).toEqual({ code: EXIT_CODES.usage.code, stdout: '' })
    expect(readdirSync(folder)).toEqual(left)
  })

  test.each(['--port', '--rpc-port', '--metrics-port'])(
    'node %s that is in use ends with 2 and names the flag',
    async (flag) => {
      const { code, stderr } = await run('node', '--log-level', 'silent', flag, port)
      expect(stderr).toContain(port)
      expect(stderr).toContain(flag)
      expect(code).toBe(EXIT_CODES.usage.code)
    },
  )

  test.each([['0x01'], ['--count 1']])(
    'submit %s to a peer that does not answer ends with 2 and one line',
    async (what) => {
      const closed = 'http://127.0.0.1:1'
      const { code, stdout, stderr } = await run('submit', '--rpc', closed, ...what.split(' '))
      expect(stderr).toMatch(/^no JSON-RPC answer from http:\/\/127\.0\.0\.1:1: .*$/)
      expect({ code, stdout }).toEqual({ code: EXIT_CODES.usage.code, stdout: '' })
    },
  )

  test('rounds over a graph in parts ends with 0, and says that no run can reach all', async () => {
    const graph = ['--graph', 'random', '--degree', '1', '--nodes', '10', '--max-rounds', '9']
    const { code, stdout, stderr } = await run('rounds', ...graph, '--json')
    expect(stderr).toMatch(/^the graph is in \d+ parts, .*no run can reach all\n$/)
    expect(JSON.parse(stdout)).toMatchObject({ parts: Number(/\d+/.exec(stderr)) })
    expect(code).toBe(EXIT_CODES.success.code)
  })

  test('node --host with an address that the machine does not have ends with 2 and names the flag', async () => {
    const { code, stderr } = await run('node', '--log-level', 'silent', '--host', '203.0.113.1')
    expect(stderr).toBe('this machine has no address 203.0.113.1: choose another with --host')
    expect(code).toBe(EXIT_CODES.usage.code)
  })

  test('interop --listen on a port that is in use ends with 2 and names the flag', async () => {
    const script = [
      { type: 'initGossipSub', gossipSubParams: {} },
      { type: 'subscribeToTopic', topicID: 'a' },
    ]
    const file = join(folder, 'params.json')
    writeFileSync(file, JSON.stringify({ script }))
    const listen = ['--listen', `/ip4/127.0.0.1/tcp/${port}`]
    const { code, stderr } = await run('interop', '--params', file, '--node-id', '0', ...listen)
    rmSync(file)
    expect(stderr).toBe(`--listen: port ${port} on 127.0.0.1 is in use`)
    expect(code).toBe(EXIT_CODES.usage.code)
  })

  /** Runs a command at a peer that answers every call with an error of this code. */
  async function refused(answered: number, words: readonly string[]): Promise<number> {
    const address = refusing.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    refusal = answered
    const { code, stderr } = await run(...words, '--rpc', url)
    expect(stderr).toContain('not with these words')
    return code
  }

  const questions = [
    ['ask', 'mean', 'txpool.pending'],
    ['find', 'largest', 'txpool.pending'],
    ['members'],
    ['submit', '--count', '1'],
  ]

  test.each([...questions, ['finality'], ['measure', '--txs', '1']])(
    '%s: what the peer cannot make sense of ends with 2',
    async (...words) => {
      for (const answered of [RPC_CODES.invalidParams, RPC_CODES.methodNotFound])
        expect(await refused(answered, words)).toBe(EXIT_CODES.usage.code)
    },
  )

  test.each(questions)('%s: what fails in the peer ends with 1', async (...words) => {
    expect(await refused(RPC_CODES.internal, words)).toBe(EXIT_CODES.failure.code)
  })

  test.each([
    [['node', '--rpc-port', '6000'], 'the Fetch standard blocks it'],
    [['devnet', '--dashboard', '6000'], 'the Fetch standard blocks it'],
    [['node', '--bootnodes', 'foo'], '--bootnodes: expected multiaddrs'],
    [['node', '--bootnodes', '/ip4/127.0.0.1/tcp/9000'], 'it names no peer'],
    [['config', '--bootnodes', 'foo'], '--bootnodes: expected multiaddrs'],
    [['config', '--router', 'Dfoo=3'], '--router: no parameter Dfoo'],
    [['config', '--limits', '--port', '1'], '--port: has no effect on --limits'],
    [
      ['node', '--rpc', 'false', '--rpc-port', '8545'],
      '--rpc-port: has no effect with --rpc false',
    ],
    [['node', '--metrics', 'false', '--metrics-port', '1'], '--metrics-port: has no effect'],
    [['node', '--journal-sync', 'always'], '--journal-sync: has no effect without --data-dir'],
    [['devnet', '--log-level', 'loud'], "argument 'loud' is invalid"],
    [['devnet', '--dir', 'file/below'], '--dir: cannot use file/below'],
    [['devnet', '--rate', '5'], '--rate: needs a load'],
    [['devnet', '--report-dir', 'x'], '--report-dir: needs a load'],
    [['devnet', '--expect', 'coverage=1'], '--expect: needs a load'],
    [['devnet', '--once'], '--once: needs a load'],
    [
      ['measure', '--simulate', '--engine', 'router', '--period', '3'],
      '--period: a router alone seals no blocks',
    ],
    [['experiment', 'degree', '--processes', '2'], '--processes: needs --simulate'],
    [['devnet', '--mnemonic', 'one two'], 'not a BIP-39 mnemonic'],
    [['devnet', '--balance', 'much'], 'Expected an amount of ether'],
    [['measure', '--report-dir', 'file/below'], 'cannot write file/below/report.json'],
    [['measure', '--html', 'file/below'], 'cannot write file/below'],
    [['simulate', 'star', '--nodes', '1e9'], 'Expected a whole number from 1 to 200000.'],
    [['rounds', '--protocol', 'push-sum', '--error', '1e1'], 'a number above 0, at most 1.'],
    [['measure', '--simulate', '--txs', '0'], '--txs: expected at least 1'],
    [['measure', '--simulate', '--nodes', '1'], '--nodes: too small'],
    [['measure', '--simulate', '--rate', '0.001'], '--txs over --rate, seconds: too big'],
    [['measure', 'star', '--simulate', '--nodes', '1'], 'star: --nodes: too small'],
    [['simulate', 'star', '--nodes', '1'], 'star: --nodes: too small'],
    [['measure', '--expect', 'speed<1'], 'there is no figure speed; the nearest are '],
    [['measure', '--rpc', NOWHERE, '--nodes', '3'], '--nodes: is for a network that this command'],
    [['measure', '--rpc', NOWHERE, '--seed', '3'], '--seed: is for a network that this command'],
    [['measure', '--rpc', NOWHERE, '--rate', '3'], '--rate: needs --txs'],
    [['measure', '--rpc', NOWHERE, '--html', 'file/below'], 'cannot write file/below'],
    [['report', REPORT, '--out', 'x'], '--out: needs --export'],
    [['report', REPORT, '--seed', '2'], '--seed: is for the comparison'],
    [['report', REPORT, REPORT, '--expect', 'coverage=1'], '--expect: takes one report'],
    [['report', REPORT, REPORT, '--export', 'csv'], '--export: takes one report'],
    [['submit', '--rpc', NOWHERE, '--senders', '2', '0x00'], '--senders: needs --count'],
    [['export', '--data-dir', 'typo', 'out.rlp'], '--data-dir: typo holds no chain'],
    [['scenarios', 'nothing'], 'there is no scenario nothing'],
    [['scenarios', '--copy', 'x'], '--copy: needs the name of a scenario'],
    [['scenarios', 'star', '--copy', 'file'], '--copy: file exists'],
    [['genesis', '--signers', '0x12'], 'Expected addresses such as'],
    [['key'], '--data-dir: say where the key is kept'],
    [['report', REPORT, '--html', '-'], 'Expected a file of its own: standard output has'],
    [['measure', '--html', '/dev/stdout'], 'Expected a file of its own: standard output has'],
    [['key', '--data-dir', ''], '--data-dir: say where the key is kept'],
    [['inspect', 'tx', '--genesis', ''], 'Expected the name of a file or folder'],
    [['import', '--data-dir', 'x', ''], 'Expected the name of a file or folder'],
    [['export', '--data-dir', 'x', ''], 'Expected the name of a file or folder'],
    [['key', '--account', '--data-dir', 'x'], '--data-dir: an account is kept nowhere'],
    [['experiment', 'nothing'], 'there is no experiment nothing'],
    [['completion', 'tcsh'], 'is invalid'],
    [['interop', '--node-id', '0'], "required option '--params <file>'"],
    [
      ['interop', '--node-id', '0', '--params', 'nowhere.json'],
      '--params: cannot read nowhere.json',
    ],
    [['interop', '--node-id', '0', '--params', 'file'], 'file: not JSON'],
    [['interop', '--node-id', '0', '--params', REPORT], 'expected an object with a list "script"'],
    [['interop', '--params', 'file'], '--node-id: say which node this is'],
    [['interop', '--params', 'file', '--node-id', '-1'], 'Expected a whole number from 0'],
    [['interop', '--params', 'file', '--listen', 'localhost:9000'], 'Expected a multiaddr such as'],
    [
      ['interop', '--params', 'file', '--listen', '/ip4/::/tcp/99999'],
      'Expected a multiaddr such as',
    ],
    [['interop', '--params', 'file', '--address', 'node1=/dns/a/tcp/65536'], 'Expected an address'],
    [
      ['interop', '--params', 'file', '--address', 'node1'],
      'Expected an address such as node1=/ip4',
    ],
    [['interop', '--params', 'file', '--address', 'b=/ip4/1.2.3.4/tcp/9'], 'Expected an address'],
    [['interop', '--params', 'file', ...TWICE], 'node1 has an address already'],
  ])('%j ends with 2, says why and leaves nothing behind', async (args, message) => {
    const left = readdirSync(folder)
    const { code, stdout, stderr } = await run(...args)
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: EXIT_CODES.usage.code, stdout: '' })
    expect(readdirSync(folder)).toEqual(left)
  })

  test('a server that refuses the request is quoted', async () => {
    const { code, stderr } = await run('measure', '--rpc', `http://127.0.0.1:${port}`)
    expect(stderr).toContain('HTTP 403 Forbidden, "invalid host"')
    expect(code).toBe(EXIT_CODES.usage.code)
  })

  test('an expectation that does not hold ends with 3 and a line of its own', async () => {
    const { code, stderr } = await run('report', REPORT, '--expect', 'nodes=9,coverage>=0')
    expect(stderr).toMatch(/^expected nodes=9, was \d+\n$/)
    expect(code).toBe(EXIT_CODES.fellShort.code)
  })

  test.each([
    ['config', '--json'],
    ['inspect', 'tx', '--chain-id', '1'],
    ['node', '--json', '--log-level', 'silent'],
    ['--help'],
  ])('%s does not end with 0 where its output cannot be written', async (...args) => {
    const script = 'echo 0x00 | "$0" "$@" >/dev/full'
    const shell = spawn('sh', ['-c', script, process.execPath, MAIN, ...args])
    let stderr = ''
    shell.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const code = await new Promise((resolve) => shell.once('close', resolve))
    expect(stderr).toContain('cannot write to standard output: ENOSPC')
    expect(code).toBe(EXIT_CODES.failure.code)
  })

  test.each([
    ['genesis', '--out'],
    ['report', REPORT, '--html'],
  ])(
    '%s: a file that takes no more ends with 1, and one that cannot be opened with 2',
    async (...words) => {
      const full = await run(...words, '/dev/full')
      expect(full.stderr).toMatch(/^cannot write \/dev\/full: ENOSPC.*\n?$/)
      expect(full.code).toBe(EXIT_CODES.failure.code)
      const wrong = await run(...words, join(REPORT, 'inside'))
      expect(wrong.stderr).toMatch(/^cannot write .*\n?$/)
      expect(wrong.code).toBe(EXIT_CODES.usage.code)
    },
  )

  test('what goes to a file named - is written to standard output, and makes no file', async () => {
    for (const [words, flag] of [
      [['genesis'], '--out'],
      [['scenarios', 'star'], '--copy'],
    ] as const) {
      const plain = await run(...words)
      expect(plain.stdout).not.toBe('')
      for (const name of ['-', '/dev/stdout'])
        expect(await run(...words, flag, name)).toEqual(plain)
    }
    expect(readdirSync(folder)).not.toContain('-')
  })

  test('scenarios copies one to a file that measure takes', async () => {
    const copied = await run('scenarios', 'two-peers', '--copy', 'mine.yaml')
    expect(copied).toMatchObject({ code: 0, stdout: '' })
    expect(readFileSync('mine.yaml', 'utf8')).toContain('name: two-peers')
    const { code, stdout } = await run('measure', './mine.yaml', '--dry-run')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ scenario: { name: 'two-peers' } })
  })

  test('scenarios lists them all, each with what it shows', async () => {
    const { stdout } = await run('scenarios', '--json')
    const listed = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect(listed).toContainEqual(expect.objectContaining({ name: 'star', nodes: 16 }))
    expect(listed.length).toBeGreaterThan(20)
  })
})
