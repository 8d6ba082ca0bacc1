/** Networks as plans, for tests. */
import type { LinkPlan, NetworkPlan, NodePlan } from '../../src/scenario/networkPlan.ts'

/** So many nodes in a row, each linked to the next. */
export function linePlan(nodes: number, latencyMs: number): NetworkPlan {
  return {
    nodes: Array.from({ length: nodes }, (_, index) => nodePlan(index)),
    links: Array.from({ length: nodes - 1 }, (_, index) => linkPlan(index, index + 1, latencyMs)),
  }
}

/** The first node linked to all others. */
export function starPlan(nodes: number, latencyMs: number): NetworkPlan {
  return {
    nodes: Array.from({ length: nodes }, (_, index) => nodePlan(index)),
    links: Array.from({ length: nodes - 1 }, (_, index) => linkPlan(0, index + 1, latencyMs)),
  }
}

export function nodePlan(index: number, changes: Partial<NodePlan> = {}): NodePlan {
  return { index, region: undefined, settings: {}, ...changes }
}

export function linkPlan(a: number, b: number, latencyMs: number): LinkPlan {
  return { a, b, shape: { latencyMs, jitterMs: 0, lossRate: 0 } }
}
