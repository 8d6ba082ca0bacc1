/** The options of the live dashboard and how a command starts it. */
import { InvalidArgumentError, type Command } from 'commander'
import { startDashboard, type Dashboard } from '../../dashboard/server/dashboard.ts'
import type { Devnet } from '../../devnet/devnet.ts'
import { FAULT_SETTINGS } from '../../devnet/faultSettings.ts'
import type { GivenSettings } from '../../node/settings/givenSettings.ts'
import { say } from '../terminal/output.ts'
import { UserError } from '../../lib/userError.ts'
import { BLOCKED_PORTS, BLOCKED_PORT_REASON } from '../../rpc/webPort.ts'

/** The options that concern the dashboard. */
export interface DashboardFlags {
  /** A port, or whether to have one at all. */
  readonly dashboard?: number | boolean
  readonly json?: boolean
}

/** Without a port named, the first of these that is free. */
const FIRST_PORT = 4747
const TRIES = 20
const MAX_PORT = 65_535

/** Adds the options of the dashboard to a command. */
export function dashboardOptions(command: Command): Command {
  return command
    .option(
      '--dashboard [port]',
      `serve a page on loopback that shows the network live and can cut, pause and kill peers (port ${FIRST_PORT}, or the next free one)`,
      portNumber,
    )
    .option('--no-dashboard', 'do not serve the live page')
}

/** Settings that the peers need so that the dashboard's buttons work. */
export function dashboardPeerSettings({ dashboard }: DashboardFlags): GivenSettings {
  return isWanted(dashboard) ? FAULT_SETTINGS : {}
}

/**
 * Runs `use` while the dashboard is up, if it is wanted. It ends first, so that its pages hear that
 * all ends.
 */
export async function withDashboard(
  devnet: Devnet,
  flags: DashboardFlags,
  use: (url: string | undefined) => Promise<void>,
): Promise<void> {
  if (!isWanted(flags.dashboard)) return use(undefined)
  const dashboard = await start(devnet, flags.dashboard)
  try {
    if (flags.json !== true) say(`dashboard: ${dashboard.url}`)
    await use(dashboard.url)
  } finally {
    await dashboard.close()
  }
}

function isWanted(dashboard: DashboardFlags['dashboard']): dashboard is number | true {
  return dashboard !== undefined && dashboard !== false
}

async function start(devnet: Devnet, dashboard: number | true): Promise<Dashboard> {
  if (dashboard === true) {
    try {
      return await startDashboard(devnet, { port: FIRST_PORT, tries: TRIES })
    } catch {
      return startDashboard(devnet, { port: 0, tries: 1 })
    }
  }
  try {
    return await startDashboard(devnet, { port: dashboard, tries: 1 })
  } catch (error) {
    throw new UserError(
      `the dashboard cannot have port ${dashboard}: choose another with --dashboard, or leave the number out for a free one`,
      { cause: error },
    )
  }
}

function portNumber(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (BLOCKED_PORTS.has(port))
    throw new InvalidArgumentError(`Choose another port: ${BLOCKED_PORT_REASON}.`)
  if (Number.isSafeInteger(port) && port <= MAX_PORT) return port
  throw new InvalidArgumentError(
    `Expected a port from 0 to ${MAX_PORT}, or nothing; a scenario goes before it.`,
  )
}
