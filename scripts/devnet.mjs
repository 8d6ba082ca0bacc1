/** `node scripts/devnet.mjs ...`: sets up if needed, then `grapevine devnet ...`. */
import { grapevine } from './setup.mjs'

await grapevine(['devnet', ...process.argv.slice(2)])
