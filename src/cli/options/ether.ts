/** Amounts of ether as a person writes and reads them. */
import { InvalidArgumentError } from 'commander'

const WEI_DECIMALS = 18
/** Above what a balance of 2^256-1 wei can hold. */
const MAX_DIGITS = 60

/** Reads `10000` or `0.5` ether, as wei; commander makes one clear line of its error. */
export function readEther(text: string): bigint {
  const [, whole, part = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === undefined || whole.length > MAX_DIGITS || part.length > WEI_DECIMALS)
    throw new InvalidArgumentError('Expected an amount of ether such as 10000 or 0.5.')
  return BigInt(whole + part.padEnd(WEI_DECIMALS, '0'))
}

/** Wei as ether, without trailing zeros. */
export function etherText(wei: bigint): string {
  const digits = wei.toString().padStart(WEI_DECIMALS + 1, '0')
  const part = digits.slice(-WEI_DECIMALS).replace(/0+$/, '')
  return `${digits.slice(0, -WEI_DECIMALS)}${part === '' ? '' : `.${part}`}`
}
