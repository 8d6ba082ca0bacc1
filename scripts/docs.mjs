/**
 * `npm run docs`: writes the reference in docs/ and .env.example from the program's own data, and
 * the picture of the report from docs/report.json. With `--measure` it first makes that report
 * anew: 8 peers, 300 transactions, about 25 s; the machine should have nothing else to do.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, setUp } from './setup.mjs'

await setUp()
const { referencePages, reportPicture } = await import('../dist/cli/docs/docs.js')
const { readReport, writeReport } = await import('../dist/measure/reportFile.js')
const { envExample } = await import('../dist/node/settings/resolvedSettings.js')
const { apiReport } = await import('./apiReport.mjs')
const reportFile = join(root, 'docs', 'report.json')

if (process.argv.includes('--measure')) writeFileSync(reportFile, measure())
for (const { file, markdown } of await referencePages())
  writeFileSync(join(root, 'docs', file), markdown)
writeFileSync(join(root, '.env.example'), envExample())
writeFileSync(join(root, 'docs', 'library.api.md'), apiReport())
const report = readReport(readFileSync(reportFile, 'utf8'))
writeFileSync(join(root, 'docs', 'report.svg'), reportPicture(report))

function measure() {
  const main = join(root, 'dist', 'cli', 'main.js')
  const { status, stdout } = spawnSync(process.execPath, [main, 'measure', '--json'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) process.exit(status ?? 1)
  return writeReport(readReport(stdout))
}
