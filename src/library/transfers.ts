/**
 * Transfers of the accounts of a devnet, for who has no wallet at hand: signed here, each with the
 * next nonce.
 */
import { parseAddress } from '../crypto/address.ts'
import { bytesToHex, hexToBytes, type Hex } from '../lib/bytes.ts'
import { UserError } from '../lib/userError.ts'
import type { PeerPort } from '../instrument/port.ts'
import { feeCapWei, transferOf } from '../instrument/signLoad.ts'
import { signTx } from '../tx/signTx.ts'
import type { DevnetAccount } from '../devnet/accounts.ts'

/** A transfer to make; what is left out is harmless. */
export interface Transfer {
  /** Position of the account that pays; the first unless given. */
  readonly from?: number
  /** Who is paid; an account that nobody has unless given. */
  readonly to?: Hex
  /** Wei; 1 unless given. */
  readonly value?: bigint
  /** Bytes of calldata; none unless given. */
  readonly dataBytes?: number
}

/** Signs the transfers of a network, one nonce after the other for each account. */
export class Transfers {
  readonly #accounts: readonly DevnetAccount[]
  readonly #chainId: number
  /** By account: the least nonce that its next transfer may have. */
  readonly #next = new Map<string, Promise<bigint>>()

  constructor(accounts: readonly DevnetAccount[], chainId: number) {
    this.#accounts = accounts
    this.#chainId = chainId
  }

  /**
   * The signed bytes. Nonce and fees are those that `peer` names. Throws a UserError for an account
   * that there is not.
   */
  async sign(transfer: Transfer, peer: PeerPort): Promise<Hex> {
    const { from = 0, dataBytes = 0, to, value } = transfer
    const account = this.#accounts[from]
    if (account === undefined)
      throw new UserError(
        `from: there is no account ${from}: they are 0 to ${this.#accounts.length - 1}`,
      )
    const recipient = to === undefined ? undefined : parseAddress(to)
    if (to !== undefined && recipient === undefined)
      throw new UserError(`to: expected an address of 20 bytes as 0x hex, got ${to}`)
    const nonce = await this.#nonceOf(account, peer)
    const fields = {
      ...transferOf(
        { chainId: this.#chainId, maxFeePerGas: await feeCapWei(peer) },
        nonce,
        dataBytes,
      ),
      ...(recipient && { to: recipient }),
      ...(value !== undefined && { value }),
    }
    return bytesToHex(signTx(fields, hexToBytes(account.privateKey)).raw)
  }

  /** A transfer was refused: the next one asks the network for its nonce. */
  forget(from = 0): void {
    const account = this.#accounts[from]
    if (account !== undefined) this.#next.delete(account.address)
  }

  #nonceOf({ address }: DevnetAccount, peer: PeerPort): Promise<bigint> {
    const before = this.#next.get(address) ?? Promise.resolve(0n)
    const nonce = before.then(async (least) => {
      const asked = await peer.nextNonce(address)
      return asked > least ? asked : least
    })
    this.#next.set(
      address,
      nonce.then(
        (used) => used + 1n,
        () => 0n,
      ),
    )
    return nonce
  }
}
