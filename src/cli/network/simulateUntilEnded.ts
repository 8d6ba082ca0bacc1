/** Simulations of commands: a wish to end them comes to the report of what has been. */
import type { Report } from '../../measure/report.ts'
import { launchSimulation, LostSimulation, type LaunchOptions } from '../../sim/launch.ts'
import { ownCommand } from '../ownCommand.ts'
import { unfinishedCode, untilStopRequested } from '../terminal/lifetime.ts'
import { clearProgress } from '../terminal/output.ts'

/**
 * The report of a simulation; `undefined` where its process was ended together with this one before
 * it could make any.
 */
export async function simulateUntilEnded(
  options: Omit<LaunchOptions, 'command' | 'ended'>,
): Promise<Report | undefined> {
  try {
    const ended = untilStopRequested()
    return await launchSimulation({ ...options, command: ownCommand(), ended })
  } catch (error) {
    if (error instanceof LostSimulation && unfinishedCode() !== undefined) return undefined
    throw error
  } finally {
    clearProgress()
  }
}
