/** Something the user wrote or asked for cannot be done; its message is the one line they see. */
export class UserError extends Error {
  override readonly name: string = 'UserError'
}
