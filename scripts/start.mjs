/**
 * `npm start`: a devnet of 8 peers, 300 transactions, the report; on a terminal it stays up and
 * shows itself live. Named first, a scenario takes the place of peers and load:
 * `npm start -- eight-regions --in-process`.
 */
import { grapevine } from './setup.mjs'

const given = process.argv.slice(2)
const isScenario = given[0] !== undefined && !given[0].startsWith('-')
const load = isScenario ? [] : ['--nodes', '8', '--txs', '300']
const saysDashboard = given.some((flag) => /^--(no-)?dashboard\b/.test(flag))
const live = process.stdout.isTTY && !saysDashboard ? ['--dashboard'] : []
await grapevine(['devnet', ...load, ...given, ...live])
