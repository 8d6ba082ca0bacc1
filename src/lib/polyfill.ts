/**
 * `Promise.withResolvers` for Node 20: libp2p 3 calls it, Node has it from version 22.
 * Must be the first import of every entry: programs, worker threads, child processes and tests.
 */
if (typeof Promise.withResolvers !== 'function') {
  Promise.withResolvers = function withResolvers<T>() {
    let resolve!: (value: T | PromiseLike<T>) => void
    let reject!: (reason?: unknown) => void
    const promise = new Promise<T>((onResolve, onReject) => {
      resolve = onResolve
      reject = onReject
    })
    return { promise, resolve, reject }
  }
}

export {}
