import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { compareReports } from '../../src/measure/compare/compare.ts'
import { comparisonPage } from '../../src/measure/html/comparisonPage.ts'
import { axeFindings, launchBrowser, NO_BROWSER } from '../builders/browser.ts'
import { describeNeeding } from '../builders/needs.ts'
import { PLACES, reportOfPlan } from '../builders/report.ts'
import { pageOf } from '../builders/reportPage.ts'

const report = reportOfPlan({ nodes: 25, transactions: 60, blocks: 3 })
/** Over the width of A4 less the margins of the page, CSS pixels. */
const PRINT_WIDTH = 688

describeNeeding(NO_BROWSER, 'report.html in Chromium', () => {
  const dir = mkdtempSync(join(tmpdir(), 'grapevine-page-'))
  let browser: Browser
  let page: Page
  let said: string[] = []
  let asked: string[] = []

  beforeAll(async () => {
    browser = await launchBrowser()
  })

  afterEach(() => page.close())

  afterAll(async () => {
    await browser.close()
    rmSync(dir, { recursive: true })
  })

  /** Opens the text as a file, offline, and notes what the page says and asks for. */
  async function open(text: string, hash = ''): Promise<void> {
    const file = join(dir, 'page.html')
    writeFileSync(file, text)
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 } })
    await context.setOffline(true)
    page = await context.newPage()
    said = []
    asked = []
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(`${pathToFileURL(file).href}${hash}`)
  }

  const style = (selector: string, property: string): Promise<string> =>
    page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).${property}`)

  const facts = (): Promise<string | null> => page.locator('#facts').textContent()

  test('opens offline, asks for nothing else and says nothing', async () => {
    await open(await pageOf(report))
    expect(asked).toEqual([pathToFileURL(join(dir, 'page.html')).href])
    expect(said).toEqual([])
  })

  test('draws every plot inside its frame', async () => {
    await open(await pageOf(report))
    const plots = await page.locator('svg.plot').all()
    expect(plots).toHaveLength(12)
    for (const plot of plots) {
      const marks = plot.locator('[class*="mark-"][class*="role-mark"] :is(path, line, text)')
      expect(await marks.count()).toBeGreaterThan(0)
      const box = await plot.boundingBox()
      expect(box?.width).toBeGreaterThan(300)
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(1200)
    }
  })

  test('shows the slowest message first, one line for each node', async () => {
    await open(await pageOf(report))
    const slowest = report.spreads.transactions
      .map(({ first }) => Math.max(...first.map((row) => row[3])))
      .reduce((most, ms) => Math.max(most, ms), 0)
    expect(await facts()).toContain(`within ${slowest.toFixed(1)} ms`)
    expect(await page.locator('#tree g.node').count()).toBe(25)
    expect(await page.locator('#tree path.sent').count()).toBe(24)
    expect(await page.locator('#rows tr').count()).toBe(25)
  })

  test('is worked by keyboard alone: search, choose, walk through the tree', async () => {
    await open(await pageOf(report))
    const [block] = report.spreads.blocks
    await page.locator('#find').focus()
    await page.keyboard.type(block?.hash.slice(0, 12) ?? '')
    expect(await page.locator('#found').textContent()).toContain('1 of 63 messages')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown')
    expect(await facts()).toContain(`block ${block?.hash}`)
    expect(new URL(page.url()).hash).toBe(`#${block?.hash}`)
    await page.locator('#tree g.node[tabindex="0"]').focus()
    expect(await page.locator('#detail').textContent()).toBe(
      `node ${block?.origin}: the message entered here`,
    )
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('#detail').textContent()).toContain(
      `from node ${block?.origin}, hop 1`,
    )
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Home')
    expect(await page.locator('#tree g.node:focus').getAttribute('data-from')).toBe('-1')
  })

  test('reaches the tree by Tab after the list', async () => {
    await open(await pageOf(report))
    await page.locator('#messages').focus()
    await page.keyboard.press('Tab')
    const focused = page.locator(':focus')
    expect(await focused.evaluate((one) => one.closest('#stage') !== null)).toBe(true)
  })

  test('shows the message that the address names, and those that the text links to', async () => {
    const [, second] = report.spreads.transactions
    await open(await pageOf(report), `#${second?.hash}`)
    expect(await facts()).toContain(second?.hash)
    await page.getByRole('link', { name: 'see its tree' }).first().click()
    await page.locator('#facts', { hasText: report.transactions.medianItem ?? '' }).waitFor()
    const topOf = (): Promise<number> =>
      page.locator('#message').evaluate((one) => one.getBoundingClientRect().top)
    await expect.poll(topOf).toBeLessThan(900)
  })

  test('finds the messages of a node, in the order asked for', async () => {
    await open(await pageOf(report))
    const mine = report.spreads.transactions.filter(({ origin }) => origin === 3)
    await page.locator('#find').fill('node 3')
    await page.locator('#order').selectOption('earliest')
    const hashes = await page
      .locator('#messages option')
      .evaluateAll((options) => options.map((one) => one.getAttribute('value')))
    const [first] = mine.toSorted((a, b) => a.atMs - b.atMs)
    expect(hashes[0]).toBe(first?.hash)
    expect(hashes).toEqual(expect.arrayContaining(mine.map(({ hash }) => hash)))
  })

  test('names the nodes that a message never reached', async () => {
    const [record, ...others] = report.spreads.transactions
    if (record === undefined) throw new Error('the report has transactions')
    const lost = record.first.at(-1)?.[0]
    const short = { ...record, first: record.first.slice(0, -1) }
    const transactions = [short, ...others]
    await open(
      await pageOf({ ...report, spreads: { ...report.spreads, transactions } }),
      `#${record.hash}`,
    )
    expect(await facts()).toContain(`never reached nodes ${lost}`)
    expect(said).toEqual([])
  })

  test.each(['light', 'dark'] as const)('has its plots on the paper of %s', async (colorScheme) => {
    await open(await pageOf(report))
    await page.emulateMedia({ colorScheme })
    const [paper, label] = [
      await style('body', 'backgroundColor'),
      await style('svg.plot text', 'fill'),
    ]
    expect(contrast(paper, label)).toBeGreaterThan(4.5)
    expect(await style('svg.plot', 'backgroundColor')).toBe('rgba(0, 0, 0, 0)')
  })

  test('prints on white, the whole tree, without the controls', async () => {
    await open(await pageOf(report))
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    expect(await style('body', 'backgroundColor')).toBe('rgb(255, 255, 255)')
    expect(await page.locator('#messages').isVisible()).toBe(false)
    expect(
      await page.locator('#stage').evaluate((one) => one.scrollHeight - one.clientHeight),
    ).toBe(0)
  })

  test('shows regions, shortest paths and lasting faults inside their frames, wide, narrow and in print', async () => {
    const plan = { nodes: 50, transactions: 80, places: PLACES, clockErrorMs: 0.3 }
    const faults = [
      { atMs: 1_000, kind: 'kill', detail: 'peer 3 was killed' },
      { atMs: 1_010, kind: 'kill', detail: 'peer 4 was killed' },
      { atMs: 2_000, untilMs: 5_000, kind: 'partition', detail: 'two halves' },
      { atMs: 10_000, kind: 'slow-link', detail: 'at the very end' },
    ]
    await open(await pageOf({ ...reportOfPlan(plan), faults }))
    expect(await page.locator('svg.plot').count()).toBe(15)
    const map = page.getByRole('img', { name: 'Nodes by region' })
    for (const region of Object.keys(PLACES)) expect(await map.textContent()).toContain(region)
    const run = page.getByRole('img', { name: 'Latency over the run' })
    expect(await run.textContent()).toContain('2 kill')
    expect(await page.locator('#regions table').count()).toBe(2)
    for (const [width, media] of [
      [1200, 'screen'],
      [390, 'screen'],
      [PRINT_WIDTH, 'print'],
    ] as const) {
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ media })
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width)
      const texts = width === 390 ? 'figure > svg.plot text' : 'svg.plot text'
      const rights = await page
        .locator(texts)
        .evaluateAll((texts) => texts.map((text) => text.getBoundingClientRect().right))
      expect(Math.max(...rights)).toBeLessThanOrEqual(width)
    }
    expect(said).toEqual([])
  })

  test('of 100 nodes and 1,000 messages is under 3 MB and works at once', async () => {
    const text = await pageOf(
      reportOfPlan({
        nodes: 100,
        transactions: 1_000,
        blocks: 10,
        places: PLACES,
        clockErrorMs: 1,
      }),
    )
    expect(Buffer.byteLength(text)).toBeLessThan(3_000_000)
    await open(text)
    expect(await page.locator('#messages option').count()).toBe(1_010)
    await page.locator('#messages').focus()
    await page.keyboard.press('ArrowDown')
    expect(await page.locator('#tree g.node').count()).toBe(100)
    expect(said).toEqual([])
  })

  test('of a narrow screen scrolls in one direction only', async () => {
    await open(await pageOf(report))
    await page.setViewportSize({ width: 390, height: 800 })
    const width = await page.evaluate<number>('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(390)
  })

  test.each([
    ['light', 1200, 'screen'],
    ['dark', 1200, 'screen'],
    ['dark', 390, 'screen'],
    ['light', PRINT_WIDTH, 'print'],
  ] as const)(
    'is clean by axe in %s at %i px on %s',
    async (colorScheme, width, media) => {
      await open(await pageOf(reportOfPlan({ places: PLACES, clockErrorMs: 0.3 })))
      await page.emulateMedia({ colorScheme, media })
      await page.setViewportSize({ width, height: 900 })
      expect(await axeFindings(page)).toEqual([])
    },
    60_000,
  )

  test('of 20 peers is not longer on a phone than 16 screens, and prints within its width', async () => {
    await open(await pageOf(reportOfPlan({ nodes: 20, places: PLACES, clockErrorMs: 0.3 })))
    await page.setViewportSize({ width: 390, height: 844 })
    const height = () => page.evaluate<number>('document.documentElement.scrollHeight')
    expect(await height()).toBeLessThan(16 * 844)
    await page.setViewportSize({ width: PRINT_WIDTH, height: 900 })
    await page.emulateMedia({ media: 'print' })
    const rights = await page
      .locator('td, th')
      .evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().right))
    expect(Math.max(...rights)).toBeLessThanOrEqual(PRINT_WIDTH)
  })

  test('compares two reports on one page', async () => {
    const slower = reportOfPlan({ nodes: 25, transactions: 60, blocks: 3, seed: 2, slower: 2 })
    const sides = [
      { file: 'run/a.json', report },
      { file: 'run/b.json', report: slower },
    ]
    const comparison = compareReports(sides, { seed: 1, replicates: 100 })
    await open(await comparisonPage(sides, comparison))
    expect(await page.locator('svg.plot').count()).toBe(2)
    const row = page.getByRole('row', { name: /latency of a node, p50/ }).first()
    expect(await row.textContent()).toMatch(/\+\d[\s\S]* to [\s\S]*\*/)
    expect(await axeFindings(page)).toEqual([])
    expect(said).toEqual([])
  })
})

/** Contrast of two CSS colours by WCAG 2.2: 4.5 is enough for text. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
    const value = Number(part) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
