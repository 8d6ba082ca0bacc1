/**
 * The code of a system's or the store's error, such as `ENOSPC`; of what caused it, where it has
 * none itself.
 */
export function errorCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const cause = errorCodeOf(error.cause)
  if (cause !== undefined) return cause
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
