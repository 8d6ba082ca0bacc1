/** `npm start`: a devnet of 8 peers, 300 transactions, the report; on a terminal it stays up and shows itself live. */
import { grapevine } from './setup.mjs'

const live = process.stdout.isTTY ? ['--dashboard'] : []
await grapevine(['devnet', ...live, '--nodes', '8', '--txs', '300', ...process.argv.slice(2)])
