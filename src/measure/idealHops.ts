import type { Report } from './report.ts'

/** Rounds in which everyone could have heard if each node told D others who had not: log_D(n). */
export function idealHops({ settings, nodes }: Report): number | undefined {
  const degree = routerDegree(settings['router']) ?? settings['meshDegree']
  if (typeof degree !== 'number' || degree < 2 || nodes < 2) return undefined
  return Math.log(nodes) / Math.log(degree)
}

/** D where it is set among the router's own parameters, a list of `name=value`. */
function routerDegree(router: Report['settings'][string] | undefined): number | undefined {
  if (!Array.isArray(router)) return undefined
  const entry = router.map(String).find((one) => /^D=\d+$/.test(one))
  return entry === undefined ? undefined : Number(entry.slice(2))
}
