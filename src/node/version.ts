import { readFileSync } from 'node:fs'

interface PackageFile {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
}

const packageFile = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as PackageFile

/** The version of this program, from its package file. */
export const VERSION = packageFile.version

/**
 * What a message passes through on its way, by package: pinned, so that what is named is what runs.
 */
const CARRIERS = [
  'libp2p',
  '@chainsafe/libp2p-gossipsub',
  '@libp2p/noise',
  '@libp2p/tcp',
  '@libp2p/yamux',
]

/** Versions of the packages that carry the messages, printed with every measurement. */
export const CARRIER_VERSIONS: Readonly<Record<string, string>> = Object.fromEntries(
  CARRIERS.map((name) => [name, packageFile.dependencies[name] ?? 'none']),
)

/** As `web3_clientVersion` answers: name, version, platform, runtime. */
export const CLIENT_VERSION = `grapevine/v${VERSION}/${process.platform}-${process.arch}/node${process.versions.node}`

/** The version as one number, which rises with it: 1,002,003 is 1.2.3. */
export const VERSION_NUMBER = VERSION.split('.')
  .slice(0, 3)
  .reduce((number, part) => 1_000 * number + Number.parseInt(part, 10), 0)
