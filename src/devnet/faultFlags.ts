/** What a node must be started with so that its links can be cut and its clock set. */
export const FAULT_FLAGS = ['--admin', '--profile', 'devnet'] as const
