import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { GenesisOptions } from '../../src/devnet/accounts.ts'
import { openNetworkFolder, peerFolder } from '../../src/devnet/networkFolder.ts'
import { UserError } from '../../src/lib/userError.ts'

let parent = ''
let options: GenesisOptions
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'grapevine-folder-'))
  options = { dir: join(parent, 'network'), nodes: 3, chainId: 1337, periodS: 2 }
})
afterEach(() => rmSync(parent, { recursive: true }))

function genesisNow(): string {
  return readFileSync(join(options.dir, 'genesis.json'), 'utf8')
}

describe('the folder of a devnet', () => {
  test('is made with its genesis, and opened again by a network of the same one', async () => {
    const folder = await openNetworkFolder(options)
    const genesis = genesisNow()
    mkdirSync(peerFolder(options.dir, 0))
    await folder.release()
    const again = await openNetworkFolder(options)
    expect(genesisNow()).toBe(genesis)
    expect(again.genesisFile).toBe(join(options.dir, 'genesis.json'))
    await again.release()
  })

  test('is refused while another network uses it, whose genesis stays as it is', async () => {
    const folder = await openNetworkFolder(options)
    const genesis = genesisNow()
    const second = openNetworkFolder({ ...options, nodes: 2 })
    await expect(second).rejects.toThrow(UserError)
    await expect(second).rejects.toThrow(
      `${options.dir} is in use by process ${process.pid}: end it first, or give this network another folder (--dir)`,
    )
    expect(genesisNow()).toBe(genesis)
    await folder.release()
  })

  test('is refused to a network of another genesis while peers of the first one are there', async () => {
    await (await openNetworkFolder(options)).release()
    const genesis = genesisNow()
    mkdirSync(peerFolder(options.dir, 0))
    await expect(openNetworkFolder({ ...options, nodes: 2 })).rejects.toThrow(
      `${options.dir} holds a network of another genesis: start it with the options that it was made with, or give this network another folder (--dir)`,
    )
    expect(genesisNow()).toBe(genesis)
    await (await openNetworkFolder(options)).release()
  })

  test('takes another genesis where no peer has begun a chain', async () => {
    await (await openNetworkFolder(options)).release()
    const genesis = genesisNow()
    await (await openNetworkFolder({ ...options, nodes: 2 })).release()
    expect(genesisNow()).not.toBe(genesis)
    expect(existsSync(peerFolder(options.dir, 0))).toBe(false)
  })
})
