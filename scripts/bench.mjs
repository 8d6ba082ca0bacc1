/** `npm run bench`: sets up if needed, then runs the paired benchmarks and prints their ratios. */
import { grapevine } from './setup.mjs'

await grapevine(['bench', ...process.argv.slice(2)])
