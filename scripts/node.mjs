/** `node scripts/node.mjs ...`: sets up if needed, then `grapevine node ...`. */
import { grapevine } from './setup.mjs'

await grapevine(['node', ...process.argv.slice(2)])
