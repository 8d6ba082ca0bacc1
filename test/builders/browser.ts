/** A real browser for tests of pages, where the machine has one. */
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

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
