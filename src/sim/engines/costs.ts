/**
 * What judging costs a node, in virtual time. The simulator decodes each item and recovers each
 * sender once for all nodes; each node that would have done it waits for as long. Measured on a
 * 2-core x86-64 with Node 20 and native secp256k1 (`npm run bench`); a scenario's `validationMs`
 * takes their place.
 */
export interface JudgingCosts {
  /** Rules, pool and bookkeeping of a transaction on the main thread, ms. */
  readonly txMs: number
  /** One signature on the verifier's thread, ms. */
  readonly recoveryMs: number
}

/** As they were measured; see above. */
export const MEASURED_COSTS: JudgingCosts = Object.freeze({ txMs: 0.02, recoveryMs: 0.06 })

/** A scenario's own validation takes the place of what was measured. */
export function costsWith(validationDelayMs: number, measured: JudgingCosts): JudgingCosts {
  return validationDelayMs > 0 ? { txMs: validationDelayMs, recoveryMs: 0 } : measured
}
