import { hexToBytes } from '../../lib/bytes.ts'
import { ParamError, type ParamKind } from '../params.ts'

/** A place in an account's storage, as left-padded hex of up to 32 bytes; the key to look up. */
export const storageKeyKind: ParamKind<Uint8Array> = {
  type: 'storage key (up to 32 bytes)',
  schema: { type: 'string', pattern: '^(0x)?[0-9a-fA-F]{0,64}$' },
  read: (value) => {
    const digits = typeof value === 'string' ? value.replace(/^0x/i, '') : 'none'
    if (!/^[0-9a-fA-F]*$/.test(digits))
      throw new ParamError(
        `invalid hex in storage key: ${JSON.stringify(value).slice(0, 80)}`,
        true,
      )
    if (digits.length > 64)
      throw new ParamError(
        `storage key too long (want at most 32 bytes): ${JSON.stringify(value).slice(0, 80)}`,
        true,
      )
    return hexToBytes(`0x${digits.padStart(64, '0')}`)
  },
}
