/** The command line with every command that it can be asked for. */
import '../lib/polyfill.ts'
import { programFor } from './program.ts'
import { runProgram } from './start/runProgram.ts'

await runProgram(() => programFor(process.argv.slice(2)))
