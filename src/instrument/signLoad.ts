/**
 * Signs a load ahead of time: who sends what when is planned, here it becomes bytes with nonces and
 * fees.
 */
import { addressOfPublicKey, asAddress } from '../crypto/address.ts'
import { secp256k1 } from '../crypto/secp256k1.ts'
import { bytesToHex, hexToBytes, type Hex } from '../lib/bytes.ts'
import type { TxPlan } from '../scenario/planLoad.ts'
import type { UnsignedTx } from '../tx/encodeTx.ts'
import { signTx, unsignedTx } from '../tx/signTx.ts'
import type { PeerPort } from './port.ts'
import type { PlannedTx, TxTarget } from './workload.ts'

/** Who signs a load, and what the transactions have in common. */
export interface LoadKeys {
  readonly chainId: number
  /** Private keys by the position of the sender. */
  readonly privateKeys: readonly Hex[]
  /** By sender: the nonce of its first transaction. */
  readonly firstNonces: readonly bigint[]
  /** Wei per gas that is paid at most. */
  readonly maxFeePerGas: bigint
  /** Where the transactions of a node go. */
  readonly targetOf: (node: number) => TxTarget
}

/** Priority fee of every transaction, wei per gas. */
const TIP_WEI = 1_000_000_000n
/** Gas of a transfer and, with room to spare, of a byte of calldata (EIP-7623's floor is 40). */
const TRANSFER_GAS = 21_000n
const GAS_PER_DATA_BYTE = 40n
/** Everyone pays the same account: transfers differ by sender and nonce alone. */
const RECIPIENT = asAddress(new Uint8Array(20).fill(0x67))

/** Signs in the order of the list: the same plan, keys and nonces give the same hashes. */
export function signLoad(load: readonly TxPlan[], keys: LoadKeys): PlannedTx[] {
  const privateKeys = keys.privateKeys.map((key) => hexToBytes(key))
  const nonces = [...keys.firstNonces]
  const startMs = Math.min(0, load[0]?.atMs ?? 0)
  return load.map(({ atMs, sender, node, dataBytes }) => {
    const privateKey = privateKeys[sender]
    const nonce = nonces[sender]
    if (privateKey === undefined || nonce === undefined)
      throw new Error(`sender ${sender} has no key`)
    nonces[sender] = nonce + 1n
    const tx = signTx(transferOf(keys, nonce, dataBytes), privateKey)
    const target = keys.targetOf(node)
    return { hash: tx.hash, raw: bytesToHex(tx.raw), target, sender, dueMs: atMs - startMs }
  })
}

/** The nonce that each sender's next transaction has, asked of the node it sends to. */
export function nextNonces(
  privateKeys: readonly Hex[],
  targetOf: (sender: number) => Pick<PeerPort, 'nextNonce'>,
): Promise<bigint[]> {
  return Promise.all(
    privateKeys.map((key, sender) => {
      const address = addressOfPublicKey(secp256k1.publicKey(hexToBytes(key)))
      return targetOf(sender).nextNonce(address)
    }),
  )
}

/**
 * Twice the base fee of the head plus the tip: enough for the six full blocks in which a base fee
 * can double.
 */
export async function feeCapWei(target: Pick<PeerPort, 'head'>): Promise<bigint> {
  const { baseFeeWei } = await target.head()
  return 2n * baseFeeWei + TIP_WEI
}

/** A transfer of the load, not signed yet. */
export function transferOf(
  { chainId, maxFeePerGas }: Pick<LoadKeys, 'chainId' | 'maxFeePerGas'>,
  nonce: bigint,
  dataBytes: number,
): UnsignedTx {
  return unsignedTx({
    type: 2,
    chainId: BigInt(chainId),
    nonce,
    gasLimit: TRANSFER_GAS + GAS_PER_DATA_BYTE * BigInt(dataBytes),
    to: RECIPIENT,
    value: 1n,
    data: new Uint8Array(dataBytes).fill(0x67),
    maxFeePerGas,
    maxPriorityFeePerGas: TIP_WEI,
  })
}
