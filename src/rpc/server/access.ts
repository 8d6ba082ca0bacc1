/**
 * Who may call: the server listens on loopback, but a web page in the user's browser can reach
 * loopback too.
 *
 * The Host header must name this machine, which stops DNS rebinding (a page whose own name suddenly
 * resolves to 127.0.0.1): literal addresses cannot be rebound. The Origin header, which only
 * browsers send, must be one that was allowed; wallets that live in a browser extension are not web
 * pages.
 */
import { isIP } from 'node:net'

/** Who may call. */
export interface AccessRules {
  /** Host names beside localhost; `*` allows all. */
  readonly hosts: readonly string[]
  /**
   * Web origins such as `http://localhost:3000`, or `http://localhost:*` for every port; `*` allows
   * all.
   */
  readonly origins: readonly string[]
}

/** The origins of web pages that this machine itself serves, on any port: what a devnet allows. */
export const LOOPBACK_ORIGINS: readonly string[] = [
  'http://localhost:*',
  'http://127.0.0.1:*',
  'http://[::1]:*',
]

const EXTENSION_ORIGIN = /^(?:chrome|moz|safari-web)-extension:\/\//

const ANY_PORT = ':*'

/** Whether a request with this Host header is meant for us. */
export function isHostAllowed(host: string | undefined, { hosts }: AccessRules): boolean {
  if (host === undefined || hosts.includes('*')) return true
  const name = hostName(host)
  return (
    name === 'localhost' || isIP(name) !== 0 || hosts.some((other) => other.toLowerCase() === name)
  )
}

/** Whether a browser page of this origin may call; requests without an Origin come from no page. */
export function isOriginAllowed(origin: string | undefined, { origins }: AccessRules): boolean {
  if (origin === undefined || origins.includes('*')) return true
  const lower = origin.toLowerCase()
  return EXTENSION_ORIGIN.test(lower) || origins.some((rule) => matches(rule.toLowerCase(), lower))
}

/** A rule that ends in `:*` takes every port, and none, which stands for the one of the scheme. */
function matches(rule: string, origin: string): boolean {
  if (!rule.endsWith(ANY_PORT)) return rule === origin
  const name = rule.slice(0, -ANY_PORT.length)
  return origin.startsWith(name) && /^(?::\d{1,5})?$/.test(origin.slice(name.length))
}

/** The name without port and without the brackets of an IPv6 address. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host)
  if (bracketed !== null) return bracketed[1] ?? ''
  return host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase()
}
