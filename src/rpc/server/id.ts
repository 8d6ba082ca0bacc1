import type { Hex } from '../../lib/bytes.ts'
import type { Random } from '../../lib/random.ts'

/** A name for a filter or a subscription: 128 random bits as a quantity, as geth gives them. */
export function newRpcId(random: Random): Hex {
  const words = Array.from({ length: 4 }, () =>
    random
      .int(2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  )
  const digits = words.join('').replace(/^0+/, '')
  return `0x${digits === '' ? '0' : digits}`
}
