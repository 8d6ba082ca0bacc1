import { createServer } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser, NO_BROWSER } from '../builders/browser.ts'
import { describeNeeding } from '../builders/needs.ts'
import { grapevine, type Running } from '../builders/program.ts'

const FLAGS = ['--nodes', '4', '--period', '1', '--json', '--dashboard']

/** On a machine under load the page takes its time. */
const SOON = { timeout: 15_000 }
/** Two checkpoints, or an answer of the network, on a loaded machine. */
const FINAL = { timeout: 90_000 }

async function urlOf(program: Running): Promise<string> {
  const ready = await program.event(({ event }) => event === 'ready')
  return String(ready['dashboardUrl'])
}

describeNeeding(NO_BROWSER, 'the dashboard in Chromium', () => {
  let program: Running
  let url = ''
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let said: string[] = []
  const asked: string[] = []

  beforeAll(async () => {
    program = grapevine(['devnet', ...FLAGS, '0'])
    browser = await launchBrowser()
    url = await urlOf(program)
    context = await browser.newContext({ viewport: { width: 1400, height: 1000 } })
    page = await context.newPage()
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(url)
    await page.locator('#status[data-state="live"]').waitFor()
  })

  afterAll(async () => {
    await browser.close()
    program.child.kill('SIGKILL')
  })

  const stateOf = (peer: number) => page.locator('#peers tr').nth(peer).locator('.state')
  const rowsOf = (kind: string) =>
    page.locator('#items tr', { has: page.locator(`td:text-is("${kind}")`) })
  const title = () => page.locator('#detail-title')

  test('shows every peer with its head and its meshes', async () => {
    await expect.poll(() => page.locator('#peers tr').count(), SOON).toBe(4)
    await expect.poll(() => page.locator('#graph .peer.state-running').count(), SOON).toBe(4)
    await expect.poll(() => page.locator('#graph .links line.tx').count(), SOON).toBe(6)
    await expect.poll(() => page.locator('#tile-head').textContent(), SOON).toMatch(/all 4 agree/)
    await rowsOf('block').first().waitFor()
  })

  test('submits by button: a row, a wave, and a timeline that every peer is in', async () => {
    await page.locator('#via').selectOption('2')
    await page.locator('#submit').click()
    await expect
      .poll(() => page.locator('#outcome').textContent(), SOON)
      .toBe('submitted by peer 2: 1 of 1 accepted')
    const row = rowsOf('tx').first()
    await expect.poll(() => row.locator('td').nth(4).textContent(), SOON).toBe('4/4')
    expect(await row.locator('td').nth(3).textContent()).toBe('peer 2')
    await row.locator('button').click()
    await expect.poll(() => title().textContent(), SOON).toMatch(/^Transaction 0x/)
    await expect
      .poll(() => page.locator('#detail-body').textContent(), SOON)
      .toContain('4 of the 4 peers that answered know it')
    const peers = page.locator('#detail-body [data-peer]')
    const named = await peers.evaluateAll((all) => all.map((one) => one.textContent))
    expect(new Set(named)).toEqual(new Set(['peer 0', 'peer 1', 'peer 2', 'peer 3']))
    await expect.poll(() => page.locator('#graph .wave .sent').count(), SOON).toBe(3)
    await expect.poll(() => page.locator('#graph .peer.reached').count(), SOON).toBe(4)
    expect(await page.locator('#play').textContent()).toBe('Replay')
    await expect
      .poll(() => page.locator('#tile-tx b').textContent(), SOON)
      .toMatch(/^p50 [\d.]+ ms$/)
  })

  test('shows what is final, and what the network itself says beside what was collected', async () => {
    await expect
      .poll(() => page.locator('#tile-finality').textContent(), FINAL)
      .toMatch(/^block [1-9]\d*final at all; block \d+ justified; no contradictions$/)
    await expect
      .poll(() => page.locator('#tile-network-block').textContent(), FINAL)
      .toMatch(/^p50 .*p99 .*, coverage .* by 4 peers; collected: p50 .*, p99 .*, coverage .*$/)
  })

  test('replays a wave, and shows any moment of it', async () => {
    await page.locator('#play').click()
    await expect.poll(() => page.locator('#graph .peer.reached').count(), SOON).toBeLessThan(4)
    await page.locator('#moment').fill('0')
    expect(await page.locator('#graph .peer.reached').count()).toBeLessThan(4)
    await page.locator('#moment').fill('1000')
    expect(await page.locator('#graph .peer.reached').count()).toBe(4)
  })

  test('kills and restarts a peer', async () => {
    await page.locator('#graph .peer[data-peer="3"]').click()
    await page.getByRole('group', { name: 'Peer 3' }).getByText('Kill').click()
    await expect.poll(() => stateOf(3).textContent(), SOON).toBe('gone')
    await page.locator('#graph .peer.state-gone').waitFor()
    const restart = page.getByRole('group', { name: 'Peer 3' }).getByText('Restart')
    await restart.click()
    await expect.poll(() => stateOf(3).textContent(), SOON).toBe('running')
    await expect.poll(() => page.locator('#events').textContent(), SOON).toContain('restart peer 3')
    await expect.poll(() => page.locator('#graph .links line.tx').count(), SOON).toBe(6)
  })

  test('cuts a marked peer off and heals the network', async () => {
    await page.locator('#peers tr').nth(1).locator('input').check()
    expect(await page.locator('#marked').textContent()).toBe('Marked: 1')
    await page.locator('.group button[data-act="cut"]').click()
    await expect.poll(() => stateOf(1).textContent(), SOON).toBe('cut')
    await expect.poll(() => page.locator('#graph .links line.tx').count(), SOON).toBe(3)
    await page.locator('#heal').click()
    await expect.poll(() => stateOf(1).textContent(), SOON).toBe('running')
    await page.locator('#peers tr').nth(1).locator('input').uncheck()
  })

  test('pauses and resumes a peer', async () => {
    await page.locator('#peers tr').nth(2).locator('input').check()
    await page.locator('.group button[data-act="pause"]').click()
    await expect.poll(() => stateOf(2).textContent(), SOON).toBe('paused')
    await page.locator('.group button[data-act="resume"]').click()
    await expect.poll(() => stateOf(2).textContent(), SOON).toBe('running')
    await page.locator('#peers tr').nth(2).locator('input').uncheck()
  })

  test('says why something was not done', async () => {
    await page.locator('#peers tr').nth(0).locator('input').check()
    await page.locator('.group button[data-act="restart"]').click()
    await expect
      .poll(() => page.locator('#outcome').textContent(), SOON)
      .toBe('Not done: these peers run already')
    await page.locator('#peers tr').nth(0).locator('input').uncheck()
    said = said.filter((text) => !text.includes('409'))
  })

  test('is worked by keyboard alone: submit, find, open, walk from peer to peer', async () => {
    await page.locator('#count').focus()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('3')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('#outcome').textContent(), SOON).toMatch(/3 of 3 accepted/)
    await expect.poll(() => rowsOf('tx').count(), SOON).toBe(4)
    await page.locator('#find').focus()
    await page.keyboard.type('tx')
    await expect.poll(() => rowsOf('block').count(), SOON).toBe(0)
    await page.keyboard.press('Enter')
    await expect.poll(() => title().textContent(), SOON).toMatch(/^Transaction 0x/)
    await expect
      .poll(() => page.evaluate<string>('document.activeElement.id'), SOON)
      .toBe('detail-title')
    await page.locator('#graph .peer[tabindex="0"]').focus()
    await page.keyboard.press('Home')
    expect(await page.locator(':focus').getAttribute('data-peer')).toBe('0')
    await page.keyboard.press('ArrowDown')
    const reached = await page.locator(':focus').getAttribute('data-peer')
    expect(reached).not.toBe('0')
    await page.keyboard.press('Enter')
    await expect.poll(() => title().textContent(), SOON).toBe(`Peer ${reached}: running`)
    await page.locator('#find').fill('')
  })

  test('reaches every control by Tab and names it', async () => {
    await page.locator('body').focus()
    const names = await page.evaluate<string[]>(`
        [...document.querySelectorAll('button, input, select, [tabindex="0"]')]
          .filter((one) => one.checkVisibility())
          .filter((one) => !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') ||
            one.textContent.trim() || one.labels?.length))
          .map((one) => one.outerHTML)`)
    expect(names).toEqual([])
    await page.locator('#submit').focus()
    await page.keyboard.press('Tab')
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('heal')
    const outline = await page.evaluate<string>(
      'getComputedStyle(document.activeElement).outlineStyle',
    )
    expect(outline).toBe('solid')
  })

  test('moves nothing for who wants no motion', async () => {
    const still = await context.newPage()
    await still.emulateMedia({ reducedMotion: 'reduce' })
    await still.goto(url)
    const hash = still.locator('#items tr', { has: still.locator('td:text-is("tx")') }).first()
    await hash.locator('button').click()
    await still.locator('#graph .peer.reached').nth(3).waitFor()
    expect(await still.locator('#play').textContent()).toBe('Replay')
    expect(await still.locator('#follow').isChecked()).toBe(false)
    await still.close()
  })

  test('of a narrow screen scrolls in one direction only', async () => {
    await page.setViewportSize({ width: 390, height: 800 })
    const width = await page.evaluate<number>('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(390)
    await page.setViewportSize({ width: 1400, height: 1000 })
  })

  test('asked for nothing from elsewhere and had nothing to complain of', () => {
    expect(asked.length).toBeGreaterThan(10)
    expect(asked.filter((one) => !one.startsWith(url))).toEqual([])
    expect(said).toEqual([])
  })

  test('says that the devnet has ended, which ends at once, and comes back with it', async () => {
    const port = new URL(url).port
    program.child.kill('SIGINT')
    await expect
      .poll(() => page.locator('#status').textContent(), SOON)
      .toBe('The devnet has ended.')
    expect((await program.finished).code).toBe(0)
    program = grapevine(['devnet', ...FLAGS, port])
    expect(await urlOf(program)).toBe(url)
    await page.locator('#status[data-state="live"]').waitFor({ timeout: 20_000 })
    await expect.poll(() => page.locator('#items tr').count(), SOON).toBeGreaterThan(0)
  })
})

