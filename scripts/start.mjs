/** `npm start`: a devnet of 8 peers, 300 transactions, the report; stays up on a terminal. */
import { grapevine } from './setup.mjs'

await grapevine(['devnet', '--nodes', '8', '--txs', '300', ...process.argv.slice(2)])
