import { fileURLToPath } from 'node:url'
import type * as Library from '../../src/index.ts'

/**
 * The built library, typed as its sources are: what is started in processes is the built program
 * beside it.
 */
export async function builtLibrary(): Promise<typeof Library> {
  const file = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
  const library: typeof Library = await import(file)
  return library
}
