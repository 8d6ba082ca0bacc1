/**
 * Where each peer is drawn: a few on a circle, many by forces between them (Fruchterman and
 * Reingold, "Graph Drawing by Force-directed Placement", 1991). The same peers and links always
 * come to the same places.
 */
import type { Point } from '../model/terms.ts'

/** More than this are hard to tell apart on a circle. */
const MAX_ON_CIRCLE = 24
const ROUNDS = 200
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5))
/** Distance from the edge of the unit square. */
const MARGIN = 0.06
/** Neighbours stand apart by at least this part of what an even spread would give. */
const LEAST_GAP = 0.8

/** Part of the peers that may stand outside the drawing on each side before it is stretched. */
const OUTSIDE = 0.03
/** Pull towards the middle, as a part of the distance from it. */
const GRAVITY = 2

type Vector = { x: number; y: number }

/** Places in the unit square by index, for `count` peers with links between them. */
export function placesOf(count: number, links: readonly (readonly [number, number])[]): Point[] {
  const points = count <= MAX_ON_CIRCLE ? circle(count) : drawnByForces(count, links)
  return points.map(({ x, y }) => [rounded(x), rounded(y)])
}

/** Clockwise from the top. */
function circle(count: number): Vector[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = (2 * Math.PI * index) / Math.max(1, count) - Math.PI / 2
    const radius = count === 1 ? 0 : 0.5 - MARGIN
    return { x: 0.5 + radius * Math.cos(angle), y: 0.5 + radius * Math.sin(angle) }
  })
}

function drawnByForces(count: number, links: readonly (readonly [number, number])[]): Vector[] {
  const points = sunflower(count)
  const distance = Math.sqrt(1 / count)
  for (let round = 0; round < ROUNDS; round++) {
    const pushes = repulsion(points, distance)
    attract(points, links, pushes, distance)
    gather(points, pushes)
    move(points, pushes, 0.1 * (1 - round / ROUNDS))
  }
  spread(points)
  hold(points)
  const least = LEAST_GAP * distance * (1 - 2 * MARGIN)
  for (let round = 0; round < ROUNDS && separate(points, least); round++) hold(points)
  return points
}

/** Evenly over a disc, in a spiral. */
function sunflower(count: number): Vector[] {
  return Array.from({ length: count }, (_, index) => {
    const radius = 0.5 * Math.sqrt((index + 0.5) / count)
    const angle = index * GOLDEN_ANGLE
    return { x: 0.5 + radius * Math.cos(angle), y: 0.5 + radius * Math.sin(angle) }
  })
}

function repulsion(points: readonly Vector[], distance: number): Vector[] {
  return points.map((at) => {
    const push = { x: 0, y: 0 }
    for (const other of points) {
      if (other === at) continue
      const [dx, dy] = [at.x - other.x, at.y - other.y]
      const square = Math.max(dx * dx + dy * dy, 1e-9)
      push.x += (dx * distance * distance) / square
      push.y += (dy * distance * distance) / square
    }
    return push
  })
}

function attract(
  points: readonly Vector[],
  links: readonly (readonly [number, number])[],
  pushes: readonly Vector[],
  distance: number,
): void {
  const degree = Math.max(1, links.length / points.length)
  for (const [a, b] of links) {
    const [from, to, push, back] = [points[a], points[b], pushes[a], pushes[b]]
    if (from === undefined || to === undefined || push === undefined || back === undefined) continue
    const [dx, dy] = [from.x - to.x, from.y - to.y]
    const pull = Math.hypot(dx, dy) / (distance * degree)
    push.x -= dx * pull
    push.y -= dy * pull
    back.x += dx * pull
    back.y += dy * pull
  }
}

/** Towards the middle, or a peer without links would fly off and leave the others little room. */
function gather(points: readonly Vector[], pushes: readonly Vector[]): void {
  for (const [index, at] of points.entries()) {
    const push = pushes[index]
    if (push === undefined) continue
    push.x += (0.5 - at.x) * GRAVITY
    push.y += (0.5 - at.y) * GRAVITY
  }
}

/** By the push of each, at most `reach` far. */
function move(points: readonly Vector[], pushes: readonly Vector[], reach: number): void {
  for (const [index, at] of points.entries()) {
    const push = pushes[index] ?? { x: 0, y: 0 }
    const length = Math.max(Math.hypot(push.x, push.y), 1e-9)
    const step = Math.min(length, reach) / length
    at.x += push.x * step
    at.y += push.y * step
  }
}

/**
 * Stretches the drawing over the square. The few that stand farthest out do not say how far: they
 * come to its edge.
 */
function spread(points: readonly Vector[]): void {
  const beyond = Math.ceil(OUTSIDE * points.length)
  for (const axis of ['x', 'y'] as const) {
    const values = points.map((at) => at[axis]).toSorted((a, b) => a - b)
    const [least = 0, most = 1] = [values[beyond], values.at(-1 - beyond)]
    const scale = (1 - 2 * MARGIN) / Math.max(most - least, 1e-9)
    for (const at of points) at[axis] = MARGIN + (at[axis] - least) * scale
  }
}

/** Pushes those apart that stand too close; answers whether there were any. */
function separate(points: readonly Vector[], least: number): boolean {
  let moved = false
  for (const [index, at] of points.entries()) {
    for (const other of points.slice(index + 1)) {
      const [dx, dy] = [at.x - other.x || 1e-6, at.y - other.y || 1e-6]
      const gap = Math.hypot(dx, dy)
      if (gap >= least) continue
      const share = (least - gap) / (2 * gap)
      at.x += dx * share
      at.y += dy * share
      other.x -= dx * share
      other.y -= dy * share
      moved = true
    }
  }
  return moved
}

function hold(points: readonly Vector[]): void {
  for (const at of points) {
    at.x = Math.min(1 - MARGIN, Math.max(MARGIN, at.x))
    at.y = Math.min(1 - MARGIN, Math.max(MARGIN, at.y))
  }
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
