/**
 * The entry of the verifier's thread: says which implementation it runs, then answers batches in
 * their order.
 */
import '../lib/polyfill.ts'
import { parentPort } from 'node:worker_threads'
import { assert } from '../lib/assert.ts'
import { answerRequests } from './recoveryBatch.ts'
import { secp256k1 } from './secp256k1.ts'

assert(parentPort !== null, 'verifierWorker runs as a worker thread')
const port = parentPort

port.on('message', (packed: ArrayBuffer) => {
  const answers = answerRequests(packed)
  port.postMessage(answers, [answers])
})
port.postMessage(secp256k1.path)
