import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DASHBOARD_LIMITS } from '../../src/dashboard/model/limits.ts'
import { launchBrowser, NO_BROWSER } from '../builders/browser.ts'
import { serveBoard, type FedNetwork, type ServedBoard } from '../builders/dashboard.ts'
import { describeNeeding } from '../builders/needs.ts'

const PEERS = 100
const SOON = { timeout: 15_000 }

describeNeeding(NO_BROWSER, `the dashboard of ${PEERS} peers`, () => {
  let served: ServedBoard
  let network: FedNetwork
  let browser: Browser
  let page: Page
  const said: string[] = []

  beforeAll(async () => {
    served = await serveBoard(PEERS)
    network = served.network
    browser = await launchBrowser()
    page = await browser.newPage({ viewport: { width: 1400, height: 1000 } })
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    await page.goto(served.url)
    await page.locator('#status[data-state="live"]').waitFor()
  })

  afterAll(async () => {
    await browser.close()
    await served.close()
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
    await expect.poll(() => page.locator('#graph .wave .sent').count(), SOON).toBe(PEERS - 1)
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
    const connections = page.getByRole('grid', { name: 'Connections' }).locator('tbody tr')
    expect(await connections.count()).toBeGreaterThan(7)
    const sightings = page.getByRole('grid', { name: 'Last sightings' }).locator('tbody tr')
    expect(await sightings.count()).toBe(DASHBOARD_LIMITS.maxPeerSightings)
  })

  test('has nothing to complain of', () => {
    expect(said).toEqual([])
  })
})
