/** A real browser for tests of pages, where the machine has one. */
import { existsSync } from 'node:fs'
import axe from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

/** Empty where the browser is there; else why the test cannot run. */
export const NO_BROWSER = existsSync(CHROMIUM)
  ? ''
  : `${CHROMIUM} is not installed (Debian: apt-get install chromium)`

/** Asks nothing of any network by itself: no updates, no sync, no first run. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/**
 * What axe (WCAG 2.2 and good practice) finds wrong with the page as it is now: a line for each
 * rule and place.
 */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate<string[]>(`axe.run(document, { resultTypes: ['violations'] }).then(
    ({ violations }) => violations.flatMap(({ id, impact, nodes }) =>
      nodes.map((node) => impact + ' ' + id + ': ' + node.target.join(' ') + ' ' + node.failureSummary)))`)
}
