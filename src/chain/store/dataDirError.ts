/** A data directory that this node may not use; the message is the one line its owner sees. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError'
}
