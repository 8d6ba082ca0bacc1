import type { SettingFlags } from '../node/config.ts'

/** What a node must be started with so that its links can be cut and its clock set. */
export const FAULT_SETTINGS: SettingFlags = { admin: 'true', profile: 'devnet' }
