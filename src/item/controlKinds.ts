/** Control messages of gossipsub, in the order in which tables list them. */
export const CONTROL_KINDS = ['ihave', 'iwant', 'idontwant', 'graft', 'prune'] as const
/** One of the kinds of control messages. */
export type ControlKind = (typeof CONTROL_KINDS)[number]
