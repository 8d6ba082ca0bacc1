/**
 * What of a simulated node outlives its death: its chain and the journal of its own transactions,
 * as on the disk of a process that is killed. Here nothing of it is lost, where a disk may lack the
 * last moments.
 */
import { Chain } from '../../chain/chain.ts'
import type { Genesis } from '../../chain/genesis/genesis.ts'
import type { JournalStatus, OwnJournal } from '../../mempool/journal.ts'
import type { OpenedJournal } from '../../node/openJournal.ts'
import type { Settings } from '../../node/settings/settings.ts'
import type { SimMachine } from '../links/machine.ts'
import type { SimJudging } from './sharedJudging.ts'

/** The disk of one machine. */
export class SimDisk {
  readonly #makeChain: () => Chain
  #chain: Chain | undefined
  #payloads: Uint8Array[] = []

  /** @param makeChain makes the chain of the first life. */
  constructor(makeChain: () => Chain) {
    this.#makeChain = makeChain
  }

  get chain(): Chain {
    this.#chain ??= this.#makeChain()
    return this.#chain
  }

  /** Opens the journal for one life. */
  openJournal(): OpenedJournal {
    return { journal: new SimJournal(this.#payloads), payloads: [...this.#payloads] }
  }
}

class SimJournal implements OwnJournal {
  readonly #payloads: Uint8Array[]

  constructor(payloads: Uint8Array[]) {
    this.#payloads = payloads
  }

  get status(): JournalStatus {
    const bytes = this.#payloads.reduce((sum, { length }) => sum + length, 0)
    return { isWritable: true, bytes }
  }

  append(payload: Uint8Array): void {
    this.#payloads.push(payload)
  }

  async written(): Promise<void> {}

  async rewrite(payloads: () => Iterable<Uint8Array>): Promise<void> {
    this.#payloads.splice(0, this.#payloads.length, ...payloads())
  }

  async close(): Promise<void> {}
}

/** What disks are made from. */
export interface DiskWorld {
  /** Those that there are, by machine. */
  readonly disks: Map<number, SimDisk>
  readonly genesis: Genesis
  readonly judging: SimJudging
}

/** The disk of a machine, made when its first life begins. */
export function diskOf(
  { disks, genesis, judging }: DiskWorld,
  machine: SimMachine,
  settings: Settings,
): SimDisk {
  const known = disks.get(machine.index)
  if (known !== undefined) return known
  const { ledger } = settings
  const disk = new SimDisk(
    () =>
      new Chain({
        genesis,
        ledger,
        work: judging.chains,
        checkpointInterval: settings.finalityInterval,
      }),
  )
  disks.set(machine.index, disk)
  return disk
}
