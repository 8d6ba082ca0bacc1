/**
 * The files of the page, read once; everything comes from here and nothing from any other place.
 */
import { readFileSync } from 'node:fs'
import { pageOf } from './page.ts'
import { DASHBOARD_STYLE } from './style.ts'

/** A file as it is served. */
export interface Asset {
  readonly type: string
  readonly body: string
}

const SCRIPTS = [
  'main',
  'actions',
  'detail',
  'dom',
  'graph',
  'links',
  'members',
  'roving',
  'store',
  'tables',
  'tiles',
  'wave',
] as const

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><g fill="#7a4fa3"><circle cx="4" cy="5" r="3"/><circle cx="11" cy="5" r="3"/><circle cx="7.5" cy="11" r="3"/></g></svg>`

/**
 * By path. The page carries `token`, which its actions need. Throws where a script is missing from
 * the installation.
 */
export function loadAssets(token: string): ReadonlyMap<string, Asset> {
  const scripts = SCRIPTS.map((name): [string, Asset] => [
    `/${name}.js`,
    { type: 'text/javascript; charset=utf-8', body: scriptOf(name) },
  ])
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', body: pageOf(token) }],
    ['/style.css', { type: 'text/css; charset=utf-8', body: DASHBOARD_STYLE }],
    ['/icon.svg', { type: 'image/svg+xml', body: ICON }],
    ...scripts,
  ])
}

function scriptOf(name: string): string {
  const source = readFileSync(new URL(`../client/${name}.js`, import.meta.url), 'utf8')
  return source.replace(/^\/\/# sourceMappingURL=.*$/m, '')
}
