/**
 * Seals blocks as a Clique signer (EIP-225).
 *
 * After every change of head the signer works out whether and when it may seal on it: at the
 * block's time if it is its turn; later by a random delay if not, so that signers who stand in for
 * a dead one do not all do it at once; not at all while it has signed too recently. Only the last
 * plan counts.
 *
 * A chain whose period is 0 has blocks when there are transactions, and at once; without, it waits
 * for some (as geth, which would otherwise seal empty blocks without end).
 */
import { assembleBlock } from '../chain/assemble.ts'
import type { Chain } from '../chain/chain.ts'
import type { Block } from '../block/block.ts'
import { signingTurn } from '../chain/rules/sealRules.ts'
import { addressOfPublicKey, type Address } from '../crypto/address.ts'
import { secp256k1 } from '../crypto/secp256k1.ts'
import type { Relay } from '../gossip/relay.ts'
import { messageOf } from '../lib/assert.ts'
import type { Cancel, Clock } from '../lib/clock.ts'
import { during } from '../lib/eventLoop.ts'
import type { Logger } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { Mempool } from '../mempool/mempool.ts'
import { SettingsError } from './settings/settingsError.ts'

/** What a sealer works with. */
export interface SealerParts {
  readonly chain: Chain
  readonly mempool: Pick<Mempool, 'executable' | 'events'>
  readonly relay: Pick<Relay, 'submit'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly privateKey: Uint8Array
}

/**
 * Out of turn a signer waits at least this long: a block of the one whose turn it is needs time to
 * arrive.
 */
const OUT_OF_TURN_MIN_MS = 250
/** EIP-225: out of turn the delay is random up to 500 ms for each signer that may stand in. */
const OUT_OF_TURN_STEP_MS = 500
/** Says in the block who made it. */
const VANITY = new TextEncoder().encode('grapevine')

/** Seals blocks when the turn of its signer comes. */
export class Sealer {
  readonly #parts: SealerParts
  readonly #address: Address
  readonly #periodS: bigint
  #cancelPlan: Cancel = () => {}
  /** While a seal is due. */
  #isPlanned = false
  readonly #unsubscribes: Cancel[] = []

  constructor(parts: SealerParts) {
    this.#parts = parts
    this.#address = addressOfPublicKey(secp256k1.publicKey(parts.privateKey))
    if (parts.chain.ledger === 'none')
      throw new SettingsError('--signer-key: sealing executes, which needs --ledger transfers')
    this.#periodS = BigInt(parts.chain.config.clique?.periodS ?? 0)
    if (!parts.chain.signers.includes(this.#address))
      throw new SettingsError(
        `--signer-key: ${this.#address} is not among the signers of this genesis`,
      )
  }

  start(): void {
    const { chain, mempool } = this.#parts
    this.#unsubscribes.push(chain.heads.on(() => this.#plan()))
    if (this.#waitsForWork) this.#unsubscribes.push(mempool.events.on(() => this.#planForWork()))
    this.#plan()
  }

  stop(): void {
    this.#cancelPlan()
    for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe()
  }

  /** Whether blocks are only sealed for transactions. */
  get #waitsForWork(): boolean {
    return this.#periodS === 0n
  }

  /** A plan that stands is not put off: out of turn it would never come while transactions do. */
  #planForWork(): void {
    if (!this.#isPlanned) this.#plan()
  }

  #hasWork(): boolean {
    const { chain, mempool } = this.#parts
    for (const _ of mempool.executable(chain.nextBaseFee() ?? 0n)) return true
    return false
  }

  #plan(): void {
    const { chain, clock } = this.#parts
    this.#cancelPlan()
    this.#isPlanned = false
    if (this.#waitsForWork && !this.#hasWork()) return
    const parent = chain.head
    const turn = signingTurn(chain, parent, this.#address)
    if (turn !== 'in-turn' && turn !== 'out-of-turn') return
    const dueMs = Number(parent.header.timestamp + this.#periodS) * 1000
    const delayMs = turn === 'in-turn' ? 0 : this.#outOfTurnDelayMs()
    const waitMs = Math.max(0, dueMs - clock.wallMs()) + delayMs
    this.#isPlanned = true
    this.#cancelPlan = clock.after(waitMs, () => {
      this.#isPlanned = false
      void this.#seal(parent)
    })
  }

  #outOfTurnDelayMs(): number {
    const standIns = Math.floor(this.#parts.chain.signers.length / 2) + 1
    return OUT_OF_TURN_MIN_MS + this.#parts.random.next() * standIns * OUT_OF_TURN_STEP_MS
  }

  async #seal(parent: Block): Promise<void> {
    const { chain, mempool, clock, privateKey, relay, log } = this.#parts
    try {
      const timestamp = BigInt(Math.floor(clock.wallMs() / 1000))
      const candidates = mempool.executable(chain.nextBaseFee() ?? 0n)
      const { block, outcome } = during('sealing a block', () =>
        assembleBlock(chain, parent, candidates, { timestamp, privateKey, vanity: VANITY }),
      )
      if (this.#waitsForWork && block.transactions.length === 0) return
      chain.made(block, { sealer: this.#address, outcome })
      const { verdict } = await relay.submit('block', block.raw, 'sealer', block)
      const fields = {
        number: Number(block.header.number),
        hash: block.hash,
        transactions: block.transactions.length,
      }
      if (verdict.action === 'accept') log.info('sealed a block', fields)
      else log.warn('our own block was not accepted', { ...fields, verdict })
    } catch (error) {
      log.error('sealing failed', { parent: parent.hash, reason: messageOf(error) })
    }
  }
}
