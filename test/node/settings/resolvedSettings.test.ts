import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  envExample,
  resolveSettings,
  settingText,
} from '../../../src/node/settings/resolvedSettings.ts'
import { LOOPBACK_ORIGINS } from '../../../src/rpc/server/access.ts'
import { envName, flagName, SETTING_NAMES, SETTINGS } from '../../../src/node/settings/settings.ts'

describe('config', () => {
  let folder = ''
  let envFile = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'grapevine-config-'))
    envFile = join(folder, '.env')
  })

  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('a flag wins over the environment, the environment over .env, .env over the default', () => {
    writeFileSync(envFile, 'GRAPEVINE_PORT=3\nGRAPEVINE_RPC_PORT=3\nGRAPEVINE_METRICS_PORT=3\n')
    const environment = { GRAPEVINE_PORT: '2', GRAPEVINE_RPC_PORT: '2' }
    const { settings, sources } = resolveSettings({ port: '1' }, { environment, envFile })
    expect([settings.port, settings.rpcPort, settings.metricsPort]).toEqual([1, 2, 3])
    expect([sources.port, sources.rpcPort, sources.metricsPort]).toEqual([
      'flag',
      'environment',
      '.env',
    ])
    expect([settings.meshDegree, sources.meshDegree]).toEqual([
      SETTINGS.meshDegree.fallback,
      'default',
    ])
  })

  test('parameters of the router are numbers by name, and their text reads back the same', () => {
    const { settings } = resolveSettings(
      { router: 'D=4, heartbeatMs=500,gossipFactor=0.5' },
      { environment: {}, envFile: '' },
    )
    expect(settings.router).toEqual({ D: 4, heartbeatMs: 500, gossipFactor: 0.5 })
    const again = resolveSettings(
      { router: settingText(settings.router) },
      { environment: {}, envFile: '' },
    )
    expect(again.settings.router).toEqual(settings.router)
  })

  test.each([
    [{ port: '70000' }, '--port: expected a whole number from 0 to 65535, got "70000"'],
    [{ port: '1.5' }, '--port: expected a whole number from 0 to 65535, got "1.5"'],
    [
      { router: 'D=8,Dlo' },
      '--router: expected name=number pairs separated by commas (not "Dlo"), got "D=8,Dlo"',
    ],
    [
      { logLevel: 'loud' },
      '--log-level: expected one of trace, debug, info, warn, error, silent, got "loud"',
    ],
    [
      { rpcPort: '6000' },
      '--rpc-port: choose another port: the Fetch standard blocks it, so browsers and Node refuse it, got "6000"',
    ],
    [{ admin: 'yes' }, '--admin: expected true or false, got "yes"'],
    [{ rpcFeeCap: '-1' }, '--rpc-fee-cap: expected a number such as 1 or 0.5, got "-1"'],
    [{ signerKey: '0x12' }, '--signer-key: expected 32 bytes as 0x-prefixed hex, got (hidden)'],
    [
      { rpcOrigins: 'http://localhost:*,localhost:3000' },
      '--rpc-origins: expected web origins such as http://localhost:3000 or http://localhost:*, without a path (not "localhost:3000"), got',
    ],
    [
      { rpcOrigins: 'http://localhost:3000/' },
      '--rpc-origins: expected web origins such as http://localhost:3000 or http://localhost:*, without a path',
    ],
    [
      { host: ' ' },
      '--host: expected IP addresses separated by commas, such as 0.0.0.0,::, got " "',
    ],
    [{ host: '127.0.0.1,here' }, '--host: expected IP addresses'],
    [
      { announce: '/dns4/node.example/tcp/99999' },
      '--announce: expected multiaddrs such as /dns4/node.example/tcp/9000 (not "/dns4/node.example/tcp/99999")',
    ],
    [
      { announce: '/dns4/node.example/tcp/9000,/ip4/1.2.3.4/tcp/0' },
      '--announce: expected multiaddrs such as /dns4/node.example/tcp/9000 (not "/ip4/1.2.3.4/tcp/0")',
    ],
    [
      { announce: '/ip4/999.1.1.1/tcp/9000' },
      '--announce: expected multiaddrs such as /dns4/node.example/tcp/9000 (not "/ip4/999.1.1.1/tcp/9000")',
    ],
    [
      { announce: '/ip6/1.2.3.4/tcp/9000' },
      '--announce: expected multiaddrs such as /dns4/node.example/tcp/9000 (not "/ip6/1.2.3.4/tcp/9000")',
    ],
    [
      { announce: '/dns4/node example/tcp/9000' },
      '--announce: expected multiaddrs such as /dns4/node.example/tcp/9000 (not "/dns4/node example/tcp/9000")',
    ],
    [
      { announce: 'node.example:9000' },
      '--announce: expected multiaddrs such as /dns4/node.example/tcp/9000 (not "node.example:9000")',
    ],
    [
      { meshLow: '9' },
      '--mesh-low 9, --mesh-degree 8, --mesh-high 12: expected them in ascending order',
    ],
  ])('refuses %j in one line that says what was expected', (flags, message) => {
    expect(() => resolveSettings(flags, { environment: {}, envFile })).toThrow(message)
  })

  test('takes web origins with a port, with any port, and the word for all', () => {
    const rpcOrigins = 'http://localhost:*, https://app.example,http://[::1]:3000,null'
    const { settings } = resolveSettings({ rpcOrigins }, { environment: {}, envFile })
    expect(settings.rpcOrigins).toEqual([
      'http://localhost:*',
      'https://app.example',
      'http://[::1]:3000',
      'null',
    ])
    expect(
      resolveSettings({ rpcOrigins: '*' }, { environment: {}, envFile }).settings.rpcOrigins,
    ).toEqual(['*'])
    expect(
      resolveSettings({ rpcOrigins: LOOPBACK_ORIGINS.join() }, { environment: {}, envFile })
        .settings.rpcOrigins,
    ).toEqual(LOOPBACK_ORIGINS)
  })

  test('a settings file wins over the environment, and a flag over the file', () => {
    const settingsFile = join(folder, 'settings.json')
    writeFileSync(settingsFile, JSON.stringify({ port: 2, minTip: 2, router: { D: 4 } }))
    const environment = { GRAPEVINE_MIN_TIP: '3', GRAPEVINE_MESH_DEGREE: '9' }
    const { settings, sources } = resolveSettings(
      { port: '1' },
      { settingsFile, environment, envFile },
    )
    expect([settings.port, settings.minTip, settings.meshDegree]).toEqual([1, 2, 9])
    expect(settings.router).toEqual({ D: 4 })
    expect([sources.port, sources.minTip, sources.meshDegree]).toEqual([
      'flag',
      'file',
      'environment',
    ])
  })

  test.each([
    ['{ "port": ', '--settings: cannot read '],
    ['[1]', 'expected an object with settings by name'],
    ['{ "prot": 1 }', 'prot is not a setting; "grapevine config" lists them all'],
    ['{ "port": "1" }', 'port: expected a whole number from 0 to 65535, got "1"'],
    ['{ "signerKey": "0x12" }', 'signerKey: expected 32 bytes as 0x-prefixed hex, got (hidden)'],
  ])('refuses the settings file %j in one line', (text, message) => {
    const settingsFile = join(folder, 'settings.json')
    writeFileSync(settingsFile, text)
    expect(() => resolveSettings({}, { settingsFile, environment: {}, envFile })).toThrow(message)
  })

  test('refuses a settings file that is not there', () => {
    const settingsFile = join(folder, 'none.json')
    expect(() => resolveSettings({}, { settingsFile })).toThrow('--settings: cannot read ')
  })

  test('the text of a value is read back as the value', () => {
    const { settings } = resolveSettings({}, { environment: {}, envFile })
    const texts = SETTING_NAMES.map((name) => [name, settingText(settings[name])] as const)
    expect(
      resolveSettings(Object.fromEntries(texts), { environment: {}, envFile }).settings,
    ).toEqual(settings)
  })

  test('refuses a variable with our prefix that is no setting', () => {
    expect(() => resolveSettings({}, { environment: { GRAPEVINE_PROT: '1' }, envFile })).toThrow(
      'GRAPEVINE_PROT in the environment is not a setting; "grapevine config" lists them all',
    )
  })

  test('.env.example lists every setting with its default, as the code has it', () => {
    expect(readFileSync('.env.example', 'utf8')).toBe(envExample())
  })

  test('.env.example read as .env changes nothing', () => {
    const { settings } = resolveSettings({}, { environment: {}, envFile: '.env.example' })
    expect(settings).toEqual(resolveSettings({}, { environment: {}, envFile }).settings)
  })

  test('every setting has a flag and a variable of its own and a sentence', () => {
    expect(new Set(SETTING_NAMES.map(envName)).size).toBe(SETTING_NAMES.length)
    expect(new Set(SETTING_NAMES.map(flagName)).size).toBe(SETTING_NAMES.length)
    expect(SETTING_NAMES.filter((name) => !SETTINGS[name].sentence.endsWith('.'))).toEqual([])
  })
})
