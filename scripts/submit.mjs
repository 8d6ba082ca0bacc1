/** `node scripts/submit.mjs ...`: sets up if needed, then `grapevine submit ...`. */
import { grapevine } from './setup.mjs'

await grapevine(['submit', ...process.argv.slice(2)])
