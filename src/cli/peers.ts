/**
 * `grapevine peers`: many nodes in this process, for a devnet that has started it. Not for people.
 */
import { Command } from 'commander'
import { isProcessOrder } from '../devnet/sharedProcessMessages.ts'
import { ProcessNodes } from '../devnet/processNodes.ts'
import { watchEventLoop } from '../lib/eventLoop.ts'
import { createLogger } from '../lib/log.ts'
import { keptChain } from '../node/keptChain.ts'
import { completeSettings, settingsOfDocument } from '../node/settings/givenSettings.ts'
import type { Settings } from '../node/settings/settings.ts'
import { untilStopRequested } from './terminal/lifetime.ts'
import { UserError } from '../lib/userError.ts'

/** The command `peers`. */
export function peersCommand(): Command {
  return new Command('peers')
    .description('run the nodes that the process which started this one asks for')
    .action(runPeers)
}

async function runPeers(): Promise<void> {
  if (process.send === undefined)
    throw new UserError('peers is started by "grapevine devnet --in-process"; run "grapevine node"')
  const ended = untilStopRequested()
  const nodes = await ProcessNodes.create({
    readSettings,
    tell: (notice) => process.send?.(notice),
  })
  process.on('message', (message: unknown) => {
    if (isProcessOrder(message)) void nodes.obey(message)
  })
  const stopWatching = watchEventLoop({ log: createLogger('warn') })
  process.send({ notice: 'up', index: -1 })
  await ended
  await nodes.stop()
  stopWatching()
}

/** Nodes of a devnet are configured by what it sends alone. */
function readSettings(given: unknown): Settings {
  const settings = settingsOfDocument(given, 'the settings of a peer')
  return completeSettings({ ...keptChain(settings.dataDir ?? ''), ...settings })
}
