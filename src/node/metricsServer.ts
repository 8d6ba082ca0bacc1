/** Prometheus metrics over HTTP, and whether the node is ready. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import { healthStatus, type Health } from '../rpc/server/health.ts'
import { SettingsError } from './settings/settingsError.ts'

/** The server of metrics while it runs. */
export interface MetricsServer {
  readonly url: string
  close(): Promise<void>
}

/** What the pages show. */
export interface MetricsPages {
  readonly registry: Registry
  readonly health: () => Health
}

/**
 * Serves `registry` at /metrics and what `health` says at /health; throws a {@link SettingsError}
 * for a port that is taken.
 */
export async function startMetricsServer(
  { registry, health }: MetricsPages,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/health') {
      const state = health()
      response.writeHead(healthStatus(state), { 'content-type': 'application/json' })
      response.end(JSON.stringify(state.body))
      return
    }
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end('metrics are at /metrics, readiness at /health\n')
      return
    }
    registry.metrics().then(
      (page) => response.writeHead(200, { 'content-type': registry.contentType }).end(page),
      () => response.writeHead(500).end('the metrics could not be collected\n'),
    )
  })
  await listen(server, host, port)
  const address = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/metrics`,
    close: () => close(server),
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const problem =
        error.code === 'EADDRINUSE'
          ? `port ${port} on ${host} is in use`
          : `metrics cannot be served on ${host}:${port}: ${error.message}`
      reject(new SettingsError(`${problem}: choose another with --metrics-port or --metrics-host`))
    })
    server.listen(port, host, resolve)
  })
}

function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}
