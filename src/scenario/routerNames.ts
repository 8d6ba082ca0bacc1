/**
 * Parameters of the router that a scenario may set, by their names in the node: those of gossipsub,
 * and the sizes from which a node tells its mesh that it has an item. What is left out stays as the
 * node has it.
 */
export const ROUTER_NAMES = {
  D: 'Degree of the mesh: peers to which every message is pushed.',
  Dlo: 'Below it the heartbeat takes peers into the mesh.',
  Dhi: 'Above it the heartbeat lets peers go.',
  Dlazy: 'Peers outside the mesh that hear of messages by id, per heartbeat.',
  Dscore: 'Best-scored peers that are kept when the mesh is cut back.',
  Dout: 'Connections of its own dialling that a node keeps in the mesh.',
  heartbeatMs: 'Time between two heartbeats.',
  fanoutTtlMs: 'How long a fanout is kept without a message.',
  mcacheHeartbeats: 'Heartbeats for which a message is kept.',
  mcacheGossipHeartbeats: 'Heartbeats for which its id is gossiped.',
  seenMs: 'How long a message id is remembered.',
  gossipFactor: 'Share of the peers outside the mesh that hear of messages by id.',
  iwantFollowupMs: 'Time for an announced message to come, or the announcer loses score.',
  pruneBackoffMs: 'Time until a peer that was let go may come back.',
  unsubscribeBackoffMs: 'The same after it unsubscribed.',
  graftFloodThresholdMs: 'A return earlier than this after it was let go costs score.',
  opportunisticGraftPeers: 'Peers taken in when the mesh scores low.',
  opportunisticGraftHeartbeats: 'Heartbeats between two looks at that.',
  lossesToWait:
    'Duplicates in a row after which a push along the same way waits for a sign of its target; 0 never waits, as stock gossipsub.',
  idontwantTxBytes: 'Size from which a node tells its mesh that it has a transaction.',
  idontwantBlockBytes: 'The same for a block.',
} as const

/** The name by which a scenario sets a parameter of the router. */
export type RouterName = keyof typeof ROUTER_NAMES
