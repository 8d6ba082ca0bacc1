import type { Header } from './header.ts'

/** EIP-1559: wei per gas in the first London block. */
export const INITIAL_BASE_FEE = 1_000_000_000n

/** How fast the base fee follows demand (EIP-1559). */
export interface BaseFeeParameters {
  /** Gas limit over gas target. */
  readonly elasticity: bigint
  /** One over the largest relative change from block to block. */
  readonly denominator: bigint
}

/** The parameters of Ethereum since London (EIP-1559). */
export const LONDON_BASE_FEE: BaseFeeParameters = { elasticity: 2n, denominator: 8n }

/**
 * EIP-1559: the base fee, in wei per gas, that a child of `parent` must have. A parent without one
 * is the last block before London. A gas limit too small to have a target leaves the fee as it is.
 */
export function nextBaseFee(
  parent: Pick<Header, 'baseFeePerGas' | 'gasLimit' | 'gasUsed'>,
  { elasticity, denominator }: BaseFeeParameters = LONDON_BASE_FEE,
): bigint {
  const baseFee = parent.baseFeePerGas
  if (baseFee === undefined) return INITIAL_BASE_FEE
  const target = parent.gasLimit / elasticity
  if (target === 0n || parent.gasUsed === target) return baseFee
  if (parent.gasUsed < target)
    return baseFee - (baseFee * (target - parent.gasUsed)) / target / denominator
  const rise = (baseFee * (parent.gasUsed - target)) / target / denominator
  return baseFee + (rise > 1n ? rise : 1n)
}
