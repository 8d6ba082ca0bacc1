/**
 * `npm run test:deploy`: a network of several hosts by the commands of docs/deploy.md, and the
 * files in deploy/ against their schemas. Needs Linux, root, and the tools that it names where they
 * are missing; checkers written in Python are installed into node_modules/.cache. Other arguments
 * go to vitest.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runSuite } from './runSuite.mjs'
import { root } from './setup.mjs'

const TOOLS = [
  'ip',
  'nft',
  'sysctl',
  'unshare',
  'nginx',
  'caddy',
  'openssl',
  'systemd-analyze',
  'python3',
]
const ENVIRONMENT = join(root, 'node_modules', '.cache', 'deploy-checkers')
const REQUIREMENTS = join(root, 'test', 'deploy', 'requirements.txt')

const missing = TOOLS.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
if (process.getuid?.() !== 0 || missing.length > 0) {
  const packages =
    'iproute2 nftables procps util-linux nginx-light caddy openssl systemd python3-venv'
  process.stderr.write(
    `test:deploy: needs root on Linux${missing.length > 0 ? `, and lacks ${missing.join(', ')}` : ''} (Debian: ${packages})\n`,
  )
  process.exit(2)
}
if (!existsSync(join(ENVIRONMENT, 'bin', 'kubernetes-validate'))) {
  run('python3', ['-m', 'venv', ENVIRONMENT])
  run(join(ENVIRONMENT, 'bin', 'pip'), ['install', '--quiet', '--requirement', REQUIREMENTS])
}
await runSuite('vitest.deploy.config.ts', process.argv.slice(2), {
  DEPLOY_CHECKERS: join(ENVIRONMENT, 'bin'),
})

/** @param {string} command @param {readonly string[]} args */
function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) process.exit(status ?? 1)
}
