/** Chains as files: what goes in comes out, and what is broken is one clear line. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeBlock } from '../../src/block/block.ts'
import { devnetGenesis } from '../../src/chain/genesis/devnetGenesis.ts'
import { EXIT_CODES } from '../../src/cli/exitCodes.ts'
import { openFinalityFile } from '../../src/finality/finalityFile.ts'
import { checkpointAt, domainOf } from '../builders/votes.ts'
import { recordingLog } from '../builders/syncNode.ts'
import { extend, testChain, testSigners } from '../builders/chain.ts'
import { eventsIn, grapevine, MAIN, type Finished } from '../builders/program.ts'
import { FIXTURES } from '../builders/rpcFixtures.ts'
import { signedTransfer } from '../builders/tx.ts'
import { decoded, vectorChainBytes } from '../builders/vectorChain.ts'

const GENESIS = fileURLToPath(new URL('genesis.json', FIXTURES))
const CHAIN = fileURLToPath(new URL('chain.rlp', FIXTURES))
const CHAIN_BYTES = readFileSync(CHAIN)

describe('import and export', () => {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'grapevine-chains-'))
  })

  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function path(name: string): string {
    return join(folder, name)
  }

  /** Runs a command on the data directory `data`. */
  function run(command: string, args: readonly string[], genesis = GENESIS): Promise<Finished> {
    const place = ['--data-dir', path('data'), '--genesis', genesis]
    return grapevine([command, ...place, ...args], { cwd: folder }).finished
  }

  function importUnexecuted(file: string): Promise<Finished> {
    return run('import', ['--ledger', 'none', '--json', file])
  }

  async function importedAll(): Promise<void> {
    const { code, stdout, stderr } = await importUnexecuted(CHAIN)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(eventsIn(stdout)).toMatchObject([{ event: 'imported', complete: true, imported: 54 }])
  }

  /** Of which chain the directory is, it knows itself. */
  function exportTo(name: string, ...flags: string[]): Promise<Finished> {
    const args = ['export', '--data-dir', path('data'), ...flags, path(name)]
    return grapevine(args, { cwd: folder }).finished
  }

  test('the same bytes come out that went in', async () => {
    await importedAll()
    const stderr = `54 blocks written to ${path('out.rlp')}\n`
    expect(await exportTo('out.rlp')).toMatchObject({ code: 0, stdout: '', stderr })
    expect(readFileSync(path('out.rlp')).equals(CHAIN_BYTES)).toBe(true)
  })

  /** What a shell makes of an export and of the rest of the line, in the folder. */
  async function exportInShell(rest: string) {
    const script = `set -o pipefail; "$0" "$1" export --data-dir data ${rest}`
    const shell = spawn('bash', ['-c', script, process.execPath, MAIN], { cwd: folder })
    let stderr = ''
    shell.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const code = await new Promise((resolve) => shell.once('close', resolve))
    return { code, stderr }
  }

  test.each(['- > out.rlp', '/dev/stdout > out.rlp', '- | cat > out.rlp'])(
    'export %s writes the blocks alone, and says what it did on standard error',
    async (rest) => {
      await importedAll()
      const stderr = '54 blocks written to standard output\n'
      expect(await exportInShell(rest)).toEqual({ code: 0, stderr })
      expect(readFileSync(path('out.rlp')).equals(CHAIN_BYTES)).toBe(true)
      expect(existsSync(path('-'))).toBe(false)
    },
  )

  test.each([
    ['- > /dev/full', 'ENOSPC'],
    ['/dev/stdout | true', 'EPIPE'],
  ])('export %s ends with 1 and one clear line', async (rest, why) => {
    await importedAll()
    const { code, stderr } = await exportInShell(rest)
    expect(stderr).toMatch(new RegExp(`^grapevine: cannot write to standard output: .*${why}.*\n$`))
    expect(code).toBe(EXIT_CODES.failure.code)
  })

  test('a second import takes nothing in and changes nothing', async () => {
    await importedAll()
    const { code, stdout } = await importUnexecuted(CHAIN)
    expect(code).toBe(0)
    expect(eventsIn(stdout)).toMatchObject([{ imported: 0, known: 54, head: { number: 54 } }])
    await exportTo('out.rlp')
    expect(readFileSync(path('out.rlp')).equals(CHAIN_BYTES)).toBe(true)
  })

  test('of blocks that leave a final one is refused with a reason of its own, and changes nothing', async () => {
    const [kept, other] = [testChain({ signers: 4 }), testChain({ signers: 4 })]
    const genesis = path('genesis.json')
    const signers = testSigners(4).map(({ address }) => address)
    writeFileSync(genesis, JSON.stringify(devnetGenesis({ signers, periodS: 1 })))
    const mine = Array.from({ length: 6 }, () => extend(kept))
    const theirs = Array.from({ length: 9 }, () => extend(other, { lateS: 1 }))
    writeFileSync(path('mine.rlp'), Buffer.concat(mine.map(({ raw }) => raw)))
    writeFileSync(path('theirs.rlp'), Buffer.concat(theirs.map(({ raw }) => raw)))
    expect(await run('import', ['--json', path('mine.rlp')], genesis)).toMatchObject({ code: 0 })
    const { log } = recordingLog()
    const opened = { domain: domainOf(kept), signers: kept.signers, log }
    const keeper = await openFinalityFile(path('data'), opened)
    const settled = { justified: checkpointAt(kept, 5), finalized: checkpointAt(kept, 4) }
    keeper.keep(() => ({ settled, votes: [], evidence: [] }))
    await keeper.close()
    const { code, stdout, stderr } = await run('import', ['--json', path('theirs.rlp')], genesis)
    expect({ code, stdout }).toMatchObject({ code: EXIT_CODES.usage.code })
    expect(`${stdout}${stderr}`).toContain('conflicts-with-finalized')
    const again = await run('import', ['--json', path('mine.rlp')], genesis)
    expect(eventsIn(again.stdout)).toMatchObject([
      { imported: 0, known: 6, head: { number: 6, hash: kept.head.hash } },
    ])
  })

  test('a part can be exported, gzipped too, and the genesis with it', async () => {
    await importedAll()
    expect(await exportTo('part.rlp.gz', '--first', '3', '--last', '5')).toMatchObject({ code: 0 })
    const expected = Buffer.concat(vectorChainBytes().slice(2, 5))
    expect(gunzipSync(readFileSync(path('part.rlp.gz'))).equals(expected)).toBe(true)
    await exportTo('first.rlp', '--first', '0', '--last', '0')
    const genesis = decoded(decodeBlock(new Uint8Array(readFileSync(path('first.rlp')))))
    expect(genesis.hash).toBe(
      decoded(decodeBlock(vectorChainBytes()[0] ?? Uint8Array.of())).header.parentHash,
    )
  })

  test('a gzipped file is taken in, and parts one after another', async () => {
    const blocks = vectorChainBytes()
    writeFileSync(path('one.gz'), gzipSync(Buffer.concat(blocks.slice(0, 40))))
    writeFileSync(path('two.rlp'), Buffer.concat(blocks.slice(20)))
    expect(await importUnexecuted(path('one.gz'))).toMatchObject({ code: 0 })
    const { stdout } = await importUnexecuted(path('two.rlp'))
    expect(eventsIn(stdout)).toMatchObject([{ imported: 14, known: 20, head: { number: 54 } }])
  })

  test('a chain with transfers is executed and comes out the same', async () => {
    const chain = testChain()
    const blocks = [0n, 1n, 2n].map((nonce) => extend(chain, { txs: [signedTransfer({ nonce })] }))
    const bytes = Buffer.concat(blocks.map(({ raw }) => raw))
    const signers = testSigners(1).map(({ address }) => address)
    writeFileSync(path('genesis.json'), JSON.stringify(devnetGenesis({ signers, periodS: 1 })))
    writeFileSync(path('in.rlp'), bytes)
    const given = await run('import', [path('in.rlp')], path('genesis.json'))
    expect(given).toMatchObject({ code: 0, stderr: '' })
    expect(given.stdout).toContain(
      `3 blocks imported, 0 known before; the head is block 3 ${chain.head.hash}`,
    )
    expect(await exportTo('out.rlp')).toMatchObject({ code: 0 })
    expect(readFileSync(path('out.rlp')).equals(bytes)).toBe(true)
  })

  test('a truncated file gives its whole blocks and one line that says where it ends', async () => {
    writeFileSync(path('cut.rlp'), CHAIN_BYTES.subarray(0, CHAIN_BYTES.length - 100))
    const { code, stdout, stderr } = await importUnexecuted(path('cut.rlp'))
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(/cut\.rlp: broken at byte \d+: rlp-truncated: .* 53 blocks imported/)
    const { stdout: rest } = await importUnexecuted(CHAIN)
    expect(eventsIn(rest)).toMatchObject([{ imported: 1, known: 53 }])
  })

  test.each<[string, () => Uint8Array, RegExp]>([
    ['garbage', () => Buffer.from('no chain at all'), /broken at byte 0: /],
    [
      'garbage after blocks',
      () => Buffer.concat([...vectorChainBytes().slice(0, 3), Buffer.from('x')]),
      /broken at byte \d+: block-not-a-list: .* 3 blocks imported/,
    ],
    [
      'a truncated gzip',
      () => gzipSync(CHAIN_BYTES).subarray(0, 20_000),
      /unreadable: .*unexpected end of file.* \d+ blocks imported/,
    ],
    [
      'blocks without those before them',
      () => Buffer.concat(vectorChainBytes().slice(5)),
      /block 6 at byte 0: its parent 0x[0-9a-f]{64} is not there/,
    ],
  ])('%s ends with 2 and one clear line', async (_, bytes, line) => {
    writeFileSync(path('bad.rlp'), bytes())
    const { code, stderr } = await importUnexecuted(path('bad.rlp'))
    expect(code).toBe(2)
    expect(stderr).toMatch(line)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test.each(['file/below/it', '/proc/grapevine/data'])(
    'a data directory in %s, where there can be none, ends with 2 and one clear line',
    async (place) => {
      writeFileSync(path('file'), '')
      const args = ['import', '--genesis', GENESIS, '--ledger', 'none', '--data-dir', place, CHAIN]
      const { code, stderr } = await grapevine(args, { cwd: folder }).finished
      expect(code).toBe(2)
      expect(stderr).toMatch(/^grapevine: --data-dir: cannot use .*\n$/)
    },
  )

  test('a chain of another genesis is told apart', async () => {
    const signers = testSigners(1).map(({ address }) => address)
    writeFileSync(path('genesis.json'), JSON.stringify(devnetGenesis({ signers, periodS: 1 })))
    const { code, stderr } = await run('import', ['--ledger', 'none', CHAIN], path('genesis.json'))
    expect(code).toBe(2)
    expect(stderr).toContain('block 1 at byte 0: of another chain, whose genesis is 0x44fd89d5')
  })

  test('a chain of another genesis leaves a new data directory to the right one', async () => {
    const signers = testSigners(1).map(({ address }) => address)
    writeFileSync(path('genesis.json'), JSON.stringify(devnetGenesis({ signers, periodS: 1 })))
    await run('import', ['--ledger', 'none', CHAIN], path('genesis.json'))
    const { stdout } = await importUnexecuted(CHAIN)
    expect(eventsIn(stdout)).toMatchObject([{ imported: 54, known: 0 }])
  })

  test('a data directory of another genesis is told apart, and stays as it is', async () => {
    await importedAll()
    const signers = testSigners(1).map(({ address }) => address)
    writeFileSync(path('genesis.json'), JSON.stringify(devnetGenesis({ signers, periodS: 1 })))
    const { code, stderr } = await run('import', [CHAIN], path('genesis.json'))
    expect(code).toBe(2)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    await exportTo('out.rlp')
    expect(readFileSync(path('out.rlp')).equals(CHAIN_BYTES)).toBe(true)
  })

  test('a range that is not there ends with 2 and one clear line', async () => {
    await importedAll()
    const ranges: readonly (readonly [string[], string])[] = [
      [['--last', '55'], '--last 55: the head is block 54'],
      [['--first', '9', '--last', '8'], '--first 9 is above --last 8'],
      [['--first', '99'], '--first 99: the head is block 54'],
    ]
    for (const [flags, line] of ranges) {
      const { code, stderr } = await exportTo('out.rlp', ...flags)
      expect(stderr).toContain(line)
      expect(code).toBe(2)
    }
  })

  test.each([
    [['import', 'nowhere.rlp', '--data-dir', 'data'], 'cannot read nowhere.rlp'],
    [['import', '.', '--data-dir', 'data'], 'cannot read .: it is a directory'],
    [['import', 'chain.rlp'], '--data-dir: say where the chain is kept'],
    [['export', '-', '--json'], '--json: does not go with -'],
    [['export', 'chain.rlp'], '--data-dir: say where the chain is kept'],
    [['import', '--ledger', 'all', 'x'], '--ledger: expected one of transfers, none, got "all"'],
  ])('%j ends with 2 and one clear line', async (args, line) => {
    const { code, stderr } = await grapevine(args, { cwd: folder }).finished
    expect(stderr).toContain(line)
    expect(code).toBe(2)
  })
})
