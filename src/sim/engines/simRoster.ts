/**
 * The members that the nodes of a simulation begin with: one list for all, so that a node stores
 * what differs from it.
 */
import type { PeerId } from '../../gossip/network.ts'
import { networkId } from '../../gossip/topics/topicNames.ts'
import type { Genesis } from '../../chain/genesis/genesis.ts'
import { rosterOf, type Roster } from '../../membership/memberList.ts'
import {
  isStatement,
  MEMBER_DOMAIN,
  readStatement,
  recordStatement,
} from '../../membership/statements.ts'
import { CLIENT_VERSION } from '../../node/version.ts'
import { simEnvelope, simEnvelopes } from '../links/simEnvelopes.ts'
import type { SimMachine } from '../links/machine.ts'

/**
 * The first record of a simulated node: above 0, below the seconds of the calendar with which a
 * later life begins.
 */
const FIRST_INCARNATION = 1

/** Everybody of these is alive, as if it had been there for long; the first `signers` seal. */
export function simRoster(
  genesis: Pick<Genesis, 'hash'>,
  machines: readonly SimMachine[],
  signers: number,
): Roster {
  const network = networkId(genesis.hash)
  return rosterOf(
    machines.map(({ id, index }) => {
      const record = recordOf(network, id, index, index < signers)
      const told = { by: id, route: 'own', atMs: 0 } as const
      return { peer: id, record, state: 'alive', sinceMs: 0, told }
    }),
  )
}

function recordOf(network: string, id: PeerId, index: number, isSigner: boolean) {
  const statement = recordStatement(network, {
    incarnation: FIRST_INCARNATION,
    hasLeft: false,
    isSigner,
    client: CLIENT_VERSION,
    addresses: [`/memory/${index}`],
  })
  const data = simEnvelope(MEMBER_DOMAIN, id, statement)
  const envelope = simEnvelopes(id).read(data)
  const record = envelope && readStatement(network, envelope, data)
  if (record === undefined || !isStatement(record) || record.form !== 'record')
    throw new Error('a simulated node cannot read its own record')
  return record
}
