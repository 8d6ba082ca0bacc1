import { expect, test } from 'vitest'
import { missingMeshPeers, type MeshedPeer } from '../../src/devnet/meshes.ts'

const AIM = { D: 8, Dlo: 6, Dhi: 12 }
const TARGET = 'newcomer'

function others(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `peer ${index}`)
}

/** A network of one that is looked at and others, each with a mesh of so many. */
function lackingAmong(
  othersCount: number,
  othersMesh: number,
  own: { readonly mesh: number; readonly connected: number; readonly planned?: number },
): number {
  const peer = (peerId: string, mesh: number, connected: number): MeshedPeer => ({
    index: 0,
    peerId,
    aim: AIM,
    planned: own.planned === undefined ? undefined : others(own.planned),
    meshes: [{ mesh: new Set(others(mesh)), subscribers: others(connected) }],
  })
  const newcomer = peer(TARGET, own.mesh, own.connected)
  const all = [newcomer, ...others(othersCount).map((id) => peer(id, othersMesh, othersCount))]
  return missingMeshPeers(newcomer, new Map(all.map((one) => [one.peerId, one])))
}

test('a mesh as large as the router aims for lacks nobody', () => {
  expect(lackingAmong(20, 8, { mesh: 6, connected: 16 })).toBe(0)
})

test('a mesh lacks those whose own mesh has room for it', () => {
  expect(lackingAmong(20, 5, { mesh: 3, connected: 16 })).toBe(3)
})

test('a mesh lacks nobody where all that its node has found have full meshes', () => {
  expect(lackingAmong(20, 12, { mesh: 3, connected: 16 })).toBe(0)
})

test('a mesh lacks nobody of those that had to refuse others and are content', () => {
  expect(lackingAmong(20, 7, { mesh: 3, connected: 16 })).toBe(0)
})

test('a mesh lacks content ones that never had to refuse anybody', () => {
  expect(lackingAmong(9, 7, { mesh: 3, connected: 9 })).toBe(3)
})

test('a node that has found too few for a mesh may still find those with room', () => {
  expect(lackingAmong(20, 5, { mesh: 1, connected: 2 })).toBe(5)
})

test('a mesh of planned links lacks only peers that are planned', () => {
  expect(lackingAmong(20, 5, { mesh: 1, connected: 1, planned: 2 })).toBe(1)
})

test('a node that is in no topic yet lacks a mesh', () => {
  const empty: MeshedPeer = { index: 0, peerId: TARGET, aim: AIM, planned: undefined, meshes: [] }
  const other: MeshedPeer = { ...empty, peerId: 'peer 0' }
  const byId = new Map([empty, other].map((one) => [one.peerId, one]))
  expect(missingMeshPeers(empty, byId)).toBe(1)
})
