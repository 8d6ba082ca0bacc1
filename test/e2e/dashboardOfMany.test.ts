import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Board } from '../../src/dashboard/model/board.ts'
import { DASHBOARD_LIMITS } from '../../src/dashboard/model/limits.ts'
import { startDashboardServer, type DashboardServer } from '../../src/dashboard/server/server.ts'
import { Viewers } from '../../src/dashboard/server/viewers.ts'
import { systemClock, type Cancel } from '../../src/lib/clock.ts'
import { launchBrowser, NO_BROWSER } from '../builders/browser.ts'
import { describeNeeding } from '../builders/needs.ts'
import { feedBoard, type FedNetwork } from '../builders/dashboard.ts'

const PEERS = 100
const SOON = { timeout: 15_000 }

describeNeeding(NO_BROWSER, `the dashboard of ${PEERS} peers`, () => {
  let server: DashboardServer
  let network: FedNetwork
  let stopUpdates: Cancel
  let browser: Browser
  let page: Page
  const said: string[] = []

  beforeAll(async () => {
    const board = new Board({ clock: systemClock, run: 'many', chainId: 1, periodS: 2 })
    network = feedBoard(board, systemClock, PEERS)
    const viewers = new Viewers()
    server = await startDashboardServer({
      source: {
        hello: () => board.hello(),
        peer: (index) => board.peer(index),
        targets: () => board.targets(),
        wave: (hash) => board.wave(hash),
        timeline: async () => undefined,
        act: async () => ({ text: 'done' }),
      },
      viewers,
      token: 'token',
      host: '127.0.0.1',
      port: 0,
      onViewer: () => {},
    })
    stopUpdates = systemClock.every(DASHBOARD_LIMITS.updateMs, () => {
      const update = board.takeUpdate()
      if (update !== undefined) viewers.tell('update', update)
    })
    browser = await launchBrowser()
    page = await browser.newPage({ viewport: { width: 1400, height: 1000 } })
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    await page.goto(server.url)
    await page.locator('#status[data-state="live"]').waitFor()
  })

  afterAll(async () => {
    await browser.close()
    stopUpdates()
    await server.close('over')
  })

  test('draws each peer where it hides no other', async () => {
    await expect.poll(() => page.locator('#graph .peer').count(), SOON).toBe(PEERS)
    const boxes = await page
      .locator('#graph .peer .body')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()))
    const centres = boxes.map(({ x, y, width }) => [x + width / 2, y + width / 2] as const)
    const gaps = centres.flatMap(([x, y], at) =>
      centres.slice(at + 1).map(([otherX, otherY]) => Math.hypot(x - otherX, y - otherY)),
    )
    expect(Math.min(...gaps)).toBeGreaterThan(boxes[0]?.width ?? 0)
  })

  test('shows a wave that reaches all of them', async () => {
    const hash = network.spread('tx')
    await page.locator(`#items [data-hash="${hash}"]`).click()
    await expect.poll(() => page.locator('#graph .wave .told').count(), SOON).toBe(PEERS - 1)
    await page.locator('#moment').fill('1000')
    expect(await page.locator('#graph .peer.reached').count()).toBe(PEERS)
    expect(await page.locator('#wave-text').textContent()).toContain('accepted by 100 of 100')
  })

  test('keeps up with many items a second and keeps no more of them than it shows', async () => {
    for (let at = 0; at < 300; at++) network.spread(at % 10 === 0 ? 'block' : 'tx')
    const last = network.spread('tx')
    await page.locator(`#items [data-hash="${last}"]`).waitFor()
    expect(await page.locator('#items tr').count()).toBe(DASHBOARD_LIMITS.maxShownItems)
  })

  test('opens a peer with its connections and last sightings', async () => {
    await page.locator('#graph .peer[data-peer="42"]').click()
    await expect.poll(() => page.locator('#detail-title').textContent(), SOON).toMatch(/^Peer 42/)
    const connections = page.getByRole('table', { name: 'Connections' }).locator('tbody tr')
    expect(await connections.count()).toBeGreaterThan(7)
    const sightings = page.getByRole('table', { name: 'Last sightings' }).locator('tbody tr')
    expect(await sightings.count()).toBe(DASHBOARD_LIMITS.maxPeerSightings)
  })

  test('has nothing to complain of', () => {
    expect(said).toEqual([])
  })
})
