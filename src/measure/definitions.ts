/**
 * What each term of a report means. Every report carries these sentences, so that it can be read and cited without the
 * program that made it; `docs/report.md` is made from them too.
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
    'By nearest rank, so always a measured value: over (item, node) pairs for the latency of a node, over items for "to x %". It is over all N values that there would be if everything had arrived.',
  'n of N':
    'Of N values n are known, since the rest had not arrived when the measurement ended (right-censored). Those count as slower than all that arrived. A percentile among them is null in JSON, with a lower bound in `atLeast`, and is shown as `>=` that bound: the same percentile with every missing value replaced by how long it was waited for.',
  coverage: 'Accepted first copies over (item, node) pairs: n over N of the latency of a node.',
  hop: 'Depth in the tree of first copies; 1 is a node that got the item from the origin.',
  'delay of a hop': "A node's arrival minus its sender's arrival.",
  validation: 'From the stamp of a copy to its verdict, the wait for the verifier included.',
  'wait for the verifier': 'Until signatures had been recovered, recovery included.',
  'duplicates per delivery': 'Copies after the first over first copies.',
  'duplicates/(degree - 2)':
    'Duplicates per delivery over the mean mesh degree less 2: 1 is what a mesh sends when all nodes send to all neighbours at once; a half is the least that pushing does.',
  'shortest paths':
    'Dijkstra over the planned links, for the same (item, node) pairs, with no time for validation. The ratio to it is p99 over p99.',
  route:
    'How a copy came: `push` over a gossip stream, `iwant` over a gossip stream because the node had asked that peer for it (IWANT), `request` in the answer to a request of the node (catch-up, missing parent, comparison of pools), `local` from its own RPC or sealer, `block` inside a block: the transaction had not come before the block that holds it.',
  'bytes received':
    'All bytes of frames on gossip streams, counted by the node itself. They are the sum of first copies accepted, duplicates, refused copies, copies whose verdict was still open at the end, and the rest: control messages, subscriptions, framing and what the router dropped by itself. What came in answers to requests is not on these streams and is counted apart.',
  'bytes per byte delivered':
    'Bytes received on gossip streams over the bytes of accepted first copies that came over them.',
  'mesh degree':
    'Mesh links of a peer on a topic, mean over peers and over readings during the run.',
  'load per core':
    'Processes that wanted a core of the machine over the last minute of the run, per core. Above 1, times hold waits for a processor.',
  'error of the clocks':
    'No figure is farther from the truth than this because of the clocks that it was read from; 0 where all was read from one clock.',
  'interval of a difference':
    'Percentile bootstrap over messages (over peers for bytes), 95 %: where the difference of two runs lies when their messages are drawn again. It does not hold what differs between runs of the same kind.',
}
