import { UserError } from '../../lib/userError.ts'

/** Something the user wrote cannot be used; the message says what to do about it. */
export class SettingsError extends UserError {
  override readonly name = 'SettingsError'
}
