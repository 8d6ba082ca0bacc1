import { limitValues } from '../../p2p/limits.ts'
import { createRouter } from '../../p2p/router/gossipsub.ts'
import { MessageIds } from '../../p2p/router/messageIds.ts'
import { routerParameters } from '../../p2p/router/routerDefaults.ts'
import { ITEM_KINDS } from '../../item/itemKinds.ts'
import { topicOptions } from '../../p2p/router/topics.ts'
import { simPeerId } from '../links/simPeerId.ts'
import { componentsOf, simRouter, type SimRouter } from '../links/routerAccess.ts'

/**
 * A router that nobody uses, to reach the classes of its parts: the package does not export them.
 */
export function sampleRouter(): SimRouter {
  const topics = [topicOptions('sample', ITEM_KINDS.tx)]
  const options = {
    topics,
    profile: 'devnet',
    limits: limitValues('devnet'),
    parameters: routerParameters(),
  } as const
  const make = createRouter(options, new MessageIds(topics))
  return simRouter(make(componentsOf(simPeerId(0, 0))))
}
