/**
 * The files in deploy/: against their schemas, against each other, and the proxies before a node.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'

const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url))
const KUBERNETES = join(DEPLOY, 'kubernetes')
/** Kinds of extensions, of which the schemas of Kubernetes know nothing. */
const EXTENSIONS = ['kustomization.yaml', 'pod-monitor.yaml']

/** A manifest, as far as it is looked at here. */
interface Manifest {
  readonly kind: string
  readonly metadata?: { readonly name: string }
  readonly spec?: {
    readonly replicas?: number
    readonly serviceName?: string
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> }
    readonly podMetricsEndpoints?: readonly { readonly port: string }[]
    readonly template?: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> }
      readonly spec: {
        readonly containers: readonly {
          readonly image: string
          readonly ports: readonly { readonly name: string }[]
        }[]
      }
    }
  }
}

interface Kustomization {
  readonly resources: readonly string[]
  readonly images: readonly { readonly name: string }[]
  readonly secretGenerator: readonly { readonly name: string; readonly files: readonly string[] }[]
}

function checked(
  checker: string,
  ...args: readonly string[]
): { status: number | null; output: string } {
  const command = join(process.env['DEPLOY_CHECKERS'] ?? '', checker)
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (error !== undefined) throw error
  return { status, output: status === 0 ? '' : `${stdout}${stderr}` }
}

const right = { status: 0, output: '' }
const manifests = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(join(KUBERNETES, file), 'utf8')).map(
    (one) => one.toJS() as Manifest,
  )
const kustomization = manifests('kustomization.yaml')[0] as unknown as Kustomization

describe('the files of deploy/', () => {
  test('have an image that a linter of container files finds nothing against', () => {
    expect(checked('hadolint', join(DEPLOY, 'Containerfile'))).toEqual(right)
  })

  test('have a compose file as the compose specification wants it', () => {
    const schema = ['--builtin-schema', 'vendor.compose-spec']
    expect(checked('check-jsonschema', ...schema, join(DEPLOY, 'compose.yaml'))).toEqual(right)
  })

  test.each(
    readdirSync(KUBERNETES).filter((file) => file.endsWith('.yaml') && !EXTENSIONS.includes(file)),
  )('have %s as the schemas of Kubernetes want it', (file) => {
    expect(checked('kubernetes-validate', '--strict', join(KUBERNETES, file))).toEqual(right)
  })

  test('have a kustomization that names files, images and keys that are there', () => {
    const sets = [...manifests('signers.yaml'), ...manifests('relays.yaml')]
    const services = manifests('services.yaml').map(({ metadata }) => metadata?.name)
    const files = readdirSync(KUBERNETES)
    expect(kustomization.resources.filter((file) => !files.includes(file))).toEqual([])
    const images = kustomization.images.map(({ name }) => name)
    for (const { spec } of sets) {
      expect(services).toContain(spec?.serviceName)
      expect(images).toContain(spec?.template?.spec.containers[0]?.image)
      expect(spec?.template?.metadata.labels).toEqual(spec?.selector?.matchLabels)
    }
    const replicas = sets[0]?.spec?.replicas ?? 0
    const wanted = Array.from({ length: replicas }, (_, index) => [
      `signer-${index}.env=network/signer-${index}.signers/.env`,
      `signer-${index}.key=network/signer-${index}.signers/data/peer.key`,
    ]).flat()
    expect(replicas).toBeGreaterThan(0)
    expect(kustomization.secretGenerator[0]?.files).toEqual(wanted)
  })

  test('have a pod monitor for a port that every pod has', () => {
    const [monitor] = manifests('pod-monitor.yaml')
    const ports = monitor?.spec?.podMetricsEndpoints?.map(({ port }) => port)
    expect(ports).toHaveLength(1)
    expect(monitor?.spec?.selector?.matchLabels).toEqual({ app: 'grapevine' })
    for (const { spec } of [...manifests('signers.yaml'), ...manifests('relays.yaml')]) {
      expect(spec?.template?.metadata.labels).toMatchObject({ app: 'grapevine' })
      const names = spec?.template?.spec.containers.flatMap((one) =>
        one.ports.map(({ name }) => name),
      )
      expect(names).toEqual(expect.arrayContaining([...(ports ?? [])]))
    }
  })

  test('have a service that systemd understands and finds well confined', () => {
    const text = readFileSync(join(DEPLOY, 'systemd', 'grapevine.service'), 'utf8')
    const unit = join(mkdtempSync(join(tmpdir(), 'grapevine-unit-')), 'grapevine.service')
    writeFileSync(unit, text.replace('/usr/local/bin/grapevine', process.execPath))
    const { stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
    expect(stderr).toBe('')
    const confined = spawnSync('systemd-analyze', [
      'security',
      '--offline=true',
      '--threshold=20',
      unit,
    ])
    expect(confined.status).toBe(0)
    rmSync(join(unit, '..'), { recursive: true })
  })
})
