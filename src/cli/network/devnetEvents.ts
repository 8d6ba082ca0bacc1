/**
 * What `grapevine devnet` says of a network that runs: events as JSON lines, and where a person
 * reaches it.
 */
import type { Devnet } from '../../devnet/devnet.ts'
import { firstAnswer } from '../../instrument/rpc/firstAnswer.ts'
import { watchBlocks } from '../../instrument/watchBlocks.ts'
import { accountsText } from '../options/accounts.ts'
import { writeJson } from '../terminal/output.ts'
import type { DevnetFlags } from './devnetFlags.ts'

/** The first event: where everything is. */
export function announce(devnet: Devnet, dashboardUrl: string | undefined): void {
  writeJson({
    event: 'ready',
    chainId: devnet.options.chainId,
    genesis: devnet.genesisFile,
    ...(dashboardUrl !== undefined && { dashboardUrl }),
    peers: devnet.peers.map((peer) => peer.process.info),
    accounts: devnet.accounts,
  })
}

/** Writes what happens on the network until the answer is called. */
export function watchEvents(devnet: Devnet): () => void {
  devnet.onExit((exit) => writeJson({ event: 'peer-exit', ...exit }))
  let finalized = 0
  return watchBlocks(devnet.port, ({ number, hash, transactions, timestampS }) => {
    writeJson({
      event: 'block',
      number,
      hash,
      transactions: transactions.length,
      timestamp: timestampS,
    })
    void firstAnswer(devnet.port.peers, (peer) => peer.finality())
      .then((finality) => {
        if (finality.finalized <= finalized) return
        finalized = finality.finalized
        writeJson({ event: 'finalized', number: finalized, justified: finality.justified })
      })
      .catch(() => {})
  })
}

/** Where a person reaches the network that stays up. */
export function whereToReach(
  devnet: Devnet,
  flags: DevnetFlags,
  dashboardUrl: string | undefined,
): string {
  const rows = devnet.peers.map(
    ({ process: { info } }) => `  peer ${info.index}  ${info.rpcUrl}  metrics ${info.metricsUrl}`,
  )
  return [
    '',
    `The network stays up; press Ctrl-C to end it. Chain id ${devnet.options.chainId}, JSON-RPC:`,
    ...rows,
    ...(dashboardUrl === undefined ? [] : [`Dashboard: ${dashboardUrl}`]),
    '',
    ...accountsText(devnet.accounts, flags),
    '',
  ].join('\n')
}
