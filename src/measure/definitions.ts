/**
 * What each term of a report means. Every report carries these sentences, so that it can be read
 * and cited without the program that made it; `docs/report.md` is made from them too.
 */
export const DEFINITIONS: Readonly<Record<string, string>> = {
  sighting:
    'One copy of one item at one node: item hash, node, sender, route, time received, time judged, verdict, reason, bytes. Every copy is one, duplicates included.',
  'origin time':
    'When the node at which an item entered the network stamped it, before judging it. Open loop: a transaction that could not be sent in time counts from when it should have been sent.',
  'latency of a node':
    'Its first copy judged accept, minus the origin time. It is counted for every pair of an item and a node that was live when the item entered, the origin left out.',
  'arrival of a node': 'Its first accepted copy received, minus the origin time.',
  'to x % of the nodes':
    'When x % of the nodes that were live when the item entered, other than the origin, had accepted it. The number of nodes is rounded up: of 7, 90 % are all 7.',
  percentile:
    'By nearest rank, so always a measured value: over (item, node) pairs for the latency of a node, over items for "to x %". It is taken over all N values that there would be if everything had arrived.',
  'n of N':
    'Of N values n are known, since the rest had not arrived when the measurement ended (right-censored). Those count as slower than all that arrived. A percentile among them is null in JSON, with a lower bound in `atLeast`, and is shown as `>=` that bound. The bound is the same percentile with every missing value replaced by the time that it was waited for.',
  coverage:
    'Accepted first copies divided by (item, node) pairs: n divided by N of the latency of a node.',
  hop: 'Depth in the tree of first copies; 1 is a node that got the item from the origin.',
  'delay of a hop': "A node's arrival minus its sender's arrival.",
  validation: 'From the stamp of a copy to its verdict, the wait for the verifier included.',
  'wait for the verifier': 'Time until the signatures had been recovered, recovery included.',
  'duplicates per delivery': 'Copies after the first, divided by first copies.',
  'duplicates/(degree - 2)':
    'Duplicates per delivery, divided by the mean mesh degree less 2. It is 1 when all nodes send to all mesh neighbours at once; a half is the minimum for pushing.',
  'shortest paths':
    'Dijkstra over the planned links, for the same (item, node) pairs, with no time for validation. The ratio is the measured p99 divided by the p99 of the shortest paths.',
  route:
    'How a copy came: `push` over a gossip stream, `iwant` over a gossip stream because the node had asked that peer for it (IWANT), `request` in the answer to a request of the node (catch-up, missing parent, comparison of pools), `local` from its own RPC or sealer, `block` inside a block: the transaction had not come before the block that holds it.',
  'bytes received':
    'All bytes of frames on gossip streams, counted by the node itself. They are the sum of first copies accepted, duplicates, refused copies, copies whose verdict was still open at the end, and the rest: control messages, subscriptions, framing and what the router dropped by itself. Bytes that came in answers to requests are not on these streams and are counted separately.',
  'bytes per byte delivered':
    'Bytes received on gossip streams, divided by the bytes of accepted first copies that came over them.',
  'mesh degree':
    'Mesh links of a peer on a topic, mean over peers and over readings during the run.',
  'load per core':
    'Processes of the machine that ran or waited for a core, per core, over the last minute of the run. Above 1, times include waiting for a core.',
  'error of the clocks':
    'Largest error of the figures that the clocks can cause; 0 where all times were read from one clock.',
  'interval of a difference':
    'Percentile bootstrap over messages (over peers for bytes), 95 %: where the difference of two runs lies when their messages are resampled. It does not cover the variation between repeated runs.',
}