describe('the port of the dashboard', () => {
  async function occupied<T>(port: number, use: (port: number) => Promise<T>): Promise<T> {
    const server = createServer()
    const bound = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    const address = server.address()
    try {
      return await use(typeof address === 'object' && address !== null ? address.port : port)
    } finally {
      if (bound) await new Promise((resolve) => server.close(resolve))
    }
  }

  test('that is asked for and taken is one clear line', async () => {
    const { code, stderr } = await occupied(
      0,
      (port) =>
        grapevine(['devnet', '--nodes', '1', '--json', '--dashboard', String(port)]).finished,
    )
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/the dashboard cannot have port \d+: choose another with --dashboard/)
  })

  test('is the next free one where none was asked for', async () => {
    await occupied(4747, async () => {
      const program = grapevine(['devnet', '--nodes', '1', '--json', '--dashboard'])
      expect(Number(new URL(await urlOf(program)).port)).toBeGreaterThan(4747)
      program.child.kill('SIGTERM')
      expect((await program.finished).code).toBe(0)
    })
  })

  test('is not opened with --no-dashboard', async () => {
    const program = grapevine(['devnet', '--dashboard', '--no-dashboard', '--nodes', '1', '--json'])
    const ready = await program.event(({ event }) => event === 'ready')
    expect(ready['dashboardUrl']).toBeUndefined()
    program.child.kill('SIGTERM')
    await program.finished
  })
})
