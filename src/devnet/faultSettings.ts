import type { GivenSettings } from '../node/settings/givenSettings.ts'

/** What a node must be started with so that its links can be cut and its clock set. */
export const FAULT_SETTINGS: GivenSettings = { admin: true, profile: 'devnet' }
