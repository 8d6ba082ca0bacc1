/** `node scripts/inspect.mjs ...`: sets up if needed, then `grapevine inspect ...`. */
import { grapevine } from './setup.mjs'

await grapevine(['inspect', ...process.argv.slice(2)])
