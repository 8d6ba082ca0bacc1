import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/cli/exitCodes.ts'
import { eventsIn, grapevine } from '../builders/program.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'grapevine-prepare-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('grapevine prepare', () => {
  test('makes a folder for each host in which a node finds all that it needs', async () => {
    const hosts = '10.0.0.1,node.example,[2001:db8::7]:7000'
    const args = ['prepare', '--hosts', hosts, '--signers', '2', '--json', '--out', 'network']
    const { code, stdout } = await grapevine(args, { cwd: folder }).finished
    expect(code).toBe(0)
    const made = eventsIn(stdout)
    expect(made.map(({ host, address }) => [host, address])).toEqual([
      ['10.0.0.1', '/ip4/10.0.0.1/tcp/9000'],
      ['node.example', '/dns/node.example/tcp/9000'],
      ['2001:db8::7', '/ip6/2001:db8::7/tcp/7000'],
    ])
    const [first, second, third] = made.map(({ dir }) => settingsIn(String(dir)))
    expect(first?.['GRAPEVINE_SIGNER_KEY']).toMatch(/^0x[0-9a-f]{64}$/)
    expect(second?.['GRAPEVINE_SIGNER_KEY']).toMatch(/^0x[0-9a-f]{64}$/)
    expect(third?.['GRAPEVINE_SIGNER_KEY']).toBeUndefined()
    expect(first?.['GRAPEVINE_BOOTNODES']?.split(',')).toEqual(
      made.slice(1).map(({ address, peerId }) => `${String(address)}/p2p/${String(peerId)}`),
    )
    const genesis = readFileSync(join(folder, 'network/10.0.0.1/genesis.json'), 'utf8')
    for (const { signer } of made.slice(0, 2))
      expect(genesis).toContain(String(signer).slice(2).toLowerCase())
    expect(readFileSync(join(folder, 'network/others/genesis.json'), 'utf8')).toBe(genesis)
    expect(statSync(join(folder, 'network/10.0.0.1/.env')).mode & 0o777).toBe(0o600)
    for (const { dir, peerId } of made) {
      const cwd = join(folder, String(dir))
      const key = await grapevine(['key', '--data-dir', 'data', '--json'], { cwd }).finished
      expect(JSON.parse(key.stdout)).toMatchObject({ peerId, isNew: false })
      const config = await grapevine(['config'], { cwd }).finished
      expect(config).toMatchObject({ code: 0, stderr: '' })
    }
  })

  test.each([
    ['no host', ['--hosts', ''], /Expected IP addresses or host names/],
    ['a host twice', ['--hosts', '10.0.0.1,10.0.0.1:9001'], /10\.0\.0\.1 is given twice/],
    ['a host that would leave the folder', ['--hosts', '../x'], /Expected IP addresses/],
    ['a port that is none', ['--hosts', 'a:70000'], /whole number from 1 to 65535/],
    ['more signers than hosts', ['--hosts', 'a,b', '--signers', '3'], /there are only 2 hosts/],
    ['a directory that is there', ['--hosts', 'a', '--out', '.'], /is there already/],
  ])('refuses %s', async (_what, args, line) => {
    const { code, stdout, stderr } = await grapevine(['prepare', ...args], { cwd: folder }).finished
    expect({ code, stdout }).toEqual({ code: EXIT_CODES.usage.code, stdout: '' })
    expect(stderr.split('\n')[0]).toMatch(line)
  })
})

function settingsIn(dir: string): NodeJS.Dict<string> {
  return parseEnv(readFileSync(join(folder, dir, '.env'), 'utf8'))
}
