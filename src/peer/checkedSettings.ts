/**
 * What can be said against settings before anything starts, by those who know what the settings
 * name.
 */
import { messageOf } from '../lib/assert.ts'
import { SettingsError } from '../node/settings/settingsError.ts'
import type { Settings } from '../node/settings/settings.ts'
import { checkPeerAddress } from '../p2p/peers/peerAddress.ts'
import { routerSetting } from './routerSetting.ts'

/**
 * Throws a {@link SettingsError} for parameters of the router that there are not, and for bootnodes
 * that nobody can dial.
 */
export function checkSettings(settings: Settings): void {
  routerSetting(settings)
  for (const address of settings.bootnodes) {
    try {
      checkPeerAddress(address)
    } catch (error) {
      throw new SettingsError(`--bootnodes: ${messageOf(error)}`)
    }
  }
}
