/** `grapevine node`: one peer, until it is asked to end. */
import { Command } from 'commander'
import { checkSettings } from '../peer/checkedSettings.ts'
import { runPeer, type RunningPeer } from '../peer/runningPeer.ts'
import { describeNode } from '../peer/describeNode.ts'
import { systemClock } from '../lib/clock.ts'
import { watchEventLoop } from '../lib/eventLoop.ts'
import { createLogger } from '../lib/log.ts'
import { resolveSettings } from '../node/settings/resolvedSettings.ts'
import { withKeptChain } from '../node/keptChain.ts'
import type { Settings } from '../node/settings/settings.ts'
import { showCatchUp } from './terminal/catchUpBar.ts'
import { untilStopRequested } from './terminal/lifetime.ts'
import { refuseFlags } from './options/applies.ts'
import { addSettingOptions, pathName, settingFlags } from './options/options.ts'
import { logLine, writeJson, writeText } from './terminal/output.ts'

interface NodeFlags extends Readonly<Record<string, unknown>> {
  readonly json?: boolean
  readonly settings?: string
}

/** The command `node`. */
export function nodeCommand(): Command {
  return addSettingOptions(new Command('node'))
    .description(
      'run one peer; settings come from flags, a file, the environment, .env and defaults, in this order',
    )
    .option(
      '--settings <file>',
      'settings by name in a JSON file, such as the settings.json of a peer of a devnet; flags win over it, and it wins over the environment',
      pathName,
    )
    .option('--json', 'write "ready" as a line of JSON')
    .action(runNode)
}

async function runNode(flags: NodeFlags, command: Command): Promise<void> {
  const ended = untilStopRequested()
  const settings = withKeptChain(
    resolveSettings(settingFlags(flags), { settingsFile: flags.settings }),
  )
  refuseUnused(command, settings)
  checkSettings(settings)
  const log = createLogger(settings.logLevel, {}, logLine)
  const stopWatching = watchEventLoop({ log })
  const hosted = await runPeer(settings, log)
  if (flags.json) writeJson({ event: 'ready', ...describeNode(hosted) })
  else writeText(readyText(hosted))
  const stopShowing = showCatchUp(systemClock, () => hosted.node.sync.progress())
  await ended
  stopShowing()
  await hosted.stop()
  stopWatching()
}

/**
 * Settings of a server that is off, or of a store that there is none of. From the environment they
 * may stay.
 */
function refuseUnused(command: Command, { rpc, metrics, dataDir, otlp }: Settings): void {
  const ofRpc = ['rpcHost', 'rpcPort', 'rpcOrigins', 'rpcHosts', 'rpcFeeCap', 'admin']
  if (!rpc) refuseFlags(command, ofRpc, 'has no effect with --rpc false')
  if (!metrics)
    refuseFlags(command, ['metricsHost', 'metricsPort'], 'has no effect with --metrics false')
  if (dataDir === '') refuseFlags(command, ['journalSync'], 'has no effect without --data-dir')
  if (otlp === '') refuseFlags(command, ['otlpShare'], 'has no effect without --otlp')
}

function readyText({ node, network, rpc, metrics, keptIn }: RunningPeer): string {
  return [
    `chain id  ${node.chain.chainId}, genesis ${node.chain.genesis.hash}`,
    ...network.addresses().map((address) => `listening ${address}`),
    `JSON-RPC  ${rpc?.url ?? 'off'}`,
    `metrics   ${metrics?.url ?? 'off'}`,
    `data      ${keptIn ?? 'kept nowhere'}`,
    'Press Ctrl-C to end.',
    '',
  ].join('\n')
}
