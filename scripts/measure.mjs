/** `node scripts/measure.mjs ...`: sets up if needed, then `grapevine measure ...`. */
import { grapevine } from './setup.mjs'

await grapevine(['measure', ...process.argv.slice(2)])
