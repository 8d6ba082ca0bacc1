/** `grapevine measure --rpc`: the report of a network that runs already. */
import { DEVNET_MNEMONIC, mnemonicAccount } from '../../crypto/accounts.ts'
import { measureAttached } from '../../instrument/attached.ts'
import { DEVNET_ACCOUNTS } from '../../devnet/accounts.ts'
import { rpcClient } from '../../rpc/client/rpcClient.ts'
import { bytesToHex } from '../../lib/bytes.ts'
import { thisMachine } from '../../lib/machineClock.ts'
import type { Report } from '../../measure/report.ts'
import { ownCommand } from '../ownCommand.ts'
import { clearProgress, showProgress, bar } from '../terminal/output.ts'
import { untilStopRequested } from '../terminal/lifetime.ts'
import { UserError } from '../../lib/userError.ts'
import { messageOf } from '../../lib/assert.ts'

/** The options of `measure --rpc`. */
export interface AttachedFlags {
  readonly rpc: readonly string[]
  /** Seconds. */
  readonly duration: number
  readonly txs: number
  readonly rate: number
  readonly dataBytes: number
  readonly json?: boolean
}

/**
 * Measures the peers at these URLs; the load, if any, is signed by the publicly known devnet
 * accounts.
 */
export async function measureByRpc(flags: AttachedFlags): Promise<Report> {
  const peers = flags.rpc.map((url) => rpcClient(url))
  const durationMs = flags.duration * 1000
  const host = thisMachine()
  const abort = new AbortController()
  void untilStopRequested().then(() => abort.abort())
  try {
    const report = await measureAttached({
      peers,
      clock: host.clock,
      clockId: host.id,
      durationMs,
      txs: flags.txs,
      ratePerS: flags.rate,
      dataBytes: flags.dataBytes,
      privateKeys: devnetKeys(),
      signal: abort.signal,
      command: ownCommand(),
      onProgress: ({ elapsedMs, submitted, sightings }) => {
        if (flags.json) return
        const done = `${submitted}/${flags.txs} submitted, ${sightings} sightings`
        showProgress(`measuring ${peers.length} peers ${bar(elapsedMs, durationMs)} ${done}`)
      },
    })
    clearProgress()
    return report
  } catch (error) {
    throw new UserError(messageOf(error))
  }
}

function devnetKeys() {
  return Array.from({ length: DEVNET_ACCOUNTS }, (_, index) =>
    bytesToHex(mnemonicAccount(DEVNET_MNEMONIC, index).privateKey),
  )
}
