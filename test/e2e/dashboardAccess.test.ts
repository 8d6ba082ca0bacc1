import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { axeFindings, launchBrowser, NO_BROWSER } from '../builders/browser.ts'
import { serveBoard, type ServedBoard } from '../builders/dashboard.ts'
import { describeNeeding } from '../builders/needs.ts'

const PEERS = 12
const SOON = { timeout: 15_000 }

describeNeeding(NO_BROWSER, 'the dashboard, for everyone', () => {
  let served: ServedBoard
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    browser = await launchBrowser()
  })

  afterAll(() => browser.close())

  beforeEach(async () => {
    served = await serveBoard(PEERS)
    for (let at = 0; at < 30; at++) served.network.spread(at % 5 === 0 ? 'block' : 'tx')
    page = await browser.newPage({
      viewport: { width: 1400, height: 1000 },
      reducedMotion: 'reduce',
    })
    await page.goto(served.url)
    await page.locator('#items tr').nth(29).waitFor()
  })

  afterEach(async () => {
    await page.close()
    await served.close()
  })

  const title = () => page.locator('#detail-title')
  const focused = () => page.evaluate<string>('document.activeElement.textContent')

  /** One peer in each state that can be told of. */
  async function troubled(): Promise<void> {
    const { board } = served
    board.peerExit({ index: 1, code: 1, signal: null })
    board.fault({ kind: 'pause', peers: [2] })
    board.fault({ kind: 'partition', groups: [[3], [0, 4, 5, 6, 7, 8, 9, 10, 11]] })
    board.peerStarting(4, true)
    await page.locator('#graph .state-cut').waitFor()
  }

  test.each([
    ['light', 1400],
    ['light', 390],
    ['dark', 1400],
    ['dark', 390],
  ] as const)(
    'is clean by axe in %s at %i px, whatever it shows',
    async (colorScheme, width) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 900 })
      expect(await axeFindings(page)).toEqual([])
      await page.locator('#items button').first().click()
      await page
        .locator('#graph .peer.reached')
        .nth(PEERS - 1)
        .waitFor()
      await troubled()
      expect(await axeFindings(page)).toEqual([])
      await page.locator('#graph .peer[data-peer="5"]').click()
      await page.getByRole('grid', { name: 'Last sightings' }).waitFor()
      await page.locator('#peers input').first().check()
      expect(await axeFindings(page)).toEqual([])
      await served.close()
      await page.locator('#status[data-state="ended"]').waitFor()
      expect(await axeFindings(page)).toEqual([])
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width)
    },
    60_000,
  )

  test('explains every look of a peer that it draws', async () => {
    await troubled()
    const legend = await page.locator('.legend').textContent()
    for (const meaning of ['not running', 'paused', 'cut off', 'starting', 'accepted'])
      expect(legend).toContain(meaning)
    const look = (where: string, state: string) =>
      page.evaluate<string[]>(`
        (({ fill, stroke, strokeDasharray }) => [fill, stroke, strokeDasharray])(
          getComputedStyle(document.querySelector('${where} .peer.state-${state} .body')))`)
    for (const state of ['gone', 'paused', 'cut', 'starting'])
      expect(await look('.legend', state)).toEqual(await look('#graph', state))
  })

  test('leads by Back to what was chosen before, and stays where it is until then', async () => {
    await page.locator('#graph .peer[data-peer="5"]').click()
    await expect.poll(() => title().textContent(), SOON).toBe('Peer 5: running')
    await page.locator('#graph .peer[data-peer="6"]').click()
    await expect.poll(() => title().textContent(), SOON).toBe('Peer 6: running')
    await page.goBack()
    await expect.poll(() => title().textContent(), SOON).toBe('Peer 5: running')
    await page.goBack()
    await expect.poll(() => title().textContent(), SOON).toBe('Timeline')
    expect(await page.locator('#status').getAttribute('data-state')).toBe('live')
    await page.goForward()
    await expect.poll(() => title().textContent(), SOON).toBe('Peer 5: running')
  })

  test('has Kill one Tab after the peer that was opened by keyboard', async () => {
    await page.locator('#graph .peer[tabindex="0"]').focus()
    await page.keyboard.press('Enter')
    await expect.poll(focused, SOON).toBe('Peer 0: running')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Kill')
  })

  test('has one Tab stop for each table, in which arrow keys move', async () => {
    const stops = (table: string) =>
      page.locator(`${table} :is(button, input)[tabindex="0"]`).count()
    expect(await stops('#items')).toBe(1)
    expect(await stops('#peers')).toBe(1)
    await page.locator('#items [tabindex="0"]').focus()
    const first = await focused()
    await page.keyboard.press('ArrowDown')
    const second = await focused()
    expect(second).not.toBe(first)
    await page.keyboard.press('End')
    expect(await focused()).not.toBe(second)
    served.network.spread('tx')
    await page.locator('#items tr').nth(30).waitFor()
    expect(await stops('#items')).toBe(1)
    await page.locator('#peers [tabindex="0"]').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    expect(await page.locator('#marked').textContent()).toBe('Marked: 1')
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toBe('peer 1')
  })

  test('says that nothing runs any more when the devnet has ended', async () => {
    await page.locator('#graph .peer[data-peer="5"]').click()
    await expect.poll(() => title().textContent(), SOON).toBe('Peer 5: running')
    await served.close()
    await page.locator('#status[data-state="ended"]').waitFor()
    expect(await page.locator('#tile-peers').textContent()).toBe(
      `0 of ${PEERS} runningthe devnet has ended`,
    )
    expect(await page.locator('#peers .state-running').count()).toBe(0)
    expect(await page.locator('#graph .state-running').count()).toBe(0)
    expect(await title().textContent()).toBe('Peer 5: ended')
    const open = page.locator(':is(.controls, #detail-body .buttons) button:not(:disabled)')
    expect(await open.count()).toBe(0)
  })
})
