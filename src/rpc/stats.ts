/** What the server counts, for metrics: bounded, because methods and codes are. */
export interface RpcStats {
  /** Calls by method; unknown methods count together as `unknown`. */
  readonly calls: ReadonlyMap<string, number>
  /** Error answers by code. */
  readonly errors: ReadonlyMap<number, number>
  readonly connections: number
  readonly webSockets: number
  /** WebSocket connections ended because the client did not read. */
  readonly slowReaders: number
  /** Connections and upgrades turned away: too many, wrong host, wrong origin. */
  readonly refusedConnections: number
}

/** The counters behind {@link RpcStats}. */
export class RpcCounters {
  readonly calls = new Map<string, number>()
  readonly errors = new Map<number, number>()
  slowReaders = 0
  refusedConnections = 0

  called(method: string): void {
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1)
  }

  failed(code: number): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1)
  }
}
