import { readFileSync } from 'node:fs'

interface PackageFile {
  readonly version: string
}

const packageFile = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as PackageFile

export const VERSION = packageFile.version

/** As `web3_clientVersion` answers: name, version, platform, runtime. */
export const CLIENT_VERSION = `grapevine/v${VERSION}/${process.platform}-${process.arch}/node${process.versions.node}`
