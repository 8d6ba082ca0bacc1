/** The command line with all its commands. */
import '../lib/polyfill.ts'
import { runProgram } from './runProgram.ts'

await runProgram(async () => {
  const { program } = await import('./program.ts')
  return program()
})
