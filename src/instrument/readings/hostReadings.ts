/** The hosts on which the peers of a network run, as the peers tell of them. */
import { maxOf } from '../../lib/extremes.ts'
import type { HostReport } from '../../measure/report.ts'
import type { HostAnswer, NetworkPort } from '../port.ts'

interface ToldHost {
  readonly index: number
  readonly clockId: string
  readonly host: HostAnswer
}

/**
 * One row for each host, and more where its nodes run different programs or implementations. A host
 * is known by its clock. Nodes that do not tell are left out.
 */
export async function readHosts({ peers, clockId }: NetworkPort): Promise<readonly HostReport[]> {
  const telling = peers.filter((peer) => peer.host !== undefined)
  const answers = await Promise.allSettled(
    telling.map(async (peer): Promise<ToldHost | undefined> => {
      const [{ clockId: read }, host] = await Promise.all([peer.clock(), peer.host?.()])
      return host && { index: peer.index, clockId: read, host }
    }),
  )
  const told = answers.flatMap((one) => (one.status === 'fulfilled' ? (one.value ?? []) : []))
  const byKey = new Map<string, ToldHost[]>()
  for (const one of told) byKey.set(keyOf(one), [...(byKey.get(keyOf(one)) ?? []), one])
  return [...byKey.values()].flatMap((same) => hostReport(same, clockId))
}

function keyOf({ clockId, host }: ToldHost): string {
  return JSON.stringify([clockId, host.machine, host.crypto, host.client])
}

/** Nodes asked at the same moment report nearly the same load; the highest one is kept. */
function hostReport(same: readonly ToldHost[], ownClockId: string): HostReport[] {
  const [first] = same
  if (first === undefined) return []
  const { machine, crypto, client } = first.host
  const nodes = same.map(({ index }) => index)
  const isMeasuring = first.clockId === ownClockId
  const loadPerCore = maxOf(same.map(({ host }) => host.loadPerCore))
  return [{ nodes, isMeasuring, machine, loadPerCore, crypto, client }]
}
