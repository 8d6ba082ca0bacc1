/**
 * Received bytes as their keeper should have them: a plain Uint8Array, since `slice` of the Buffer that comes from a
 * stream would not copy, and of their own where they are a small view into a larger read, which they would keep alive.
 */
export function plainBytes(data: Uint8Array): Uint8Array {
  if (data.buffer.byteLength > 2 * data.length) return new Uint8Array(data)
  return new Uint8Array(data.buffer, data.byteOffset, data.length)
}
