import type { GenesisJson } from '../../src/chain/genesis/devnetGenesis.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { Sealer } from '../../src/node/sealer.ts'
import { testChain, testSigners } from './chain.ts'
import { gossipNode } from './gossipNode.ts'
import { signedTransfer } from './tx.ts'

/** A node that seals, on a chain whose Clique configuration is this. */
export function sealingNode(clique: object, signers = 1) {
  const file = (json: GenesisJson) => ({ ...json, config: { ...json.config, clique } })
  const node = gossipNode({ chain: testChain({ signers, file }) })
  const [signer] = testSigners(signers)
  if (signer === undefined) throw new Error('there is a signer')
  const sealer = new Sealer({
    ...node,
    random: seededRandom(1),
    log: silentLogger,
    privateKey: signer.privateKey,
  })
  sealer.start()
  const { hub, chain } = node
  return {
    ...node,
    sealer,
    submit: (nonce: bigint, from = 0) =>
      node.relay.submit('tx', signedTransfer({ nonce, from }).raw, 'rpc'),
    /** Lets time pass a second at a time. */
    pass: async (seconds: number) => {
      await hub.run(seconds * 1_000, 1_000)
    },
    sealed: () => Number(chain.head.header.number),
  }
}
